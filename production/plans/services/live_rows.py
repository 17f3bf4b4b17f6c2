"""Writes the rows of the live plan. Called by the publication, inside its transaction and locks."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mes.core.actors import Actor
from mes.core.money import fee_cny
from orders.sales import services as sales_orders
from orders.sales.choices import Consent, PlanState
from production.machines.choices import AcceptMode
from production.planning.schedule import Lot, Part, Run, Schedule
from production.plans.choices import ProposalStatus
from production.plans.models import LineReason, MachineRun, PlannedLot, PlanRun, Proposal, ProposalTerms, RunPart
from production.plans.selectors.problem import LineReference, OfferReference, Snapshot
from production.plans.services.findings import PlanClock, line_finishes
from production.plans.services.reasons import reasons_told

BATCH = 2000
ANSWER_WITHIN = (timedelta(hours=24), timedelta(hours=8), timedelta(hours=1))


def lots_remove(*, lot_ids: Set[UUID]) -> None:
    """Removes proposed lots with their parts, and the runs that carry nothing any more; others carry less."""
    ids = list(lot_ids)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM plans_runpart WHERE lot_id = ANY(%s) RETURNING run_id", [ids])
        runs = list({row[0] for row in cursor.fetchall()})
        cursor.execute(
            "DELETE FROM plans_machinerun AS r WHERE r.id = ANY(%s)"
            " AND NOT EXISTS (SELECT FROM plans_runpart AS p WHERE p.run_id = r.id)",
            [runs],
        )
        cursor.execute(
            "UPDATE plans_machinerun AS r SET pieces = p.pieces"
            " FROM (SELECT run_id, sum(pieces) AS pieces FROM plans_runpart"
            " WHERE run_id = ANY(%s) GROUP BY run_id) AS p"
            " WHERE r.id = p.run_id",
            [runs],
        )
        cursor.execute("DELETE FROM plans_plannedlot WHERE id = ANY(%s)", [ids])


def lots_write(*, run: PlanRun, schedule: Schedule, lines: Set[str], snapshot: Snapshot, now: datetime) -> None:
    """Inserts lots, machine runs and proposals of the given lines."""
    at = PlanClock(run)
    wanted = [lot for lot in schedule.lots if lot.line in lines]
    proposals = _proposals_write(run, wanted, _first_starts(schedule.runs), at, snapshot, now)
    lots: dict[str, PlannedLot] = {}
    numbers: dict[UUID, int] = {}
    for lot in wanted:
        proposal = proposals.get(lot.key)
        key = lot.key
        if proposal is not None:  # the doer reads it: it tells nothing of the giver's order
            number = numbers[proposal.pk] = numbers.get(proposal.pk, 0) + 1
            key = f"{lot.firm}:{proposal.pk.hex}:{number}"
        lots[lot.key] = _lot(run, lot, key, at, proposal, snapshot)
    PlannedLot.objects.bulk_create(lots.values(), BATCH)
    _runs_write(run, schedule, {lot.key: lot for lot in wanted}, lots, snapshot, at)


def _proposals_write(
    run: PlanRun, lots: Iterable[Lot], starts: dict[str, int], at: PlanClock, snapshot: Snapshot, now: datetime
) -> dict[str, Proposal]:
    """One proposal for all lots of a line on the same offer. Returns them by lot."""
    placed: dict[tuple[str, str], list[Lot]] = {}
    for lot in lots:
        if lot.offer is not None:
            placed.setdefault((lot.line, lot.offer), []).append(lot)
    proposals: dict[str, Proposal] = {}
    terms: list[ProposalTerms] = []
    for together in placed.values():
        start_min = min(starts[lot.key] for lot in together)
        proposal, its_terms = _proposal(run, together, at, start_min, snapshot, now)
        terms.append(its_terms)
        proposals |= {lot.key: proposal for lot in together}
    Proposal.objects.bulk_create((its_terms.proposal for its_terms in terms), BATCH)
    ProposalTerms.objects.bulk_create(terms, BATCH)
    return proposals


def lines_write(*, actor: Actor, run: PlanRun, schedule: Schedule, lines: Set[str], snapshot: Snapshot) -> None:
    """What the plan says of each line: its state and finish, and the reasons of those that are late, redacted."""
    at = PlanClock(run)
    finishes = line_finishes(schedule)
    unplaced = {item.line for item in schedule.unplaced}
    states: dict[UUID, tuple[PlanState, datetime | None]] = {}
    for key in sorted(lines):
        line = snapshot.lines[key]
        finish = finishes.get(key)
        if key in unplaced or finish is None:
            states[line.line_id] = (PlanState.UNPLACED, None)
        else:
            states[line.line_id] = (PlanState.LATE if finish > line.due_min else PlanState.ON_TIME, at(finish))
    sales_orders.plan_states_set(actor=actor, finishes=states)
    LineReason.objects.filter(line_id__in=states).delete()
    LineReason.objects.bulk_create(_reasons(run, schedule, lines, snapshot), BATCH)


def _first_starts(runs: Iterable[Run]) -> dict[str, int]:
    starts: dict[str, int] = {}
    for run in runs:
        for part in run.parts:
            starts[part.lot] = min(run.start_min, starts.get(part.lot, run.start_min))
    return starts


def _proposal(
    run: PlanRun, lots: list[Lot], at: PlanClock, start_min: int, snapshot: Snapshot, now: datetime
) -> tuple[Proposal, ProposalTerms]:
    line, offer = snapshot.lines[lots[0].line], snapshot.offers[str(lots[0].offer)]
    pieces = sum(lot.pieces for lot in lots)
    finish_min = max(lot.finish_min for lot in lots)
    weight_g = pieces * line.unit_mass_g
    proposal = Proposal(
        giver_id=line.firm_id,
        doer_id=offer.firm_id,
        line_id=line.line_id,
        offer_id=offer.offer_id,
        plan_run=run,
        product_id=line.product_id,
        specification=dict(line.specification),
        pieces=pieces,
        weight_g=weight_g,
        starts_at=at(start_min),
        finish_at=at(finish_min),
        material_from=offer.material_from,
        status=ProposalStatus.PROPOSED,
        expires_at=_expiry(at, finish_min, line, start_min, now),
        giver_agreed_at=now if line.consent == Consent.ALLOWED else None,
        doer_agreed_at=now if offer.accept == AcceptMode.AT_ONCE else None,
    )
    return proposal, _terms(proposal, offer, weight_g)


def _terms(proposal: Proposal, offer: OfferReference, weight_g: int) -> ProposalTerms:
    return ProposalTerms(
        giver_id=proposal.giver_id,
        doer_id=proposal.doer_id,
        proposal=proposal,
        fee_cny_per_t=offer.fee_cny_per_t,
        fee_cny=fee_cny(price_cny_per_t=offer.fee_cny_per_t, weight_g=weight_g),
    )


def _expiry(at: PlanClock, finish_min: int, line: LineReference, start_min: int, now: datetime) -> datetime:
    """24 hours of the business clock, 8 or 1 when the work must begin before that to be in time.

    In coarse steps: both parties read it, and from the exact latest start the doer would work out when the giver's
    order is due.
    """
    latest_start = at(start_min + max(0, line.due_min - finish_min))
    fitting = [now + within for within in ANSWER_WITHIN if now + within <= latest_start]
    return fitting[0] if fitting else now + ANSWER_WITHIN[-1]


def _lot(run: PlanRun, lot: Lot, key: str, at: PlanClock, proposal: Proposal | None, snapshot: Snapshot) -> PlannedLot:
    line = snapshot.lines[lot.line]
    return PlannedLot(
        firm_id=snapshot.firms[lot.firm],
        plan_run=run,
        line_id=None if proposal else line.line_id,
        proposal=proposal,
        key=key,
        routing_variant=lot.route,
        pieces=lot.pieces,
        batches=list(lot.batches),
        finish_at=at(lot.finish_min),
    )


def _runs_write(
    run: PlanRun,
    schedule: Schedule,
    lots: dict[str, Lot],
    lot_rows: dict[str, PlannedLot],
    snapshot: Snapshot,
    at: PlanClock,
) -> None:
    rows: list[MachineRun] = []
    parts: list[RunPart] = []
    for item in schedule.runs:
        carried = [(part, _pieces(part, lots[part.lot])) for part in item.parts if part.lot in lots]
        if not carried:
            continue
        steps = [_processes(lots[part.lot], snapshot) for part, _pieces in carried]
        process = steps[0][carried[0][0].step]
        row = _run(run, item, sum(pieces for _part, pieces in carried), process, snapshot, at)
        rows.append(row)
        for (part, pieces), processes in zip(carried, steps, strict=True):
            parts.append(_part(row, part, pieces, lot_rows[part.lot], is_last=part.step == len(processes) - 1))
    MachineRun.objects.bulk_create(rows, BATCH)
    RunPart.objects.bulk_create(parts, BATCH)


def _run(run: PlanRun, item: Run, pieces: int, process: str, snapshot: Snapshot, at: PlanClock) -> MachineRun:
    machine = snapshot.machines[item.machine]
    return MachineRun(
        firm_id=machine.firm_id,
        machine_id=machine.machine_id,
        plan_run=run,
        key=f"{item.machine}:{item.start_min}",
        process=process,
        family_code=item.family,
        period=DateTimeTZRange(at(item.start_min), at(item.end_min), "[)"),
        work_starts_at=at(item.work_start_min),
        setup_min=item.setup_min,
        cycles=item.cycles,
        pieces=pieces,
    )


def _processes(lot: Lot, snapshot: Snapshot) -> tuple[str, ...]:
    return snapshot.lines[lot.line].processes[lot.route]


def _part(row: MachineRun, part: Part, pieces: int, lot: PlannedLot, *, is_last: bool) -> RunPart:
    return RunPart(
        firm_id=row.firm_id,
        run=row,
        lot=lot,
        step=part.step,
        first_batch=part.first_batch,
        batches=part.batches,
        pieces=pieces,
        is_last_step=is_last,
    )


def _pieces(part: Part, lot: Lot) -> int:
    return sum(lot.batches[part.first_batch : part.first_batch + part.batches])


def _reasons(run: PlanRun, schedule: Schedule, lines: Set[str], snapshot: Snapshot) -> list[LineReason]:
    return [
        LineReason(
            firm_id=snapshot.lines[key].firm_id,
            plan_run=run,
            line_id=snapshot.lines[key].line_id,
            position=position,
            code=code,
            data=data,
        )
        for key, chain in reasons_told(schedule=schedule, lines=lines, snapshot=snapshot).items()
        for position, (code, data) in enumerate(chain, start=1)
    ]
