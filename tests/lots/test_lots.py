"""A lot's identity."""

from __future__ import annotations

from typing import Any

import pytest

from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.core.wall import actor_wall
from mes.lots.choices import LotKind
from mes.lots.models import Lot
from mes.lots.selectors import lot_get
from mes.lots.services import lot_register
from tests.factories import a_dispatcher, a_firm, a_product, a_routing, an_operator, planner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Actor:
    a_routing(a_product())
    return an_operator(a_firm("F01"))


def register(actor: Actor, **fields: Any) -> Lot:
    with actor_wall(actor):
        return lot_register(actor=actor, **fields)


def test_a_lot_is_of_a_material_that_came_or_of_a_product_that_was_made(operator: Actor) -> None:
    resin = register(operator, material_code="R1", supplier_name="供应商", supplier_lot="S-77")
    made = register(operator, product_id=a_product().pk, code="MADE-1")
    assert (resin.code, resin.kind, resin.supplier_lot) == ("L000001", LotKind.MATERIAL, "S-77")
    assert (made.code, made.kind) == ("MADE-1", LotKind.PRODUCT)


def test_numbers_given_by_the_firm_are_skipped_by_the_series(operator: Actor) -> None:
    register(operator, material_code="R1", code="L000001")
    assert register(operator, material_code="R1").code == "L000002"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({}, "/material_code"),
        ({"material_code": "R1", "product_id": True}, "/material_code"),
        ({"material_code": "R1", "code": " "}, "/code"),
        ({"material_code": "R1", "code": "TAKEN"}, "/code"),
        ({"material_code": "R1", "external_ref": "E-1"}, "/external_ref"),
        ({"material_code": "R1", "supplier_lot": "x" * 61}, "/supplier_lot"),
    ],
)
def test_a_lot_that_makes_no_sense_is_refused(operator: Actor, fields: dict[str, Any], pointer: str) -> None:
    register(operator, material_code="R1", code="TAKEN", external_ref="E-1")
    if fields.get("product_id"):
        fields = fields | {"product_id": a_product().pk}
    with pytest.raises(InvalidValue) as refusal:
        register(operator, **fields)
    assert refusal.value.pointer == pointer


def test_unknown_materials_and_other_firms_lots_are_not_found(operator: Actor) -> None:
    with pytest.raises(NotFound):
        register(operator, material_code="?")
    lot = register(operator, material_code="R1")
    rival = planner_of(a_firm("F02"))
    with pytest.raises(NotFound), actor_wall(rival):
        lot_get(actor=rival, lot_id=lot.pk)
    with actor_wall(operator):
        assert lot_get(actor=operator, lot_id=lot.pk) == lot


def test_the_association_registers_no_lots(operator: Actor) -> None:
    with pytest.raises(NotPermitted):
        register(a_dispatcher(), material_code="R1")
