"""What the API refuses, the database refuses too: each bad row in SQL, as the owner, who may write everything."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from production.machines.models import ShiftPattern
from tests.api.conftest import Program, order_body
from tests.database import as_owner
from tests.factories import a_firm, a_machine, a_machine_class, a_pattern

pytestmark = pytest.mark.django_db
WINDOW = {"starts_at": "2036-03-01T00:00:00+08:00", "ends_at": "2036-04-01T00:00:00+08:00"}
BAD_NUMBERS = ("-1", "'NaN'", "'Infinity'", "'１２'", "1e12")
BAD_TIMES = ("'0001-01-01'", "'9999-12-31'", "'infinity'", "'-infinity'")
PERIODS = ("machines_downtime", "machines_overtime", "machines_capacityoffer")

# Table, column, what must not stand in it.
BAD: list[tuple[str, str, tuple[str, ...]]] = [
    ("sales_salesorderline", "pieces", (*BAD_NUMBERS, "0", "NULL")),
    ("sales_salesorderline", "due_at", (*BAD_TIMES, "'2001-01-01'", "NULL")),
    ("sales_salesorderline", "release_at", (*BAD_TIMES, "due_at")),
    ("sales_salesorderline", "priority", ("0", "2", "-1", "NULL")),
    ("sales_salesorderline", "consent", ("''", "'maybe'", "NULL")),
    ("sales_salesorderline", "plan_state", ("''", "'soon'")),
    ("sales_salesorderline", "product_id", ("NULL", "'0198f000-0000-7000-8000-000000000000'")),
    ("sales_salesorderlineterms", "price_cny_per_t", BAD_NUMBERS),
    ("sales_salesorderlineceiling", "fee_cny_per_t", BAD_NUMBERS),
    ("sales_lineexclusion", "excluded_firm_id", ("firm_id", "NULL")),
    ("sales_salesorder", "number", ("''", "' '", "NULL")),
    ("sales_salesorder", "status", ("''", "'lost'")),
    ("sales_salesorder", "decline_reason", ("'mood'", "'price'")),
    ("sales_salesorder", "ordered_on", (*BAD_TIMES, "'2036-03-14'")),
    ("sales_salesorderterms", "customer_name", ("''", "' '", "NULL")),
    ("sales_salesorderdecline", "weight_kg", ("0", *BAD_NUMBERS)),
    ("sales_salesorderdecline", "offerable_at", BAD_TIMES),
    ("machines_machine", "code", ("''", "' '")),
    ("machines_machine", "efficiency_permille", ("99", "2001", "-1")),
    ("machines_machine", "status", ("''", "'sold'")),
    ("machines_calendarrule", "weekdays", ("''", "'8'", "'0'", "'11'", "'21'", "'１'", "' '")),
    *((table, "ends_at", ("starts_at", "starts_at - interval '1 day'", *BAD_TIMES)) for table in PERIODS),
    *((table, "starts_at", BAD_TIMES) for table in PERIODS),
    ("machines_capacityoffer", "share_pct", ("0", "101", "-1")),
    ("machines_capacityoffer", "least_lot_kg", ("-1", "1000001")),
    ("machines_capacityoffer", "accept", ("'never'",)),
    ("machines_capacityoffer", "material_from", ("'nobody'",)),
    ("machines_capacityofferterms", "fee_cny_per_t", BAD_NUMBERS),
    ("catalog_product", "unit_mass_g", ("0", *BAD_NUMBERS)),
    ("catalog_product", "length_mm", ("0", *BAD_NUMBERS)),
    ("catalog_product", "width_mm", ("0", "-1")),
    ("catalog_product", "thickness_mm", ("0", *BAD_NUMBERS)),
    ("catalog_product", "code", ("''",)),
    ("catalog_bomline", "kg_per_piece", ("0", *BAD_NUMBERS)),
    ("catalog_routingstep", "process", ("'BAKE'",)),
    ("catalog_routingstep", "clock", ("'never'",)),
    ("catalog_routingstep", "fixed_min", BAD_NUMBERS),
    ("catalog_routingstep", "transfer_pieces", ("0", "-1")),
    ("catalog_stepoption", "cycle_s", ("0", "-1", "NULL")),
    ("catalog_stepoption", "seconds_per_piece", ("60",)),
    ("firms_apikey", "expires_at", BAD_TIMES),
]
ROWS = [(table, column, value) for table, column, values in BAD for value in values]
OTHERS = [
    (table, "machine_id", "(SELECT id FROM machines_machine WHERE code = 'R-1')")
    for table in ("machines_downtime", "machines_overtime", "machines_offeredmachine")
]


@pytest.fixture
def rows(program: Program) -> None:
    """One good row at least in each table, as a firm's program makes them."""
    a_firm("F02")
    a_machine(a_firm("F02"), "R-1")
    a_machine(a_firm("F01"), "P-1")
    steps = [
        {"process": "PRESS", "options": [{"class_code": a_machine_class().code, "pieces_per_cycle": 4, "cycle_s": 60}]},
        {"process": "REST", "fixed_min": 60, "transfer_pieces": 5},
    ]
    grade = program.get("products").json()["results"][0]["grade_code"]
    product = {"code": "OWN-1", "name_zh": "板", "form": "panel", "length_mm": 900, "width_mm": 900, "thickness_mm": 20}
    product |= {"unit_mass_g": 15_000, "grade_code": grade, "colour": "white"}
    routing = {"variant": "press", "steps": steps, "bom": bom()}
    line = {"price_cny_per_t": "1.00", "fee_ceiling_cny_per_t": "1.00", "excluded_firms": ["F02"]}
    order = order_body(line=line | {"release_at": "2036-03-01T00:00:00+08:00"})
    made = [
        program.post("products", product | {"routings": [routing]}),
        program.post("downtimes", WINDOW | {"machine": "P-1"}),
        program.post("overtime", WINDOW | {"machine": "P-1"}),
        program.post("capacity-offers", WINDOW | {"machines": ["P-1"], "fee_cny_per_t": "2500"}),
        program.post("sales-orders", order),
        program.put("calendar-rules", {"pattern_code": a_pattern().code, "weekdays": "12345"}),
    ]
    assert [answer.status_code for answer in made] == [201] * 5 + [200], [answer.content for answer in made]
    declined = program.post("sales-orders", order_body()).json()["id"]
    lost = {"reason": "price", "weight_kg": "1", "offerable_at": WINDOW["starts_at"]}
    assert program.post(f"sales-orders/{declined}/decline", lost).status_code == 200


