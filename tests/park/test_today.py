"""What the first page counts and sums up: material through time, declined tonnes without telling of one firm."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.statistics import may_be_shown
from mes.core.wall import wall
from mes.firms.models import Firm
from mes.park.selectors.declined import declined_orders
from mes.park.selectors.material import shortages
from orders.sales.models import SalesOrder, SalesOrderDecline
from production.machines.models import Downtime
from production.machines.selectors.unready import downtimes_under_way, firms_without_hours
from tests.factories import a_calendar, a_firm, a_machine, at

PLACE = (UUID(int=1), "R1")


def test_what_comes_later_does_not_help_a_run_before_it() -> None:
    needs = {PLACE: [(at(days=1), 500), (at(days=3), 500)]}
    (short,) = shortages(needs=needs, arriving={PLACE: [(at(), 300), (at(days=2), 1000)]})
    assert (short.missing_g, short.since) == (200, at(days=1))
    assert shortages(needs=needs, arriving={PLACE: [(at(), 500), (at(days=3), 500)]}) == []


def test_nothing_at_hand_and_nothing_coming_is_short_of_all_of_it() -> None:
    (short,) = shortages(needs={PLACE: [(at(days=2), 70), (at(days=1), 30)]}, arriving={})
    assert (short.missing_g, short.since) == (100, at(days=1))


@pytest.mark.parametrize(
    ("shares", "shown"),
    [([1] * 5, True), ([1] * 4, False), ([], False), ([6, 1, 1, 1, 1], True), ([7, 1, 1, 1, 1], False)],
)
def test_a_sum_is_shown_from_five_firms_on_none_of_them_with_more_than_60_percent(
    shares: list[int], shown: bool
) -> None:
    assert may_be_shown([Decimal(share) for share in shares]) is shown


def declines(firm: Firm, *, weight_kg: int, reason: str) -> None:
    with wall(DatabaseRole.FIRM, firm.pk):
        number = SalesOrder.objects.filter(firm=firm).count()
        order = SalesOrder.objects.create(
            firm=firm, number=f"D-{number}", status="declined", decline_reason=reason, ordered_on=at().date()
        )
        SalesOrderDecline.objects.create(firm=firm, order=order, weight_kg=Decimal(weight_kg))


@pytest.mark.django_db
def test_declined_tonnes_are_withheld_where_they_tell_of_one_firm_and_sandboxes_do_not_count() -> None:
    for number in range(5):
        declines(a_firm(f"F{number}"), weight_kg=1000, reason="capacity")
    declines(a_firm("F0"), weight_kg=9000, reason="price")
    declines(a_firm("TRY", status="sandbox"), weight_kg=500, reason="capacity")
    with wall(DatabaseRole.STAFF):
        found = declined_orders(since=database_now() - timedelta(days=30))
        later = declined_orders(since=database_now() + timedelta(days=1))
    assert [(row.key, row.orders, row.weight_kg) for row in found.by_reason] == [
        ("capacity", 5, Decimal(5000)),
        ("price", 1, None),
    ]
    assert [(row.key, row.orders, row.weight_kg) for row in found.by_class] == [(None, 6, None)]  # F0 has 10 of 14 t
    assert later.by_reason == ()


@pytest.mark.django_db
def test_a_member_whose_machine_has_no_rule_lacks_hours_and_one_that_stands_is_under_way() -> None:
    lacking, working, retired = a_firm("F1"), a_firm("F2"), a_firm("F3")
    machine = a_machine(lacking)
    a_machine(working)
    a_calendar(working)
    a_machine(retired, status="retired")
    with wall(DatabaseRole.FIRM, lacking.pk):
        for start in (0, 5):
            begin = at(hours=start)
            Downtime.objects.create(firm=lacking, machine=machine, starts_at=begin, ends_at=begin + timedelta(hours=2))
    with wall(DatabaseRole.STAFF):
        assert list(firms_without_hours()) == [lacking]
        assert downtimes_under_way(now=at(hours=1)).count() == 1
        assert downtimes_under_way(now=at(hours=2)).count() == 0
