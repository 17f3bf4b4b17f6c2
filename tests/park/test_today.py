"""What the first page counts and sums up: material through time, declined tonnes without telling of one firm."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.statistics import may_be_compared, may_be_shown, shown_of
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


def declines(firm: Firm, *, weight_kg: int, reason: str, at_: datetime | None = None) -> None:
    with wall(DatabaseRole.FIRM, firm.pk):
        number = SalesOrder.objects.filter(firm=firm).count()
        order = SalesOrder.objects.create(
            firm=firm, number=f"D-{number}", status="declined", decline_reason=reason, ordered_on=at().date()
        )
        given = {} if at_ is None else {"created_at": at_}
        SalesOrderDecline.objects.create(firm=firm, order=order, weight_kg=Decimal(weight_kg), **given)


@pytest.mark.django_db
def test_declined_tonnes_are_withheld_where_they_tell_of_one_firm_and_sandboxes_do_not_count() -> None:
    for number in range(5):
        declines(a_firm(f"F{number}"), weight_kg=1000, reason="capacity")
    declines(a_firm("F0"), weight_kg=9000, reason="price")
    declines(a_firm("TRY", status="sandbox"), weight_kg=500, reason="capacity")
    with wall(DatabaseRole.STAFF):
        now = database_now()
        found = declined_orders(bounds=[now - timedelta(days=30), now])
        later = declined_orders(bounds=[now - timedelta(days=30), now, now + timedelta(days=1)])
    assert [(row.key, row.orders, row.weight_kg) for row in found.by_reason] == [
        ("capacity", 5, Decimal(5000)),
        ("price", None, None),
    ]
    assert [(row.key, row.orders, row.weight_kg) for row in found.by_class] == [(None, None, None)]  # F0 has 10 of 14 t
    assert later.by_reason == ()


@pytest.mark.django_db
def test_declined_orders_are_withheld_where_the_month_before_would_tell_the_difference() -> None:
    firms = [a_firm(f"F{number}") for number in range(6)]
    now = database_now()
    for firm in firms[:5]:
        declines(firm, weight_kg=1000, reason="capacity", at_=now - timedelta(days=40))
    for firm in firms:
        declines(firm, weight_kg=1000, reason="capacity", at_=now - timedelta(days=10))
    with wall(DatabaseRole.STAFF):
        bounds = [now - timedelta(days=days) for days in (60, 30, 0)]
        (alone,) = declined_orders(bounds=bounds[1:]).by_reason
        (after,) = declined_orders(bounds=bounds).by_reason
    assert (alone.orders, after.orders, after.weight_kg) == (6, None, None)


def shares(*numbers: int) -> dict[int, Decimal]:
    return {firm: Decimal(number) for firm, number in enumerate(numbers)}


@pytest.mark.parametrize(
    ("periods", "shown"),
    [
        ([], []),
        ([shares(1, 1, 1, 1, 1)], [True]),
        ([shares(1, 1, 1, 1)], [False]),
        ([shares(1, 1, 1, 1, 1), shares(1, 1, 1, 1, 1)], [True, True]),
        ([shares(1, 1, 1, 1, 1), shares(1, 1, 1, 1, 1, 1)], [True, False]),
        ([shares(1, 1, 1, 1, 1), shares(2, 2, 2, 2, 2)], [True, True]),
        ([shares(1, 1, 1, 1, 1), shares(2, 2, 2, 2, 9)], [True, False]),
        ([shares(5, 5, 5, 5, 5), shares(4, 4, 4, 4, 4, 1)], [True, True]),
        ([shares(1, 1, 1, 1), shares(1, 1, 1, 1, 1)], [False, True]),
        ([shares(1, 1, 1, 1, 1), shares(2, 2, 2, 2, 2), shares(1, 1, 1, 1, 1, 1)], [True, True, False]),
        ([shares(1, 1, 1, 1, 1), shares(1, 1, 1, 1, 2), shares(2, 2, 2, 2, 3)], [True, False, True]),
    ],
)
def test_a_period_is_withheld_where_its_difference_from_a_shown_one_tells_of_a_firm(
    periods: list[dict[int, Decimal]], shown: list[bool]
) -> None:
    assert shown_of(periods) == shown


def test_what_one_firm_alone_changed_is_not_compared() -> None:
    assert not may_be_compared(shares(1, 1, 1, 1, 1), shares(1, 1, 1, 1, 2))
    assert may_be_compared(shares(1, 1), shares(1, 1))


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