def bom() -> dict[str, str]:
    """A material that the catalogue knows, by its code."""
    from mes.catalog.models import Material

    with wall(DatabaseRole.STAFF):
        Material.objects.get_or_create(code="R1", defaults={"kind": "resin"})
    return {"R1": "16"}


def refused(sql: str) -> str | None:
    """The name of the error, None when the database took it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            assert cursor.rowcount > 0, sql
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (IntegrityError, DataError) as error:
        return type(error).__name__
    return None


def test_no_bad_row_is_written_in_sql(rows: None) -> None:
    with as_owner():
        taken = [row for row in ROWS + OTHERS if refused("UPDATE {} SET {} = {}".format(*row)) is None]
    assert taken == []


def test_a_good_row_is_written_in_sql(rows: None) -> None:
    """The control: the tables above refuse what is bad, not whatever the test says."""
    with as_owner():
        assert refused("UPDATE sales_salesorderline SET pieces = 11") is None
        assert refused("UPDATE machines_downtime SET ends_at = ends_at + interval '1 day'") is None
        assert refused("UPDATE catalog_product SET width_mm = NULL") is None


def test_a_calendar_keeps_hours_in_sql(rows: None) -> None:
    with wall(DatabaseRole.STAFF):
        ShiftPattern.objects.create(code="NONE")
    with as_owner():
        empty = "(SELECT id FROM machines_shiftpattern WHERE code = 'NONE')"
        assert refused(f"UPDATE machines_calendarrule SET pattern_id = {empty}")
        assert refused("DELETE FROM machines_shift")


def test_the_api_refuses_a_pattern_without_hours(program: Program) -> None:
    with wall(DatabaseRole.STAFF):
        ShiftPattern.objects.create(code="NONE")
    body: dict[str, Any] = {"pattern_code": "NONE", "weekdays": "1"}
    answer = program.put("calendar-rules", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/pattern_code")
