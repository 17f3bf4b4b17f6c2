"""The demo's figures count live rows, each reader behind its own wall."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from mes.demo import figures, parties
from tests.database import as_owner
from tests.demo.tiny_park import ORDER_NUMBER, ZERO, TinyPark, day, make_tiny_park

pytestmark = pytest.mark.django_db


@pytest.fixture
def park(db: None) -> TinyPark:
    with as_owner():
        return make_tiny_park()


def _case(park: TinyPark) -> figures.CaseFigures:
    return figures.case_figures(firm_id=park.giver.pk, order_number=ORDER_NUMBER, zero=ZERO)


def test_pieces_at_home_and_of_the_doers_own_orders_make_up_the_line(park: TinyPark) -> None:
    case = _case(park)
    assert (case.own_pieces, case.pieces_total) == (60, 100)
    assert (case.in_house_t, case.outsourced_t) == (Decimal(3), Decimal(2))
    assert [(row.firm_code, row.orders, row.pieces) for row in case.placements] == [("B", 1, 40)]


def test_the_line_is_finished_when_the_last_lot_is_at_the_givers_gate(park: TinyPark) -> None:
    case = _case(park)
    assert (case.finish_day, case.due_day, case.tardy_h) == (19, 20, 0)


def test_lateness_counts_from_the_due_time_of_the_line(park: TinyPark) -> None:
    with as_owner():
        park.line.due_at = day(18.5)
        park.line.save()
    assert _case(park).tardy_h == 12


def test_a_placement_that_is_not_accepted_does_not_count(park: TinyPark) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE plans_proposal DISABLE TRIGGER status_moves")
        cursor.execute("UPDATE plans_proposal SET status = 'withdrawn'")
    case = _case(park)
    assert (case.pieces_total, case.placements, case.finish_day) == (60, (), 18)


def test_an_unknown_order_is_no_case(park: TinyPark) -> None:
    with pytest.raises(LookupError):
        figures.case_figures(firm_id=park.giver.pk, order_number="no such", zero=ZERO)


def test_the_parks_orders_are_the_customers_and_not_those_taken_over(park: TinyPark) -> None:
    found = figures.park_figures(zero=ZERO)
    assert (found.orders, found.on_time, found.late, found.unplaced) == (2, 1, 1, 0)
    assert found.on_time_pct == 50


def test_the_outsourced_share_is_of_all_planned_tonnes(park: TinyPark) -> None:
    found = figures.park_figures(zero=ZERO)
    assert (found.planned_t, found.placed_t) == (6, 2)
    assert figures.rounded(found.outsourced_pct, 1) == Decimal("33.3")


def test_operations_are_lots_times_their_machine_steps(park: TinyPark) -> None:
    found = figures.park_figures(zero=ZERO)
    assert (found.operations, found.machine_runs, found.overlaps) == (3, 3, 0)


def test_two_live_runs_of_one_machine_at_a_time_are_an_overlap(park: TinyPark) -> None:
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE plans_machinerun DROP CONSTRAINT one_run_at_a_time")
        park.machine_run(park.giver, 1.5, 3)
        park.machine_run(park.giver, 0.5, 3, status="cancelled")
    assert figures.park_figures(zero=ZERO).overlaps == 1


def test_the_digest_follows_the_plan(park: TinyPark) -> None:
    before = figures.park_figures(zero=ZERO).plan_digest
    assert figures.park_figures(zero=ZERO).plan_digest == before
    with as_owner():
        park.machine_run(park.other, 10, 11)
    assert figures.park_figures(zero=ZERO).plan_digest != before


def test_a_plan_run_says_its_rule_seconds_and_finish(park: TinyPark) -> None:
    run = figures.run_figures(park.run.pk)
    assert (run.rule, run.violations, run.plan_s, run.finish_day) == ("due", 0, Decimal("1.5"), 19)


def test_the_giver_reads_customer_price_and_fees(park: TinyPark) -> None:
    seen = parties.giver_view(firm_id=park.giver.pk, line_id=park.line.pk)
    assert (seen.customer, seen.price_cny_per_t) == ("Customer", 15000)
    assert (seen.outsource_orders, seen.fees_cny) == (1, 6000)


def test_the_doer_reads_its_own_order_and_nothing_of_the_givers(park: TinyPark) -> None:
    seen = parties.doer_view(firm_id=park.doer.pk, line_id=park.line.pk)
    assert (seen.order_number, seen.product, seen.pieces, seen.fee_cny_per_t) == ("B-1", "PANEL", 40, 3000)
    assert (seen.giver_orders_readable, seen.giver_customers_readable, seen.giver_prices_readable) == (0, 0, 0)


def test_a_member_that_is_no_party_reads_nothing(park: TinyPark) -> None:
    seen = parties.other_view(firm_id=park.other.pk, firm_code="C", line_id=park.line.pk)
    assert (seen.orders, seen.outsource_orders, seen.machine_runs) == (0, 0, 0)


def test_figures_are_rounded_half_up() -> None:
    assert figures.rounded(Decimal("132.065"), 2) == Decimal("132.07")
    assert figures.percent(1, 0) == 0
