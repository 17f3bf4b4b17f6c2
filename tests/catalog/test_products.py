"""A firm's own products, and routings read for the planner."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from mes.catalog.models import MachineClass, Product, ProductEnvelope, Routing
from mes.catalog.selectors import envelope_shortfall, product_get, routings_of
from mes.catalog.services import OptionDraft, ProductDraft, RoutingDraft, StepDraft, product_create, product_put
from mes.core.actors import Actor, DatabaseRole, Sight
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.core.wall import actor_wall, wall
from tests.factories import (
    a_dispatcher,
    a_firm,
    a_machine_class,
    a_product,
    a_routing,
    an_operator,
    planner_of,
)

pytestmark = pytest.mark.django_db

PRESSING = StepDraft("PRESS", options=[OptionDraft("P2", pieces_per_cycle=2, cycle_s=3600)], family_code="F30")
RESTING = StepDraft("REST", fixed_min=1440, clock="elapsed")
SAWING = StepDraft("SAW", options=[OptionDraft("SAW1", seconds_per_piece=40)], transfer_pieces=24)
WAY = RoutingDraft("A", steps=(PRESSING, RESTING, SAWING), bom={"R1": Decimal("60.5")})
PANEL = ProductDraft(
    code="OWN-30",
    name_zh="自有板",
    form="panel",
    length_mm=2000,
    width_mm=1000,
    thickness_mm=30,
    unit_mass_g=57_000,
    grade_code="R1",
    colour="natural",
    routings=(WAY,),
)


@pytest.fixture
def planner() -> Actor:
    a_machine_class("SAW1", "saw")
    a_routing(a_product(), family="F30")
    return planner_of(a_firm("F01"))


def test_the_association_is_told_family_mass_and_envelope_and_no_name(planner: Actor) -> None:
    product = create(planner)
    with wall(DatabaseRole.STAFF):
        assert not Product.objects.filter(firm__isnull=False).exists()
        row = ProductEnvelope.objects.get()
        told = model_to_dict(row) | {"firm": row.firm_id}
    assert told == {
        "firm": planner.firm_id,
        "family": product.grade.family,
        "mass_g": 57_000,
        "length_mm": 2000,
        "width_mm": 1000,
        "thickness_mm": 30,
    }
    shut = Sight(barred_firms=frozenset({product.firm_id}))
    with wall(DatabaseRole.STAFF, sight=shut):
        assert not ProductEnvelope.objects.exists()
    with wall(DatabaseRole.STAFF, sight=Sight(sees_members=False)):
        assert not ProductEnvelope.objects.exists()
    with wall(DatabaseRole.FIRM, a_firm("F02").pk):
        assert not ProductEnvelope.objects.exists()


def test_an_envelope_follows_the_mass_of_its_product(planner: Actor) -> None:
    create(planner)
    with actor_wall(planner):
        product_put(actor=planner, draft=replace(PANEL, unit_mass_g=58_000))
        assert ProductEnvelope.objects.get().mass_g == 58_000


def create(actor: Actor, draft: ProductDraft = PANEL) -> Product:
    with actor_wall(actor):
        return product_create(actor=actor, draft=draft)


def with_step(step: StepDraft, **changes: Any) -> ProductDraft:
    steps = tuple(replace(step, **changes) if each is step else each for each in WAY.steps)
    return replace(PANEL, routings=(replace(WAY, steps=steps),))


def test_a_firm_keeps_a_product_of_its_own_with_its_routing(planner: Actor) -> None:
    product = create(planner)
    with actor_wall(planner):
        (routing,) = routings_of(product_ids={product.pk})[product.pk]
    assert [(step.number, step.process, step.family_code) for step in routing.steps] == [
        (10, "PRESS", "F30"),
        (20, "REST", ""),
        (30, "SAW", ""),
    ]
    (option,) = routing.steps[0].options
    assert (option.class_code, option.kind, option.pieces_per_cycle, option.cycle_s) == ("P2", "press", 2, 3600)
    assert [(line.material_code, line.kg_per_piece) for line in routing.bom] == [("R1", Decimal("60.5"))]


def test_neither_a_rival_nor_the_association_sees_it(planner: Actor) -> None:
    product = create(planner)
    for actor in (planner_of(a_firm("F02")), a_dispatcher()):
        with actor_wall(actor):
            assert not Product.objects.filter(pk=product.pk).exists()
            assert not Routing.objects.filter(product=product.pk).exists()
            with pytest.raises(NotFound):
                product_get(actor=actor, product_id=product.pk)


def test_a_firm_does_not_write_the_associations_standards(planner: Actor) -> None:
    standard = a_product()
    with actor_wall(planner):
        assert not Product.objects.filter(pk=standard.pk).update(colour="black")
    with pytest.raises(ProgrammingError, match="row-level security"), actor_wall(planner):
        Product.objects.create(
            code="X",
            name_zh="X",
            form="panel",
            length_mm=1,
            thickness_mm=1,
            unit_mass_g=1,
            grade_id=standard.grade_id,
            colour="x",
        )


def test_an_operator_and_the_association_create_no_products(planner: Actor) -> None:
    for actor in (an_operator(a_firm("F01")), a_dispatcher()):
        with pytest.raises(NotPermitted):
            create(actor)


def test_code_and_external_ref_are_taken_once_per_firm(planner: Actor) -> None:
    create(planner, replace(PANEL, external_ref="E-1"))
    with pytest.raises(InvalidValue) as refusal:
        create(planner)
    assert refusal.value.pointer == "/code"
    with pytest.raises(InvalidValue) as refusal:
        create(planner, replace(PANEL, code="OTHER", external_ref="E-1"))
    assert refusal.value.pointer == "/external_ref"
    assert create(planner_of(a_firm("F02")), replace(PANEL, external_ref="E-1")).code == PANEL.code


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (replace(PANEL, code=" "), "/code"),
        (replace(PANEL, name_zh="字" * 121), "/name_zh"),
        (replace(PANEL, length_mm=0), "/length_mm"),
        (replace(PANEL, thickness_mm=30.5), "/thickness_mm"),
        (replace(PANEL, width_mm=-1), "/width_mm"),
        (replace(PANEL, unit_mass_g=10**12), "/unit_mass_g"),
        (replace(PANEL, grade_code="?"), "/grade_code"),
        (replace(PANEL, routings=()), "/routings"),
        (replace(PANEL, routings=(WAY, WAY)), "/routings"),
        (replace(PANEL, routings=(replace(WAY, variant=""),)), "/routings/0/variant"),
        (replace(PANEL, routings=(replace(WAY, steps=()),)), "/routings/0/steps"),
        (replace(PANEL, routings=(replace(WAY, steps=(RESTING, PRESSING)),)), "/routings/0/steps"),
        (replace(PANEL, routings=(replace(WAY, steps=(PRESSING, RESTING, PRESSING)),)), "/routings/0/steps"),
        (replace(PANEL, routings=(replace(WAY, bom={"?": Decimal(60)}),)), "/routings/0/bom/?"),
        (replace(PANEL, routings=(replace(WAY, bom={"R1": Decimal("NaN")}),)), "/routings/0/bom/R1"),
        (replace(PANEL, routings=(replace(WAY, bom={"R1": Decimal(50)}),)), "/routings/0/bom"),
        (with_step(PRESSING, process="BAKE"), "/routings/0/steps/0/process"),
        (with_step(SAWING, options=()), "/routings/0/steps/2/options"),
        (with_step(RESTING, options=SAWING.options), "/routings/0/steps/1/options"),
        (with_step(RESTING, clock="sometimes"), "/routings/0/steps/1/clock"),
        (with_step(RESTING, fixed_min=-1), "/routings/0/steps/1/fixed_min"),
        (with_step(PRESSING, family_code="?"), "/routings/0/steps/0/family_code"),
        (with_step(SAWING, transfer_pieces=0), "/routings/0/steps/2/transfer_pieces"),
        (with_step(SAWING, options=SAWING.options * 2), "/routings/0/steps/2/options"),
        (
            with_step(SAWING, options=[OptionDraft("P2", seconds_per_piece=1)]),
            "/routings/0/steps/2/options/0/class_code",
        ),
        (with_step(SAWING, options=[OptionDraft("SAW1")]), "/routings/0/steps/2/options/0/pieces_per_cycle"),
        (
            with_step(SAWING, options=[OptionDraft("SAW1", seconds_per_piece=1, cycle_s=1)]),
            "/routings/0/steps/2/options/0/seconds_per_piece",
        ),
        (replace(PANEL, thickness_mm=101), "/routings/0/steps/0/options/0/class_code"),
        (replace(PANEL, length_mm=4201), "/routings/0/steps/0/options/0/class_code"),
    ],
)
def test_a_product_that_cannot_be_made_is_refused_with_a_pointer(
    planner: Actor, draft: ProductDraft, pointer: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        create(planner, draft)
    assert refusal.value.pointer == pointer
    with actor_wall(planner):
        assert not Product.objects.filter(firm_id=planner.firm_id).exists()


@pytest.mark.parametrize(
    ("length", "width", "thickness", "fits"),
    [(4200, 2200, 100, True), (2200, 4200, 100, True), (4201, 1, 1, False), (2201, 2201, 1, False), (1, 1, 101, False)],
)
def test_a_piece_lies_on_the_platen_lengthwise_or_across(length: int, width: int, thickness: int, fits: bool) -> None:
    press = MachineClass(platen_length_mm=4200, platen_width_mm=2200, max_thickness_mm=100)
    piece = {"length_mm": length, "width_mm": width, "thickness_mm": thickness}
    assert (envelope_shortfall(press, **piece) == ()) is fits
    assert envelope_shortfall(MachineClass(), **piece) == ()


def test_routings_of_many_products_come_in_four_queries_the_preferred_first() -> None:
    products = [a_product(f"PANEL-{index}") for index in range(3)]
    for product in products:
        a_routing(product, variant="B")
        a_routing(product, variant="A")
    with wall(DatabaseRole.STAFF), CaptureQueriesContext(connection) as queries:
        found = routings_of(product_ids={product.pk for product in products})
    assert len(queries) == 4
    assert {key: [routing.variant for routing in its] for key, its in found.items()} == {
        product.pk: ["A", "B"] for product in products
    }
