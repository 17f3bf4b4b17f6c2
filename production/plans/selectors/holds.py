"""Machine time and material that a firm's reserved promises hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from production.planning import problem as p
from production.plans.choices import PromiseStatus
from production.plans.models import Promise, PromiseHold
from production.plans.selectors.live import minutes_between
from production.plans.selectors.plant import Plant
from production.plans.selectors.pools import Pools


def promises_holding(*, at: datetime) -> QuerySet[Promise]:
    """Reserved promises whose time is not up at `at`, whether or not somebody has written that down yet."""
    return Promise.objects.filter(status=PromiseStatus.RESERVED, reserved_until__gt=at)


def held_lots(promises: Iterable[Promise], *, zero_at: datetime, plant: Plant, pools: Pools) -> tuple[p.FixedLot, ...]:
    """One lot for each promise that holds at the zero, named by where its work begins. One query, or none."""
    runs: defaultdict[UUID, list[p.FixedRun]] = defaultdict(list)
    firms: dict[UUID, UUID] = {}
    held = {promise.pk: promise for promise in promises}
    for hold in PromiseHold.objects.filter(promise__in=held.keys(), machine__in=plant.key_of.keys()):
        start_min = minutes_between(zero_at, hold.period.lower)
        end_min = minutes_between(zero_at, hold.period.upper)
        if end_min > 0:
            key = plant.key_of[hold.machine_id]
            needs = pools.of_run(plant.rows[key], hold.process, held[hold.promise_id].product_id)
            run = p.FixedRun(key, start_min, end_min, hold.family_code, hold.setup_min, needs)
            runs[hold.promise_id].append(run)
            firms[hold.promise_id] = hold.firm_id
    found = []
    for promise_id, its in runs.items():
        its.sort(key=lambda run: (run.machine, run.start_min))
        first = min(its, key=lambda run: (run.start_min, run.machine))
        found.append(
            p.FixedLot(
                key=f"hold:{first.machine}:{first.start_min}",
                line="",
                firm=plant.firms[firms[promise_id]].code,
                pieces=0,
                runs=tuple(its),
                finish_min=max(run.end_min for run in its),
            )
        )
    return tuple(sorted(found, key=lambda lot: lot.key))


def material_held(promises: Iterable[Promise]) -> Mapping[tuple[UUID, str], int]:
    """Grams by firm and material code."""
    held: defaultdict[tuple[UUID, str], int] = defaultdict(int)
    for promise in promises:
        for code, grams in promise.material_g.items():
            held[promise.firm_id, code] += grams
    return held
