"""The live plan: lots with their machine runs, in minutes from a plan's zero. For the planner's role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum

from production.plans.choices import FROZEN_RUN_STATUSES, LIVE_RUN_STATUSES, ProposalStatus, RunStatus
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

    `line_id`: the giver's order line for a placement (proposed or accepted), else the firm's own. `open_pieces`: what
    its runs that are not over will still bring through the last step; the rest is booked on the line, or lost.
    `frozen`: it does not move: a run of it is approved, confirmed, started or finished, or its proposal awaits an
    answer. `is_begun`: a run of it is started or finished. `offer_id`: the offer that a placement uses.
    `material_firm_id`: whose material it takes. `product_id`: what it makes.
    """

    lot_id: UUID
    key: str
    firm_id: UUID
    line_id: UUID
    own_line_id: UUID | None
    offer_id: UUID | None
    material_firm_id: UUID
    product_id: UUID | None
    routing_variant: str
    open_pieces: int
    is_begun: bool
    finish_min: int
    frozen: bool
    runs: tuple[LiveRun, ...]


def live_lots(*, zero_at: datetime) -> list[LiveLot]:
    """All live lots, in the order of their keys. Eight queries."""
    runs = {run.pk: run for run in MachineRun.objects.filter(status__in=LIVE_RUN_STATUSES)}
    runs_of_lot = _runs_by_lot(runs.values(), zero_at)
    lots = PlannedLot.objects.filter(pk__in=runs_of_lot.keys()).annotate(made_id=F("line__product_id"))
    open_pieces = _open_pieces()
    begun = set(
        RunPart.objects.filter(run__status=RunStatus.COMPLETED, lot__in=runs_of_lot.keys()).values_list(
            "lot_id", flat=True
        )
    )
    proposals = {
        proposal.pk: proposal
        for proposal in Proposal.objects.filter(
            status__in=(ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED), planned_lots__in=runs_of_lot.keys()
        )
    }
    return [
        _live_lot(
            lot,
            _proposal_of(lot, proposals),
            runs_of_lot[lot.pk],
            zero_at,
            is_begun=lot.pk in begun,
            open_pieces=open_pieces[lot.pk],
            made_id=lot.made_id,
        )
        for lot in lots.order_by("key", "pk")
        if lot.line_id is not None or lot.proposal_id in proposals
    ]


def parts_through(parts: Iterable[RunPart], *, before: int, after: int) -> list[tuple[RunPart, int]]:
    """The parts of one run that its good pieces number `before` to `after` belong to, and how many of each."""
    found: list[tuple[RunPart, int]] = []
    first = 0
    for part in sorted(parts, key=lambda part: (part.lot.key, part.step, part.first_batch, part.pk)):
        last = first + part.pieces
        pieces = min(after, last) - max(before, first)
        if pieces > 0:
            found.append((part, pieces))
        first = last
    return found


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes from `start` to `end`, rounded down."""
    return int((end - start).total_seconds() // 60)


def _proposal_of(lot: PlannedLot, proposals: Mapping[UUID, Proposal]) -> Proposal | None:
    return None if lot.proposal_id is None else proposals.get(lot.proposal_id)


def _open_pieces() -> defaultdict[UUID, int]:
    """By lot: pieces in last steps that are not over, less those reported good already."""
    found: defaultdict[UUID, int] = defaultdict(int)
    last_parts = RunPart.objects.filter(run__status__in=LIVE_RUN_STATUSES, is_last_step=True)
    for lot_id, pieces in last_parts.values_list("lot_id", "pieces"):
        found[lot_id] += pieces
    started = MachineRun.objects.filter(status=RunStatus.STARTED)
    good = dict(started.annotate(good=Sum("reports__good_pieces")).values_list("pk", "good"))
    parts_of: defaultdict[UUID, list[RunPart]] = defaultdict(list)
    for part in RunPart.objects.filter(run__in=good.keys()).select_related("lot"):
        parts_of[part.run_id].append(part)
    for run_id, parts in parts_of.items():
        for part, pieces in parts_through(parts, before=0, after=good[run_id] or 0):
            if part.is_last_step:
                found[part.lot_id] -= pieces
    return found


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


def _live_lot(
    lot: PlannedLot,
    proposal: Proposal | None,
    runs: list[LiveRun],
    zero_at: datetime,
    *,
    is_begun: bool,
    open_pieces: int,
    made_id: UUID | None,
) -> LiveLot:
    line_id = proposal.line_id if proposal else lot.line_id
    if line_id is None:
        raise LookupError(f"Lot {lot.key} has neither a line nor an open proposal.")
    frozen = proposal is not None or is_begun or any(run.status in FROZEN_RUN_STATUSES for run in runs)
    return LiveLot(
        lot_id=lot.pk,
        key=lot.key,
        firm_id=lot.firm_id,
        line_id=line_id,
        own_line_id=lot.line_id,
        offer_id=None if proposal is None else proposal.offer_id,
        material_firm_id=proposal.giver_id if proposal and proposal.material_from == "giver" else lot.firm_id,
        product_id=made_id if proposal is None else proposal.product_id,
        routing_variant=lot.routing_variant,
        open_pieces=open_pieces,
        is_begun=is_begun or any(run.status == RunStatus.STARTED for run in runs),
        finish_min=minutes_between(zero_at, lot.finish_at),
        frozen=frozen,
        runs=tuple(runs),
    )
