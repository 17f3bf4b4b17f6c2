"""The freeze: what firms have said becomes the demand, exactly, and changes no more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.statistics import LEAST_FIRMS
from mes.core.wall import switched
from mes.firms.access import require
from procurement.rounds.choices import OPEN_STATUSES, CommitmentStatus, RoundStatus
from procurement.rounds.models import (
    MOST_REASON,
    Commitment,
    DemandSnapshot,
    LockedCommitment,
    Round,
    RoundLine,
)
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked


@transaction.atomic
def round_freeze(*, actor: Actor, round_id: UUID, now: datetime, few_firms_reason: str = "") -> Round:
    """collecting or firming → frozen: whoever wrote before the close is in the demand, and nobody else.

    Raises NotAllowedInState before the close or where nobody has committed, InvalidValue where fewer than five firms
    have and nobody says why that will do, NotFound.
    """
    require(actor, "round.move")
    row = round_locked(round_id=round_id)
    if row.status not in OPEN_STATUSES or row.suspended_at is not None or now < row.demand_closes_at:
        raise NotAllowedInState(_("Firms may still commit, or the round is not open."))
    check_text(few_firms_reason, MOST_REASON, "/few_firms_reason", may_be_empty=True)
    reason = few_firms_reason.strip()
    with switched(DatabaseRole.EXCHANGE):
        rows = _submitted(row)
        firms = len({commitment.firm_id for commitment in rows})
        if firms == 0:
            raise NotAllowedInState(_("No firm has committed. End the round instead."))
        if firms < LEAST_FIRMS and not reason:
            raise InvalidValue(_("Fewer than five firms have committed: say why."), pointer="/few_firms_reason")
        for line in row.lines.order_by("number"):
            _lock_line(line, [commitment for commitment in rows if commitment.line_id == line.pk], now)
    return round_moved(actor=actor, row=row, to=RoundStatus.FROZEN, now=now, reason=reason, few_firms_reason=reason)


def digest_of(line: RoundLine, rows: Sequence[Commitment]) -> str:
    """SHA-256 of the commitments of a line, whatever their order."""
    said = sorted(
        [
            str(row.firm_id), row.revision, row.least_kg, row.wanted_kg, row.most_kg, row.priority,
            sorted(map(str, row.approved_suppliers)), row.silence,
        ]
        for row in rows
    )  # fmt: skip
    return hashlib.sha256(json.dumps([str(line.pk), said], separators=(",", ":")).encode()).hexdigest()


def tie_of(sha256: str, firm_id: UUID) -> str:
    """What tells equals apart: nobody can choose it, for it rests on what all have said."""
    return hashlib.sha256(f"{sha256}/{firm_id}".encode()).hexdigest()


def _submitted(row: Round) -> list[Commitment]:
    """All that stands, in the statement after the lock: nobody writes beside."""
    standing = Commitment.objects.filter(line__round=row, status=CommitmentStatus.SUBMITTED)
    return list(standing.order_by("line_id", "firm_id"))


def _lock_line(line: RoundLine, rows: Sequence[Commitment], now: datetime) -> None:
    sha256 = digest_of(line, rows)
    snapshot = DemandSnapshot.objects.create(
        line=line,
        firms=len(rows),
        least_kg=sum(row.least_kg for row in rows),
        wanted_kg=sum(row.wanted_kg for row in rows),
        most_kg=sum(row.most_kg for row in rows),
        sha256=sha256,
        frozen_at=now,
    )
    LockedCommitment.objects.bulk_create(
        LockedCommitment(
            firm_id=row.firm_id,
            snapshot=snapshot,
            commitment=row,
            least_kg=row.least_kg,
            wanted_kg=row.wanted_kg,
            most_kg=row.most_kg,
            priority=row.priority,
            approved_suppliers=row.approved_suppliers,
            silence=row.silence,
            tie=tie_of(sha256, row.firm_id),
        )
        for row in rows
    )
