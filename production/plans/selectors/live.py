"""The live plan: lots with their machine runs, in minutes from a plan's zero. For the planner's role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from production.plans.choices import FROZEN_RUN_STATUSES, LIVE_RUN_STATUSES, ProposalStatus
from production.plans.models import MachineRun, PlannedLot, Proposal, RunPart


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A machine run that is not over. Minutes from the zero, the set-up included."""

    run_id: UUID
    machine_id: UUID
    process: str
    family_code: str
    start_min: int
    end_min: int
    setup_min: int
    status: str


@dataclass(frozen=True, slots=True)
class LiveLot:
    """A lot with runs that are not over.

    `line_id`: the giver's order line for a placement (proposed or accepted), else the firm's own. `frozen`: it does
    not move: a run of it is approved, confirmed or started, or its proposal awaits an answer.
    """

    lot_id: UUID
    key: str
    firm_id: UUID
    line_id: UUID
    own_line_id: UUID | None
    pieces: int
    finish_min: int
    frozen: bool
    runs: tuple[LiveRun, ...]


def live_lots(*, zero_at: datetime) -> list[LiveLot]:
    """All live lots, in the order of their keys. Four queries."""
    runs = {run.pk: run for run in MachineRun.objects.filter(status__in=LIVE_RUN_STATUSES)}
    runs_of_lot = _runs_by_lot(runs.values(), zero_at)
    lots = PlannedLot.objects.filter(pk__in=runs_of_lot.keys()).order_by("key", "pk")
    proposals = {
        proposal.pk: proposal
        for proposal in Proposal.objects.filter(
            status__in=(ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED), planned_lots__in=runs_of_lot.keys()
        )
    }
    return [
        _live_lot(lot, _proposal_of(lot, proposals), runs_of_lot[lot.pk], zero_at)
        for lot in lots
        if lot.line_id is not None or lot.proposal_id in proposals  # the rest was declined, but shares a run
    ]


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes from `start` to `end`, rounded down."""
    return int((end - start).total_seconds() // 60)


def _proposal_of(lot: PlannedLot, proposals: Mapping[UUID, Proposal]) -> Proposal | None:
    return None if lot.proposal_id is None else proposals.get(lot.proposal_id)


def _runs_by_lot(runs: Iterable[MachineRun], zero_at: datetime) -> dict[UUID, list[LiveRun]]:
    by_id = {run.pk: _live_run(run, zero_at) for run in runs}
    found: defaultdict[UUID, dict[UUID, LiveRun]] = defaultdict(dict)
    parts = RunPart.objects.filter(run__status__in=LIVE_RUN_STATUSES).values_list("lot_id", "run_id")
    for lot_id, run_id in parts:
        if run_id in by_id:
            found[lot_id][run_id] = by_id[run_id]
    return {
        lot_id: sorted(its.values(), key=lambda run: (run.start_min, run.end_min, str(run.machine_id)))
        for lot_id, its in found.items()
    }


def _live_run(run: MachineRun, zero_at: datetime) -> LiveRun:
    return LiveRun(
        run_id=run.pk,
        machine_id=run.machine_id,
        process=run.process,
        family_code=run.family_code,
        start_min=minutes_between(zero_at, run.period.lower),
        end_min=minutes_between(zero_at, run.period.upper),
        setup_min=run.setup_min,
        status=run.status,
    )


def _live_lot(lot: PlannedLot, proposal: Proposal | None, runs: list[LiveRun], zero_at: datetime) -> LiveLot:
    line_id = proposal.line_id if proposal else lot.line_id
    if line_id is None:
        raise LookupError(f"Lot {lot.key} has neither a line nor an open proposal.")
    frozen = proposal is not None or any(run.status in FROZEN_RUN_STATUSES for run in runs)
    return LiveLot(
        lot_id=lot.pk,
        key=lot.key,
        firm_id=lot.firm_id,
        line_id=line_id,
        own_line_id=lot.line_id,
        pieces=lot.pieces,
        finish_min=minutes_between(zero_at, lot.finish_at),
        frozen=frozen,
        runs=tuple(runs),
    )
