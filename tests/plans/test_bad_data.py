"""Bad data through a plan run: named on the run before the search, told to the line's firm, the rest planned."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from mes.catalog.models import MachineClass, Product, Routing, RoutingStep, StepOption
from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from orders.sales.models import SalesOrderLine
from production.plans.api.serializers import PlanRunSerializer
from production.plans.models import LateLine, PlanRun
from production.plans.selectors.own import line_reasons
from production.plans.selectors.reasons import note_for_association
from tests.plans.small_park import SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)

MIXER: dict[str, Any] = {"seconds_per_piece": 60}
PRESS: dict[str, Any] = {"pieces_per_cycle": 1, "cycle_s": 3600}


def a_bad_line(park: SmallPark, *steps: tuple[str, str | None, dict[str, Any]]) -> SalesOrderLine:
    """A line of firm A whose product is routed so: process, machine class (None: none is named), times."""
    with wall(DatabaseRole.STAFF):
        product = Product.objects.create(
            code="BAD-1", name_zh="错误", form="panel", length_mm=1000, width_mm=1000, thickness_mm=10,
            unit_mass_g=9_000, grade=park.product.grade, colour="black",
        )  # fmt: skip
        routing = Routing.objects.create(product=product, variant="round")
        for number, (process, class_code, times) in enumerate(steps, start=1):
            step = RoutingStep.objects.create(routing=routing, number=number, process=process)
            if class_code:
                machine_class = MachineClass.objects.get(code=class_code)
                StepOption.objects.create(step=step, machine_class=machine_class, **times)
    line = park.order("A", "SO-BAD", pieces=4, due_days=9)
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        SalesOrderLine.objects.filter(pk=line.pk).update(product=product)
    return line


def states(park: SmallPark) -> dict[str, str]:
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        return dict(SalesOrderLine.objects.values_list("order__number", "plan_state"))


def first_reason(park: SmallPark, line: SalesOrderLine) -> tuple[str, dict[str, Any]]:
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        row = line_reasons(actor=planner_of(park.firms["A"]), line_id=line.pk)[0]
    return row.code, row.data


def told(run: PlanRun) -> list[str]:
    with translation.override("zh-hans"):
        return [note_for_association(note["code"], note["data"], zero_at=run.zero_at) for note in run.notes]


def test_a_loop_in_a_routing_leaves_its_line_alone_unplanned(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=10, due_days=9)
    line = a_bad_line(park, ("MIX", "MIXER", MIXER), ("PRESS", "PRESS-M", PRESS), ("MIX", "MIXER", MIXER))
    run = publish_plan()
    data = {"process": "MIX"}
    assert run.notes == [{"code": "routing_loop", "data": {"line": "A:SO-BAD:1", **data}}]
    assert (run.state, run.figures["violations"]) == ("published", 0)
    assert states(park) == {"SO-1": "on_time", "SO-BAD": "unplaced"}
    assert first_reason(park, line) == ("routing_loop", data)
    with wall(DatabaseRole.STAFF):
        assert LateLine.objects.get(plan_run=run).reasons[0] == {"code": "routing_loop", "data": data}
    assert told(run) == ["A SO-BAD 1：工艺路线绕回已经过的工序（工艺：混料）"]
    assert PlanRunSerializer(run).data["notes"] == run.notes


def test_an_operation_that_names_no_machine_is_no_waiting_time(park: SmallPark) -> None:
    line = a_bad_line(park, ("MIX", "MIXER", MIXER), ("PRESS", None, {}))
    run = publish_plan()
    assert [(note["code"], note["data"]["process"]) for note in run.notes] == [("no_machine", "PRESS")]
    code, data = first_reason(park, line)
    assert (code, data["process"], data["missing"]) == ("no_machine", "PRESS", ["routing"])
    assert states(park) == {"SO-BAD": "unplaced"}


def test_a_plan_of_good_data_has_no_notes(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=10, due_days=9)
    assert publish_plan().notes == []
