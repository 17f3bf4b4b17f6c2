"""How a round moves on: each move under the round's lock, told to the audit, to who follows, and kept as a row."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit, outbox
from mes.core.actors import Actor
from mes.core.audit import plain
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.states import move
from mes.firms.access import require
from procurement.rounds.choices import NEXT, RoundStatus
from procurement.rounds.models import MOST_REASON, Round, RoundMove
from procurement.rounds.services.rounds import TIMES, round_locked

# What firms rely on from the moment that a round is announced; its times may move later.
_POLICY = (
    "mode", "confirm_within_h", "use_cap_permille", "greatest_supplier_share_permille", "tolerance_permille",
    "dispute_h", "deposit_permille",
)  # fmt: skip
_OF_LINES = (
    "number", "material_id", "zone", "window_from", "window_to", "bag_kg", "truck_kg", "spot_fen_per_t",
    "least_suppliers", "most_suppliers", "greatest_share_permille", "least_share_permille",
)  # fmt: skip
# Once the resin is awarded, a round goes on to its end.
_OVER = frozenset({RoundStatus.CLOSED, RoundStatus.CANCELLED, RoundStatus.FAILED})


@transaction.atomic
def round_open(*, actor: Actor, round_id: UUID, now: datetime) -> Round:
    """draft → collecting: each member meets it, and its policy is frozen by digest.

    Raises InvalidValue for a round without lines or with a time that is over, NotFound, NotAllowedInState.
    """
    require(actor, "round.move")
    row = round_locked(round_id=round_id)
    if not row.lines.exists():
        raise InvalidValue(_("The round has no lines."), pointer="/lines")
    for name in TIMES:
        if getattr(row, name) <= now:
            raise InvalidValue(_("The time is over."), pointer=f"/{name}")
    return round_moved(actor=actor, row=row, to=RoundStatus.COLLECTING, now=now, policy_sha256=policy_digest(row))


@transaction.atomic
def round_firm(*, actor: Actor, round_id: UUID, now: datetime) -> Round:
    """collecting → firming: from now on quantities rise. Raises NotFound, NotAllowedInState, also before its time."""
    require(actor, "round.move")
    row = round_locked(round_id=round_id)
    if now < row.firming_at or row.suspended_at is not None:
        raise NotAllowedInState(_("It is not time yet."))
    return round_moved(actor=actor, row=row, to=RoundStatus.FIRMING, now=now)


@transaction.atomic
def round_cancel(*, actor: Actor, round_id: UUID, reason: str, now: datetime) -> Round:
    """→ cancelled, until it is awarded. Raises InvalidValue without a reason, NotFound, NotAllowedInState."""
    return _ended(actor, round_id, RoundStatus.CANCELLED, reason, now)


@transaction.atomic
def round_fail(*, actor: Actor, round_id: UUID, reason: str, now: datetime) -> Round:
    """→ failed: nobody quotes what can be awarded. Raises as round_cancel."""
    return _ended(actor, round_id, RoundStatus.FAILED, reason, now)


@transaction.atomic
def round_suspend(*, actor: Actor, round_id: UUID, reason: str, now: datetime) -> Round:
    """Stops its clock: nothing is committed or quoted, and nothing moves, until it is resumed. Raises as above."""
    require(actor, "round.move")
    row = round_locked(round_id=round_id)
    if row.suspended_at is not None or row.status in {*_OVER, RoundStatus.DRAFT}:
        raise NotAllowedInState
    check_text(reason, MOST_REASON, "/reason")
    return _noted(actor, row, {"suspended_at": now}, reason=reason, now=now)


@transaction.atomic
def round_resume(*, actor: Actor, round_id: UUID, now: datetime) -> Round:
    """Goes on; its times that lay ahead move later by as long as it stood still. Raises NotFound, NotAllowedInState."""
    require(actor, "round.move")
    row = round_locked(round_id=round_id)
    if row.suspended_at is None:
        raise NotAllowedInState
    stood = now - row.suspended_at
    names = [name for name in (*TIMES, "confirm_closes_at") if (getattr(row, name) or now) > row.suspended_at]
    later = {name: getattr(row, name) + stood for name in names if getattr(row, name) is not None}
    return _noted(actor, row, {"suspended_at": None, **later}, reason="", now=now)


def round_moved(*, actor: Actor, row: Round, to: RoundStatus, now: datetime, reason: str = "", **changes: Any) -> Round:
    """The move itself, for services that hold the round's lock and have checked. Raises NotAllowedInState, StaleState.

    A round that is suspended only ends.
    """
    if row.suspended_at is not None and to not in _OVER:
        raise NotAllowedInState(_("The round is suspended."))
    before = row.status
    told = move(row, to, moves=NEXT, **changes)
    RoundMove.objects.create(round=row, before=before, after=to, at=now, by_clock=actor.is_system, reason=reason)
    audit.record(actor=actor, verb="round.move", obj=row, firm_id=None, changes=told)
    outbox.tell(topic="round.moved", payload={"round_id": str(row.pk), "status": str(to)})
    return row


def policy_digest(row: Round) -> str:
    """SHA-256 of what firms rely on: the round's rules and its lines."""
    rules = {name: plain(getattr(row, name)) for name in _POLICY}
    lines = [[plain(getattr(line, name)) for name in _OF_LINES] for line in row.lines.order_by("number")]
    text = json.dumps({"rules": rules, "lines": lines}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _ended(actor: Actor, round_id: UUID, to: RoundStatus, reason: str, now: datetime) -> Round:
    require(actor, "round.move")
    row = round_locked(round_id=round_id)
    check_text(reason, MOST_REASON, "/reason")
    return round_moved(actor=actor, row=row, to=to, now=now, reason=reason, end_reason=reason)


def _noted(actor: Actor, row: Round, values: dict[str, Any], *, reason: str, now: datetime) -> Round:
    """A change of a round that stays in its state."""
    changes = audit.changed(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    RoundMove.objects.create(round=row, before=row.status, after=row.status, at=now, reason=reason)
    audit.record(actor=actor, verb="round.move", obj=row, firm_id=None, changes=changes)
    outbox.tell(topic="round.moved", payload={"round_id": str(row.pk), "status": row.status})
    return row
