"""Reads of what a round has brought: a firm its own shares, a supplier what it delivers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from procurement.awards.choices import PlanStatus
from procurement.awards.models import Allocation, AwardLine, FirmShare
from procurement.quotations.models import TenderLine
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round


def shares_of_round(*, actor: Actor, round_id: UUID) -> list[FirmShare]:
    """The firm's own shares of the award that is put to the firms or signed, by line. Raises NotFound, NotPermitted."""
    rows = _own(actor)
    if not Round.objects.filter(pk=round_id).exclude(status=RoundStatus.DRAFT).exists():
        raise NotFound
    present = rows.filter(line__round_id=round_id, status__in=(PlanStatus.PROPOSED, PlanStatus.AWARDED))
    return list(present.order_by("line__number"))


def share_get(*, actor: Actor, share_id: UUID) -> FirmShare:
    """One of them, also of an award that was set aside. Raises NotFound, NotPermitted."""
    row = _own(actor).filter(pk=share_id).first()
    if row is None:
        raise NotFound
    return row


def awards_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, updated_since: datetime | None = None
) -> list[AwardLine]:
    """What a supplier delivers of signed awards, by time and key, each with `asked`, its line of the request."""
    rows = changed_since(_delivered(actor), kind=AwardLine.feed.kind, firm_id=actor.firm_id, since=updated_since)
    return _with_lines(page_after(rows, by="created_at", after=after, limit=limit))


def award_get(*, actor: Actor, award_id: UUID) -> AwardLine:
    """One of them. Raises NotFound, NotPermitted."""
    found = _with_lines(_delivered(actor).filter(pk=award_id)[:1])
    if not found:
        raise NotFound
    return found[0]


def _own(actor: Actor) -> QuerySet[FirmShare]:
    if actor.firm_id is None:
        raise NotPermitted
    allocations = Allocation.objects.select_related("supplier").order_by("supplier__code")
    rows = FirmShare.objects.filter(firm_id=actor.firm_id).exclude(status=PlanStatus.CANDIDATE)
    return rows.select_related("line__round", "line__material").prefetch_related(Prefetch("allocations", allocations))


def _delivered(actor: Actor) -> QuerySet[AwardLine]:
    if actor.firm_id is None:
        raise NotPermitted
    asked = TenderLine.objects.filter(line_id=OuterRef("line_id"))
    return AwardLine.objects.filter(Exists(asked), supplier_id=actor.firm_id, awarded=True)


def _with_lines(rows: Iterable[AwardLine]) -> list[AwardLine]:
    """A supplier knows the request that it was asked by, and not the round."""
    found = list(rows)
    asked = {row.line_id: row for row in TenderLine.objects.filter(line_id__in={row.line_id for row in found})}
    for row in found:
        row.asked = asked[row.line_id]  # type: ignore[attr-defined]
    return found
