"""The association keeps the standard products: changed, retired and restored by services, audited, for all members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from mes.catalog.models import Product
from mes.catalog.services import (
    StandardChanges,
    standard_product_change,
    standard_product_restore,
    standard_product_retire,
)
from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import actor_wall, wall
from tests.factories import a_dispatcher, a_firm, a_line, a_product, an_order, at, planner_of

pytestmark = pytest.mark.django_db


def change(product_id: UUID, **changes: Any) -> Product:
    dispatcher = a_dispatcher()
    with actor_wall(dispatcher):
        return standard_product_change(actor=dispatcher, product_id=product_id, changes=StandardChanges(**changes))


def audited(product: Product) -> list[Any]:
    with wall(DatabaseRole.STAFF):
        rows = AuditRow.objects.filter(verb="catalogue.edit", object_id=product.pk).order_by("at")
        return list(rows.values_list("changes", flat=True))


def test_only_what_changed_is_written_and_audited() -> None:
    product = a_product()
    change(product.pk, name_zh=product.name_zh, unit_mass_g=product.unit_mass_g + 5, needs="medical")
    with wall(DatabaseRole.STAFF):
        stored = Product.objects.get(pk=product.pk)
    assert (stored.name_zh, stored.unit_mass_g, stored.needs) == (product.name_zh, product.unit_mass_g + 5, "medical")
    change(product.pk, needs="medical")
    assert audited(product) == [
        {"unit_mass_g": [product.unit_mass_g, product.unit_mass_g + 5], "needs": ["", "medical"]}
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_zh", " "),
        ("name_zh", "冰" * 121),
        ("name_en", "x" * 121),
        ("unit_mass_g", 0),
        ("unit_mass_g", 10**9),
        ("unit_mass_g", True),
        ("needs", "kosher"),
    ],
)
def test_a_bad_value_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidValue) as refusal:
        change(a_product().pk, **{field: value})
    assert refusal.value.pointer == f"/{field}"


def test_what_makes_another_product_cannot_be_changed() -> None:
    product = a_product()
    for changes in ({}, {"length_mm": 10}, {"firm_id": a_firm().pk}):
        with pytest.raises(InvalidValue):
            change(product.pk, **changes)


def test_a_firms_own_product_is_not_found_and_a_firm_keeps_no_standards() -> None:
    firm = a_firm()
    planner = planner_of(firm)
    standard = a_product()
    with actor_wall(planner), pytest.raises(NotPermitted):
        standard_product_retire(actor=planner, product_id=standard.pk, now=at())
    with wall(DatabaseRole.FIRM, firm.pk):
        own = Product.objects.create(
            firm=firm, code="OWN", name_zh="自有", form="panel", length_mm=1, thickness_mm=1, unit_mass_g=1,
            grade=standard.grade, colour="white",
        )  # fmt: skip
    with pytest.raises(NotFound):
        change(own.pk, name_zh="别名")


def test_a_retired_product_takes_no_new_lines_until_it_is_restored() -> None:
    product, dispatcher, planner = a_product(), a_dispatcher(), planner_of(a_firm())
    an_order(planner, a_line(product=product))
    with actor_wall(dispatcher):
        standard_product_retire(actor=dispatcher, product_id=product.pk, now=at())
        with pytest.raises(NotAllowedInState):
            standard_product_retire(actor=dispatcher, product_id=product.pk, now=at())
    with pytest.raises(InvalidValue) as refusal:
        an_order(planner, a_line(product=product))
    assert refusal.value.pointer == "/lines/0/product_code"
    with actor_wall(dispatcher):
        standard_product_restore(actor=dispatcher, product_id=product.pk)
        with pytest.raises(NotAllowedInState):
            standard_product_restore(actor=dispatcher, product_id=product.pk)
    an_order(planner, a_line(product=product))
