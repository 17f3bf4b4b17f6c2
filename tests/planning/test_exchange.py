"""Runs of two machines exchanged: what the search makes of a park with too much for all machines."""

from __future__ import annotations

import json

from production.planning.command.formats import format_named
from production.planning.command.park import ParkFormat, plan_of
from production.planning.engine.budget import Budget
from production.planning.engine.solve import Search
from production.planning.park.plan import plan_dump
from tests.benchmarks.park_judge import errors, figures
from tests.benchmarks.parks import generate_park


def test_late_work_is_exchanged_until_next_to_nothing_is_late() -> None:
    """Without exchanges of several runs the same search leaves 33 h late."""
    park = generate_park(orders=150, seed=4, firms=8, load=2.0, least_days=1)
    spoken = format_named("park")
    assert isinstance(spoken, ParkFormat)
    instance = spoken.load(json.dumps(park))
    search = Search(instance.problem)
    search.run(Budget(iterations=20_000))
    plan = json.loads(plan_dump(plan_of(instance, search)))
    assert errors(park, plan) == []
    assert figures(park, plan)["late_h"] < 5
