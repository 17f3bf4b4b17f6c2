"""Reads of rounds, for a member: what is announced to all, and what it has said itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from procurement.rounds.choices import CommitmentStatus, RoundStatus
from procurement.rounds.models import Commitment, Round, RoundLine
from procurement.suppliers.selectors import is_member


def rounds_page(
    *,
    actor: Actor,
    limit: int,
    after: MomentKey | None = None,
    status: str | None = None,
    updated_since: datetime | None = None,
) -> list[Round]:
    """The rounds that are announced, with their lines, by time and key; none for a supplier."""
    rows = changed_since(_announced(actor), kind="round", firm_id=actor.firm_id, since=updated_since)
    if status is not None:
        rows = rows.filter(status=status)
    return page_after(rows, by="created_at", after=after, limit=limit)


def round_get(*, actor: Actor, round_id: UUID) -> Round:
    """One of them. Raises NotFound, NotPermitted."""
    row = _announced(actor).filter(pk=round_id).first()
    if row is None:
        raise NotFound
    return row


def commitments_page(
    *,
    actor: Actor,
    limit: int,
    after: MomentKey | None = None,
    round_id: UUID | None = None,
    updated_since: datetime | None = None,
) -> list[Commitment]:
    """The firm's own commitments, the withdrawn ones too, by time and key."""
    rows = changed_since(_own(actor), kind="commitment", firm_id=actor.firm_id, since=updated_since)
    if round_id is not None:
        rows = rows.filter(line__round_id=round_id)
    return _with_codes(page_after(rows, by="created_at", after=after, limit=limit))


def commitment_get(*, actor: Actor, commitment_id: UUID) -> Commitment:
    """One of them. Raises NotFound, NotPermitted."""
    return _one(_own(actor).filter(pk=commitment_id))


def commitment_of_line(*, actor: Actor, round_id: UUID, number: int) -> Commitment:
    """The firm's own of a round's line. Raises NotFound where it has said nothing, NotPermitted."""
    return _one(_own(actor).filter(line__round_id=round_id, line__number=number))


def firms_without_answer(*, round_id: UUID) -> list[Firm]:
    """The members that have no commitment in a round: whom to remind. As the reader sees them."""
    answered = Commitment.objects.filter(line__round_id=round_id, status=CommitmentStatus.SUBMITTED).values("firm_id")
    return list(Firm.objects.filter(status=FirmStatus.MEMBER).exclude(pk__in=answered).order_by("code"))


def _announced(actor: Actor) -> QuerySet[Round]:
    lines = RoundLine.objects.select_related("material", "progress").order_by("number")
    announced = Round.objects.filter(is_member(actor)).exclude(status=RoundStatus.DRAFT)
    return announced.prefetch_related(Prefetch("lines", lines))


def _own(actor: Actor) -> QuerySet[Commitment]:
    if actor.firm_id is None:
        raise NotPermitted
    rows = Commitment.objects.filter(firm_id=actor.firm_id).select_related("line", "line__material")
    return rows.annotate(reserve_fen_per_t=F("reserve__reserve_fen_per_t"))


def _one(rows: QuerySet[Commitment]) -> Commitment:
    found = _with_codes(rows[:1])
    if not found:
        raise NotFound
    return found[0]


def _with_codes(rows: Iterable[Commitment]) -> list[Commitment]:
    """The rows, each with `approved_codes`: which suppliers it approves of."""
    found = list(rows)
    keys = {key for row in found for key in row.approved_suppliers}
    codes = dict(Firm.objects.filter(pk__in=keys).values_list("pk", "code")) if keys else {}
    for row in found:
        row.approved_codes = sorted(codes[key] for key in row.approved_suppliers)  # type: ignore[attr-defined]
    return found
