"""The live plan: lots with their machine runs, in minutes from a plan's zero. For the planner's role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Sum

from production.plans.choices import FROZEN_RUN_STATUSES, LIVE_RUN_STATUSES, ProposalStatus, RunStatus
from production.plans.models import MachineRun, PlannedLot, Proposal, RunPart


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A machine run that is not over. Minutes from the zero, the set-up included."""

    run_id: UUID
    machine_id: UUID
    key: str
    process: str
    family_code: str
    start_min: int
    work_start_min: int
    end_min: int
    setup_min: int
    cycles: int
    pieces: int
    status: str


@dataclass(frozen=True, slots=True)
class LivePart:
    """Consecutive transfer batches of a lot that a run carries. `step` counts the route's machine steps from 0."""

    run: LiveRun
    step: int
    first_batch: int
    batches: int


@dataclass(frozen=True, slots=True)
class LiveLot:
    """A lot with runs that are not over.

    `line_id`: the giver's order line for a placement (proposed or accepted), else the firm's own. `pieces`: in all;
    `batches`: of each transfer batch. `open_pieces`: what its runs that are not over will still bring through the last
    step; the rest is booked on the line, or lost.
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
    pieces: int
    batches: tuple[int, ...]
    open_pieces: int
    is_begun: bool
    finish_min: int
    frozen: bool
    runs: tuple[LiveRun, ...]
    parts: tuple[LivePart, ...]


def live_lots(*, zero_at: datetime) -> list[LiveLot]:
    """All live lots, in the order of their keys. Six queries, fewer where nothing is placed or reported."""
    parts_of_lot, open_pieces = _parts_by_lot(_live_runs(zero_at))
    over = RunPart.objects.filter(lot=OuterRef("pk"), run__status=RunStatus.COMPLETED)
    lots = list(
        PlannedLot.objects.filter(pk__in=parts_of_lot.keys())
        .annotate(made_id=F("line__product_id"), is_begun=Exists(over))
        .order_by("key", "pk")
    )
    proposals = Proposal.objects.filter(status__in=(ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED)).in_bulk(
        {lot.proposal_id for lot in lots if lot.proposal_id is not None}
    )
    return [
        _live_lot(
            lot,
            _proposal_of(lot, proposals),
            parts_of_lot[lot.pk],
            zero_at,
            is_begun=lot.is_begun,
            open_pieces=open_pieces[lot.pk],
            made_id=lot.made_id,
        )
        for lot in lots
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


def _live_runs(zero_at: datetime) -> dict[UUID, LiveRun]:
    """The runs that are not over. Values, not rows: there are thousands, and the firm waits for its promise."""
    columns = ("machine_id", "key", "process", "family_code", "setup_min", "cycles", "pieces", "status")
    times = ("period__startswith", "work_starts_at", "period__endswith")
    found = {}
    rows = MachineRun.objects.filter(status__in=LIVE_RUN_STATUSES).values_list("pk", *columns, *times)
    for run_id, machine_id, key, process, family, setup_min, cycles, pieces, status, start, work_start, end in rows:
        found[run_id] = LiveRun(
            run_id=run_id,
            machine_id=machine_id,
            key=key,
            process=process,
            family_code=family,
            start_min=minutes_between(zero_at, start),
            work_start_min=minutes_between(zero_at, work_start),
            end_min=minutes_between(zero_at, end),
            setup_min=setup_min,
            cycles=cycles,
            pieces=pieces,
            status=status,
        )
    return found


def _parts_by_lot(
    runs: Mapping[UUID, LiveRun],
) -> tuple[defaultdict[UUID, list[LivePart]], defaultdict[UUID, int]]:
    """By lot: its parts in the runs, and the pieces in last steps, less those reported good already."""
    found: defaultdict[UUID, list[LivePart]] = defaultdict(list)
    open_pieces: defaultdict[UUID, int] = defaultdict(int)
    columns = ("lot_id", "run_id", "step", "first_batch", "batches", "pieces", "is_last_step")
    rows = RunPart.objects.filter(run__status__in=LIVE_RUN_STATUSES).values_list(*columns)
    for lot_id, run_id, step, first_batch, batches, pieces, is_last_step in rows:
        if run_id in runs:
            found[lot_id].append(LivePart(runs[run_id], step, first_batch, batches))
        if is_last_step:
            open_pieces[lot_id] += pieces
    for lot_id, pieces in _good_pieces().items():
        open_pieces[lot_id] -= pieces
    return found, open_pieces


def _good_pieces() -> Mapping[UUID, int]:
    """By lot: pieces that runs which go on have reported good in last steps."""
    found: defaultdict[UUID, int] = defaultdict(int)
    started = MachineRun.objects.filter(status=RunStatus.STARTED)
    good = dict(started.annotate(good=Sum("reports__good_pieces")).values_list("pk", "good"))
    parts_of: defaultdict[UUID, list[RunPart]] = defaultdict(list)
    for part in RunPart.objects.filter(run__in=good.keys()).select_related("lot"):
        parts_of[part.run_id].append(part)
    for run_id, parts in parts_of.items():
        for part, pieces in parts_through(parts, before=0, after=good[run_id] or 0):
            if part.is_last_step:
                found[part.lot_id] += pieces
    return found


def _live_lot(
    lot: PlannedLot,
    proposal: Proposal | None,
    parts: list[LivePart],
    zero_at: datetime,
    *,
    is_begun: bool,
    open_pieces: int,
    made_id: UUID | None,
) -> LiveLot:
    line_id = proposal.line_id if proposal else lot.line_id
    if line_id is None:
        raise LookupError(f"Lot {lot.key} has neither a line nor an open proposal.")
    by_id = {part.run.run_id: part.run for part in parts}
    runs = sorted(by_id.values(), key=lambda run: (run.start_min, run.end_min, str(run.machine_id)))
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
        pieces=lot.pieces,
        batches=tuple(lot.batches),
        open_pieces=open_pieces,
        is_begun=is_begun or any(run.status == RunStatus.STARTED for run in runs),
        finish_min=minutes_between(zero_at, lot.finish_at),
        frozen=frozen,
        runs=tuple(runs),
        parts=tuple(parts),
    )
