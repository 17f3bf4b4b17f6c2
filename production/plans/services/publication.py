"""Publication: a plan becomes the live one, in one transaction, as far as the park has not changed since.

Firms are locked in key order; what changed since the snapshot is found by reading the problem again; a line that no
longer fits is left as it was and waits for the next run. Frozen runs and proposals that await an answer never move.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mes.core import audit, locks, outbox
from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.states import move
from mes.firms.models import Firm
from production.planning.problem import Problem
from production.planning.schedule import Run, Schedule
from production.plans.choices import PLAN_RUN_NEXT, PlanRunState
from production.plans.models import PlanRun, Publication
from production.plans.selectors import live
from production.plans.selectors.live import LiveLot
from production.plans.selectors.problem import Snapshot, snapshot_of_park
from production.plans.services import live_rows
from production.plans.services.approvals import machine_runs_auto_approve
from production.plans.services.pooled import lines_short_of_pools
from production.plans.services.staleness import lines_in_step, lines_overdue, stale_lines


@dataclass(frozen=True, slots=True)
class Change:
    """What is replaced: `published` lines of the schedule, `replaced` live lots."""

    published: frozenset[str]
    stale: frozenset[str]
    replaced: frozenset[UUID]


def plan_publish(*, actor: Actor, run: PlanRun, problem: Problem, schedule: Schedule, now: datetime) -> Publication:
    """Publishes `schedule`, the answer to `problem`, for a run that is running or a candidate.

    Runs inside the planner's wall, with the job's lease held. Raises NotAllowedInState for a run that is done with.
    """
    locks.lock_publication()
    locks.lock_firms(Firm.objects.values_list("pk", flat=True))
    if run.zero_at is None:
        raise ValueError("A plan run without a zero cannot be published.")
    snapshot = snapshot_of_park(zero_at=run.zero_at)
    lots = live.live_lots(zero_at=run.zero_at)
    change = change_of(
        stale=stale_lines(before=problem, now=snapshot.problem, schedule=schedule)
        | lines_overdue(schedule=schedule, now_min=live.minutes_between(run.zero_at, now)),
        problem=problem,
        schedule=schedule,
        lots=lots,
        snapshot=snapshot,
    )
    live_rows.lots_remove(lot_ids=change.replaced)
    live_rows.lots_write(run=run, schedule=schedule, lines=change.published, snapshot=snapshot, now=now)
    live_rows.lines_write(actor=actor, run=run, schedule=schedule, lines=change.published, snapshot=snapshot)
    machine_runs_auto_approve(actor=actor, now=now)
    moved = move(run, PlanRunState.PUBLISHED, moves=PLAN_RUN_NEXT, field="state", finished_at=DatabaseNow())
    publication = Publication.objects.create(
        run=run, published_at=now, lines_published=len(change.published), left_as_was=len(change.stale)
    )
    told = moved | {"lines": len(change.published), "left": len(change.stale)}
    audit.record(actor=actor, verb="plan_run.published", obj=run, firm_id=None, changes=told)
    outbox.tell(topic="plan.published", payload={"run_id": str(run.pk), "left_as_was": len(change.stale)})
    return publication


def change_of(
    *, stale: frozenset[str], problem: Problem, schedule: Schedule, lots: Iterable[LiveLot], snapshot: Snapshot
) -> Change:
    """Which lines are published and which live lots they replace.

    A lot whose line is no longer open (cancelled, completed) goes as well. A line whose new runs would collide with a
    lot that stays, or make a pool give more than it has, becomes stale too, and its own old lots stay then, so the
    search for collisions is repeated until nothing collides any more.
    """
    lots = list(lots)
    planned = frozenset(line.key for line in problem.lines)
    line_of_id = {reference.line_id: key for key, reference in snapshot.lines.items()}
    line_of_lot = {lot.key: lot.line for lot in schedule.lots}
    while True:
        stale = lines_in_step(problem=problem, stale=stale)
        published = planned - stale
        replaced = {
            lot.lot_id
            for lot in lots
            if not lot.frozen and (lot.line_id not in line_of_id or line_of_id[lot.line_id] in published)
        }
        staying = [lot for lot in lots if lot.lot_id not in replaced]
        collided = _lines_collided(schedule.runs, line_of_lot, published, snapshot, _periods_by_machine(staying))
        collided |= lines_short_of_pools(
            problem=problem,
            schedule=schedule,
            published=published,
            snapshot=snapshot,
            staying=[lot for lot in staying if not lot.frozen],
        )
        if not collided:
            return Change(published=published, stale=stale, replaced=frozenset(replaced))
        stale |= collided


Periods = Mapping[UUID, list[tuple[int, int]]]


def _periods_by_machine(lots: Iterable[LiveLot]) -> Periods:
    periods: defaultdict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for lot in lots:
        for run in lot.runs:
            periods[run.machine_id].append((run.start_min, run.end_min))
    return periods


def _lines_collided(
    runs: Iterable[Run],
    line_of_lot: Mapping[str, str],
    published: frozenset[str],
    snapshot: Snapshot,
    staying: Periods,
) -> frozenset[str]:
    collided: set[str] = set()
    for run in runs:
        lines = {line_of_lot[part.lot] for part in run.parts} & published
        if not lines:
            continue
        machine = snapshot.machines.get(run.machine)
        periods = staying.get(machine.machine_id, []) if machine else [(run.start_min, run.end_min)]
        if any(start < run.end_min and run.start_min < end for start, end in periods):
            collided |= lines
    return frozenset(collided)
