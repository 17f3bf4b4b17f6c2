"""A round as the association lays it down, and what it grants a single firm."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit, locks
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.firms.access import require
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm
from procurement.rounds.choices import NEXT, OPEN_STATUSES, RoundMode, RoundStatus
from procurement.rounds.models import (
    MOST_CODE,
    MOST_KG,
    MOST_REASON,
    MOST_TITLE,
    WHOLE_PERMILLE,
    Round,
    RoundLine,
    UseAllowance,
)

MOST_CAP_PERMILLE = 10_000
MOST_HOURS = 720
TIMES = ("firming_at", "demand_closes_at", "quotations_close_at")


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """Times on the park's clock: firming begins, commitments end, quotations end. Shares in per mille."""

    code: str
    title: str
    firming_at: datetime
    demand_closes_at: datetime
    quotations_close_at: datetime
    mode: str = RoundMode.EACH_SIGNS
    confirm_within_h: int = 48
    use_cap_permille: int = 1200
    greatest_supplier_share_permille: int = WHOLE_PERMILLE
    tolerance_permille: int = 3
    dispute_h: int = 48
    deposit_permille: int = 0


class RoundChanges(TypedDict, total=False):
    """What of a round may change: all in a draft, the times alone once it is announced, and later only."""

    title: str
    firming_at: datetime
    demand_closes_at: datetime
    quotations_close_at: datetime
    mode: str
    confirm_within_h: int
    use_cap_permille: int
    greatest_supplier_share_permille: int
    tolerance_permille: int
    dispute_h: int
    deposit_permille: int


@transaction.atomic
def round_create(*, actor: Actor, draft: RoundDraft) -> Round:
    """A draft, which no firm meets. Raises InvalidValue with a pointer to the field, NotPermitted."""
    require(actor, "round.create")
    row = Round(**asdict(draft))
    _check(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidValue(_("There is a round with this code."), pointer="/code") from error
    audit.record(actor=actor, verb="round.create", obj=row, firm_id=None, changes=asdict(draft))
    return row


@transaction.atomic
def round_change(*, actor: Actor, round_id: UUID, changes: RoundChanges) -> Round:
    """Raises InvalidValue, also for a time that would move earlier once firms were told; NotFound; NotAllowedInState
    for what is announced (all but times) or closed.
    """
    require(actor, "round.change")
    row = round_locked(round_id=round_id)
    told = audit.changed(row, dict(changes))
    if row.status != RoundStatus.DRAFT:
        if row.status not in OPEN_STATUSES or not set(told) <= set(TIMES):
            raise NotAllowedInState
        for name, change in told.items():
            if change.new < change.old:
                raise InvalidValue(_("Firms were told: it moves later only."), pointer=f"/{name}")
    for name, value in changes.items():
        setattr(row, name, value)
    _check(row)
    if told:
        row.save(update_fields=list(told))
        audit.record(actor=actor, verb="round.change", obj=row, firm_id=None, changes=told)
    return row


@transaction.atomic
def use_allowance_grant(
    *, actor: Actor, round_id: UUID, number: int, firm_id: UUID, most_kg: int, reason: str
) -> UseAllowance:
    """Lets a member commit to more of a line than its verified use allows. Raises InvalidValue, NotFound."""
    require(actor, "use_allowance.grant", Firm(pk=firm_id))
    row = round_locked(round_id=round_id)
    line = RoundLine.objects.filter(round=row, number=number).first()
    firm = Firm.objects.filter(pk=firm_id, status=FirmStatus.MEMBER).first()
    if line is None or firm is None:
        raise NotFound
    if row.status not in OPEN_STATUSES:
        raise NotAllowedInState
    check_whole_number(most_kg, MOST_KG, "/most_kg")
    check_text(reason, MOST_REASON, "/reason")
    allowance = UseAllowance.objects.create(firm=firm, line=line, most_kg=most_kg, reason=reason)
    changes = {"line": line.number, "most_kg": most_kg, "reason": reason}
    audit.record(actor=actor, verb="use_allowance.grant", obj=allowance, firm_id=firm_id, changes=changes)
    return allowance


def round_locked(*, round_id: UUID) -> Round:
    """The round as it is while nobody writes into it or moves it: read after its lock. Raises NotFound."""
    locks.lock_round(round_id)
    row = Round.objects.filter(pk=round_id).first()
    if row is None:
        raise NotFound
    return row


def may_move(row: Round, to: RoundStatus) -> bool:
    """Whether the table of moves leads there."""
    return to in NEXT[row.status]


def _check(row: Round) -> None:
    check_text(row.code, MOST_CODE, "/code")
    check_text(row.title, MOST_TITLE, "/title")
    if row.mode not in RoundMode.values:
        raise InvalidValue(pointer="/mode")
    whole: dict[str, tuple[Any, int, int]] = {
        "confirm_within_h": (row.confirm_within_h, MOST_HOURS, 1),
        "dispute_h": (row.dispute_h, MOST_HOURS, 1),
        "use_cap_permille": (row.use_cap_permille, MOST_CAP_PERMILLE, 1),
        "greatest_supplier_share_permille": (row.greatest_supplier_share_permille, WHOLE_PERMILLE, 1),
        "tolerance_permille": (row.tolerance_permille, WHOLE_PERMILLE, 0),
        "deposit_permille": (row.deposit_permille, WHOLE_PERMILLE, 0),
    }
    for name, (value, most, least) in whole.items():
        check_whole_number(value, most, f"/{name}", least=least)
    if row.firming_at > row.demand_closes_at:
        raise InvalidValue(_("Firming begins before commitments end."), pointer="/firming_at")
    if row.demand_closes_at >= row.quotations_close_at:
        raise InvalidValue(_("Quotations end after commitments."), pointer="/quotations_close_at")
