"""A firm's scenario is the same whatever the other members have, published or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from production.machines.models import Downtime, Machine
from production.plans.models import ScenarioArtefact, ScenarioLine
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.scenarios import computed
from tests.plans.small_park import ZERO, SmallPark, planner_of

pytestmark = pytest.mark.django_db(transaction=True)


def told(park: SmallPark) -> dict[str, Any]:  # noqa: F811
    """All that the firm is told of a scenario, ids aside, and what was planned for it."""
    row = computed(
        {"kind": "no_work", "machine": "P-1", "until_at": ZERO + timedelta(2)}, actor=planner_of(park.firms["A"])
    )
    with wall(DatabaseRole.PLANNER):
        lines = list(ScenarioLine.objects.filter(scenario=row).order_by("label"))
        problem = bytes(ScenarioArtefact.objects.get(base=row.base).problem)
    names = ("label", "due_at", "state_before", "finish_before_at", "state", "finish_at", "reasons")
    return {
        "figures": (row.base.figures, row.figures, row.base.input_hash, row.input_hash),
        "lines": [{name: getattr(line, name) for name in names} for line in lines],
        "problem": problem,
    }


def test_what_others_have_and_offer_is_not_in_it(park: SmallPark) -> None:  # noqa: F811
    park.order("A", "SO-1", pieces=150, due_days=3.5)
    before = told(park)
    assert before["lines"]
    park.order("B", "SO-7", pieces=900, due_days=8)
    firm = park.firms["B"]
    with wall(DatabaseRole.FIRM, firm.pk):
        for machine in Machine.objects.filter(firm=firm):
            Downtime.objects.create(firm=firm, machine=machine, starts_at=ZERO, ends_at=ZERO + timedelta(days=9))
        Machine.objects.filter(firm=firm).update(efficiency_permille=500)
        park.offer.status, park.offer.withdrawn_at = "withdrawn", park.offer.published_at
        park.offer.save()
    assert told(park) == before
