"""The sample park in the database holds what the shapes say, under the working roles and the database's rules."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import Sample
from mes.demo.seed import sample_seed
from mes.demo.seed.index import zero_of

Owner = psycopg.Connection[tuple[object, ...]]


def _one(owner: Owner, query: str, *values: object) -> object:
    row = owner.execute(query, values).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def test_every_shape_has_its_row(owner: Owner, seeded_park: Sample) -> None:
    park = seeded_park.park
    routings = [routing for product in park.products for routing in product.routings]
    steps = [step for routing in routings for step in routing.steps]
    expected = {
        "firms_firm": len(park.firms),
        "firms_user": 2 + 2 * len(park.firms),
        "firms_membership": 2 + 2 * len(park.firms),
        "catalog_grade": len(park.grades),
        "catalog_machineclass": len(park.machine_classes),
        "catalog_changeoverrule": len(park.changeovers),
        "catalog_transporttariff": 1,
        "catalog_product": len(park.products),
        "catalog_routing": len(routings),
        "catalog_routingstep": len(steps),
        "catalog_stepoption": sum(len(step.options) for step in steps),
        "catalog_bomline": sum(len(routing.bom) for routing in routings),
        "machines_shift": sum(len(pattern.shifts_min) for pattern in park.patterns),
        "machines_calendarday": len(park.calendar),
        "machines_calendarrule": sum(len(firm.rules) for firm in park.firms),
        "machines_firmapproval": sum(len(firm.approvals) for firm in park.firms),
        "machines_machine": len(park.machines),
        "machines_overtime": len(seeded_park.overtime),
        "machines_frozenbooking": len(seeded_park.bookings),
        "machines_capacityoffer": len(seeded_park.offers),
        "machines_capacityofferterms": len(seeded_park.offers),
        "machines_offeredmachine": sum(len(offer.machine_codes) for offer in seeded_park.offers),
        "sales_salesorder": len(seeded_park.orders),
        "sales_salesorderterms": len(seeded_park.orders),
        "sales_salesorderline": len(seeded_park.orders),
        "sales_salesorderlineterms": len(seeded_park.orders),
        "sales_lineexclusion": sum(len(order.consent.excluded_firm_codes) for order in seeded_park.orders),
        "sales_linecompletion": sum(1 for order in seeded_park.orders if order.reported_pieces),
    }
    assert {table: _one(owner, f"SELECT count(*) FROM {table}") for table in expected} == expected


def test_open_tonnes_are_those_of_the_order_book(owner: Owner, seeded_park: Sample) -> None:
    masses = {product.code: product.unit_mass_kg for product in seeded_park.park.products}
    expected_kg = sum((order.open_pieces * masses[order.product_code] for order in seeded_park.orders), Decimal(0))
    open_g = _one(
        owner,
        "SELECT sum((l.pieces - coalesce(c.pieces, 0)) * p.unit_mass_g) FROM sales_salesorderline l"
        " JOIN catalog_product p ON p.id = l.product_id LEFT JOIN sales_linecompletion c ON c.line_id = l.id",
    )
    assert open_g == expected_kg * 1000


def test_orders_with_reported_pieces_are_in_production_and_the_others_confirmed(
    owner: Owner, seeded_park: Sample
) -> None:
    rows = owner.execute(
        "SELECT o.status, EXISTS (SELECT FROM sales_linecompletion c JOIN sales_salesorderline l ON l.id = c.line_id"
        " WHERE l.order_id = o.id) AS reported, count(*) FROM sales_salesorder o GROUP BY 1, 2 ORDER BY 1"
    ).fetchall()
    reported = sum(1 for order in seeded_park.orders if order.reported_pieces)
    assert rows == [
        ("confirmed", False, len(seeded_park.orders) - reported),
        ("in_production", True, reported),
    ]


def test_the_last_order_is_due_twenty_days_after_zero(owner: Owner, seeded_park: Sample) -> None:
    due_at, pieces, consent = _one(
        owner,
        "SELECT l.due_at, l.pieces, l.consent FROM sales_salesorderline l JOIN sales_salesorder o ON o.id = l.order_id"
        " WHERE o.number = %s",
        seeded_park.case_order_number,
    )
    assert (due_at - zero_of(seeded_park)).days == 20
    assert (pieces, consent) == (3565, "allowed")


def test_stock_covers_the_gross_need_of_every_open_order(owner: Owner, seeded_park: Sample) -> None:
    short = owner.execute(
        "WITH need AS (SELECT l.firm_id, b.material_id,"
        "  sum((l.pieces - coalesce(c.pieces, 0)) * b.kg_per_piece * 1000) AS g FROM sales_salesorderline l"
        "  JOIN catalog_routing r ON r.product_id = l.product_id AND r.preference = 1"
        "  JOIN catalog_bomline b ON b.routing_id = r.id AND b.pieces_per_blank IS NULL"
        "  LEFT JOIN sales_linecompletion c ON c.line_id = l.id GROUP BY 1, 2),"
        " stock AS (SELECT firm_id, material_id, sum(mass_g) AS g FROM machines_stockmovement GROUP BY 1, 2)"
        " SELECT need.* FROM need LEFT JOIN stock USING (firm_id, material_id) WHERE coalesce(stock.g, 0) < need.g"
    ).fetchall()
    assert short == []


def test_machines_stand_set_up_and_only_installed_ones_are_offered(owner: Owner, seeded_park: Sample) -> None:
    set_up = _one(owner, "SELECT count(*) FROM machines_machine WHERE family_id IS NOT NULL")
    assert set_up == len(seeded_park.setups)
    offered_but_not_installed = _one(
        owner,
        "SELECT count(*) FROM machines_offeredmachine o JOIN machines_machine m ON m.id = o.machine_id"
        " WHERE m.status <> 'installed'",
    )
    assert offered_but_not_installed == 0


def test_nobody_of_the_sample_has_a_password_that_works(owner: Owner, seeded_park: Sample) -> None:
    assert _one(owner, "SELECT count(*) FROM firms_user WHERE password NOT LIKE '!%%'") == 0


@pytest.mark.django_db
def test_another_seed_makes_another_book_of_the_same_park() -> None:
    first, second = build_sample(seed=1), build_sample(seed=2)
    index = sample_seed(sample=second)
    assert second.orders[:-1] != first.orders[:-1]
    assert second.orders[-1] == first.orders[-1]
    assert set(index.firms) == {firm.code for firm in first.park.firms}
