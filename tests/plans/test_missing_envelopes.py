"""A product that no machine can make: its firm reads which envelope is missing, and nothing of others' machines."""

from __future__ import annotations

from typing import Any

import pytest

from mes.catalog.models import MachineClass, Product, Routing, RoutingStep, StepOption
from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from orders.sales.models import SalesOrderLine
from production.machines.models import Machine
from production.plans.selectors.own import line_reasons
from tests.plans.small_park import SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)


def a_thick_line(park: SmallPark, *, firm: str = "A", consent: str = "allowed", **fields: Any) -> SalesOrderLine:
    """A panel of 5 m by 2 m and 150 mm that a class of large presses could make; nobody has one yet."""
    with wall(DatabaseRole.STAFF):
        MachineClass.objects.filter(code="PRESS-M").update(
            platen_length_mm=4200, platen_width_mm=2200, max_thickness_mm=100
        )
        large = MachineClass.objects.create(code="PRESS-XL", kind="press", name_zh="大压机")
        grade = park.product.grade
        product = Product.objects.create(
            code="THICK-150", name_zh="厚板", form="panel", length_mm=5000, width_mm=2000, thickness_mm=150,
            unit_mass_g=1_400_000, grade=grade, colour="black", **fields,
        )  # fmt: skip
        step = RoutingStep.objects.create(
            routing=Routing.objects.create(product=product, variant="press"), number=10, process="PRESS"
        )
        StepOption.objects.create(step=step, machine_class=large, pieces_per_cycle=1, cycle_s=36_000)
    line = park.order(firm, "SO-THICK", pieces=2, due_days=20, consent=consent)
    with wall(DatabaseRole.FIRM, park.firms[firm].pk):
        SalesOrderLine.objects.filter(pk=line.pk).update(product=product)
    return line


def reasons(park: SmallPark, line: SalesOrderLine, firm: str = "A") -> list[tuple[str, dict[str, Any]]]:
    with wall(DatabaseRole.FIRM, park.firms[firm].pk):
        rows = line_reasons(actor=planner_of(park.firms[firm]), line_id=line.pk)
    return [(row.code, row.data) for row in rows]


def test_the_missing_envelope_is_named_by_own_machines(park: SmallPark) -> None:
    line = a_thick_line(park)
    assert publish_plan().state == "published"
    wanted = {"length_mm": 5000, "width_mm": 2000, "thickness_mm": 150}
    own = [{"machine": "P-1", "lacks": ["length_mm", "thickness_mm"]}]
    assert reasons(park, line) == [
        (
            "no_machine",
            {"process": "PRESS", "classes": "PRESS-XL", "wanted": wanted, "machines": own,
             "missing": ["length_mm", "thickness_mm"]},
        ),
        ("no_offer", {"classes": "PRESS-XL"}),
    ]  # fmt: skip
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        assert SalesOrderLine.objects.get(pk=line.pk).plan_state == "unplaced"


def test_a_machine_that_another_firm_has_and_does_not_offer_changes_nothing(park: SmallPark) -> None:
    line = a_thick_line(park)
    publish_plan()
    before = reasons(park, line)
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        large = MachineClass.objects.get(code="PRESS-XL")
        Machine.objects.create(firm=park.firms["B"], code="XL-1", machine_class=large)
    publish_plan()
    assert reasons(park, line) == before


def test_a_firm_without_a_machine_of_the_kind_lacks_the_kind(park: SmallPark) -> None:
    line = a_thick_line(park, firm="C", consent="never")
    publish_plan()
    (code, data), never = reasons(park, line, "C")
    assert (code, data["machines"], data["missing"]) == ("no_machine", [], ["press"])
    assert never == ("consent_never", {})


def test_an_approval_that_is_missing_is_named(park: SmallPark) -> None:
    line = a_thick_line(park, needs="aerospace")
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        large = MachineClass.objects.get(code="PRESS-XL")
        Machine.objects.create(firm=park.firms["A"], code="XL-1", machine_class=large)
    publish_plan()
    code, data = reasons(park, line)[0]
    assert (code, data["missing"], data["wanted"]["approval"]) == ("no_machine", ["approval"], "aerospace")
    assert data["classes"] == "PRESS-XL"
