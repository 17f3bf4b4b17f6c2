"""What the planner reads of offers and stock."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from mes.core.actors import DatabaseRole
from mes.core.wall import actor_wall, wall
from production.machines import services
from production.machines.models import StockMovement
from production.machines.selectors.offers import published_offers
from production.machines.selectors.stock import stock_arrivals, usable
from production.machines.services import OfferDraft
from tests.factories import MONDAY, a_firm, a_machine, at, planner_of, some_stock


@pytest.mark.usefixtures("worker_db")
def test_published_offers_come_with_machines_and_fee_in_three_queries() -> None:
    offers = {}
    for code in ("F02", "F01"):
        firm = a_firm(code)
        machines = [a_machine(firm, number) for number in ("P-2", "P-1")]
        planner = planner_of(firm)
        draft = OfferDraft(
            machine_ids=frozenset(machine.pk for machine in machines),
            starts_at=at(),
            ends_at=at(days=20),
            fee_cny_per_t=Decimal(2500),
        )
        with actor_wall(planner):
            offers[code] = services.capacity_offer_publish(actor=planner, draft=draft, now=MONDAY)
            gone = services.capacity_offer_publish(actor=planner, draft=draft, now=MONDAY)
            services.capacity_offer_withdraw(actor=planner, offer_id=gone.pk, now=MONDAY)
        offers[code].machines = [machines[1].pk, machines[0].pk]
    with wall(DatabaseRole.PLANNER), CaptureQueriesContext(connection) as queries:
        found = published_offers()
    assert len(queries) == 3
    assert [offer.offer_id for offer in found] == [offers["F01"].pk, offers["F02"].pk]
    assert found[0].machine_ids == tuple(offers["F01"].machines)
    assert found[0].fee_cny_per_t == Decimal(2500)


@pytest.mark.usefixtures("worker_db")
def test_stock_is_one_balance_at_hand_and_the_arrivals_in_two_queries() -> None:
    first, second = a_firm("F01"), a_firm("F02")
    some_stock(first, kg=100)
    some_stock(first, kg=20, available_at=at(days=-3))
    some_stock(first, kg=7, available_at=at(minutes=90, hours=24))
    some_stock(second, kg=5, material="R0")
    with wall(DatabaseRole.PLANNER), CaptureQueriesContext(connection) as queries:
        rows = [(row.firm_id, row.material_code, row.available_min, row.mass_g) for row in stock_arrivals(zero_at=at())]
    assert len(queries) == 2
    assert rows == [
        (first.pk, "R1", 0, 120_000),
        (first.pk, "R1", 1530, 7_000),
        (second.pk, "R0", 0, 5_000),
    ]


@pytest.mark.usefixtures("worker_db")
def test_what_is_missing_is_taken_from_what_comes() -> None:
    firm = a_firm()
    movement = some_stock(firm, kg=5)
    some_stock(firm, kg=9, available_at=at(days=1))
    with wall(DatabaseRole.FIRM, firm.pk):
        StockMovement.objects.create(
            firm=firm, material=movement.material, mass_g=-7_000, available_at=MONDAY, reason="consumption"
        )
    with wall(DatabaseRole.PLANNER):
        rows = [(row.available_min, row.mass_g) for row in stock_arrivals(zero_at=at())]
    assert rows == [(1440, 7_000)]


def test_what_is_booked_to_leave_later_is_not_usable_before() -> None:
    assert usable({0: 10, 5: -4, 9: 3}) == [(0, 6), (9, 3)]
    assert usable({0: -1, 5: 4}) == [(5, 3)]
    assert usable({}) == []


@given(st.dictionaries(st.integers(0, 20), st.integers(-50, 50), max_size=8))
def test_usable_mass_never_exceeds_any_later_balance(masses: dict[int, int]) -> None:
    rows = usable(masses)
    assert all(mass_g > 0 for _minute, mass_g in rows)
    for minute in range(21):
        balance = sum(mass for at_min, mass in masses.items() if at_min <= minute)
        released = sum(mass_g for at_min, mass_g in rows if at_min <= minute)
        assert released <= max(0, balance)
    assert sum(mass_g for _minute, mass_g in rows) == max(0, sum(masses.values()))
