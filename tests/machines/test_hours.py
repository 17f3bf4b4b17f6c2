"""Opening hours: the pure rules by hand-made days, and the whole park read in few queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from production.machines.models import CalendarDay, Downtime, Overtime
from production.machines.selectors.hours import machine_hours
from production.machines.selectors.periods import WorkRule, merged, minutes_inside, minutes_touched, open_periods
from tests.factories import MONDAY, a_booking, a_calendar, a_firm, a_machine, a_machine_class, a_pattern, at

DAY = 1440
WEEK = 7 * DAY
DAY_SHIFT = WorkRule(shifts_min=((480, 960),), weekdays=frozenset({1, 2, 3, 4, 5}))
NIGHT_SHIFT = WorkRule(shifts_min=((1200, 1680),), weekdays=frozenset({1, 2, 3, 4, 5}))


def opened(rule: WorkRule | None, *, kinds=None, overtime=(), zero: datetime = MONDAY, horizon: int = WEEK):
    return open_periods(rule=rule, kinds_of_day=kinds or {}, overtime=overtime, zero=zero, horizon_min=horizon)


def test_a_day_shift_opens_on_its_weekdays_only() -> None:
    assert opened(DAY_SHIFT) == tuple((day * DAY + 480, day * DAY + 960) for day in range(5))


def test_a_night_shift_runs_into_the_next_day_also_over_the_zero() -> None:
    sunday_too = WorkRule(shifts_min=((1200, 1680),), weekdays=frozenset({1, 7}))
    assert opened(sunday_too, horizon=2 * DAY) == ((0, 240), (1200, 1680))


def test_the_last_night_of_the_week_reaches_into_saturday() -> None:
    assert opened(NIGHT_SHIFT)[-1] == (4 * DAY + 1200, 4 * DAY + 1680)


def test_a_zero_in_the_middle_of_a_day_shifts_all_minutes() -> None:
    assert opened(DAY_SHIFT, zero=at(hours=10), horizon=DAY) == ((0, 360), (1320, DAY))


def test_shifts_that_touch_are_one_period() -> None:
    around = WorkRule(shifts_min=((0, 720), (720, 1440)), weekdays=frozenset(range(1, 8)))
    assert opened(around) == ((0, WEEK),)


def test_a_holiday_closes_who_keeps_it_and_a_make_up_sunday_opens_him() -> None:
    kinds = {date(2026, 3, 3): frozenset({"holiday"}), date(2026, 3, 8): frozenset({"makeup_workday"})}
    days = [start // DAY for start, _end in opened(DAY_SHIFT, kinds=kinds)]
    assert days == [0, 2, 3, 4, 6]


def test_who_does_not_keep_holidays_works_by_weekdays_alone() -> None:
    kinds = {date(2026, 3, 3): frozenset({"holiday"}), date(2026, 3, 8): frozenset({"makeup_workday"})}
    rule = WorkRule(shifts_min=((480, 960),), weekdays=DAY_SHIFT.weekdays, keeps_holidays=False)
    assert opened(rule, kinds=kinds) == opened(DAY_SHIFT)


def test_the_shop_closure_closes_who_keeps_it_even_on_a_make_up_workday() -> None:
    kinds = {date(2026, 3, 4): frozenset({"shop_closure", "makeup_workday"})}
    stays_open = WorkRule(shifts_min=((480, 960),), weekdays=DAY_SHIFT.weekdays, keeps_closure=False)
    assert (2 * DAY + 480, 2 * DAY + 960) not in opened(DAY_SHIFT, kinds=kinds)
    assert (2 * DAY + 480, 2 * DAY + 960) in opened(stays_open, kinds=kinds)


def test_overtime_opens_closed_days_around_the_clock() -> None:
    assert opened(DAY_SHIFT, overtime=[(5 * DAY, WEEK)])[-1] == (5 * DAY, WEEK)


def test_without_a_rule_only_overtime_is_open() -> None:
    assert opened(None) == ()
    assert opened(None, overtime=[(-60, 30)]) == ((0, 30),)


def test_open_time_is_rounded_inwards_and_taken_time_outwards() -> None:
    period = {"starts_at": MONDAY + timedelta(seconds=30), "ends_at": MONDAY + timedelta(minutes=5, seconds=30)}
    assert minutes_inside(**period, zero=MONDAY) == (1, 5)
    assert minutes_touched(**period, zero=MONDAY) == (0, 6)


@given(st.lists(st.tuples(st.integers(-500, 1500), st.integers(-500, 1500))))
def test_merged_periods_hold_the_same_minutes_sorted_and_apart(periods: list[tuple[int, int]]) -> None:
    result = merged(periods, horizon_min=1000)
    wanted = {minute for start, end in periods for minute in range(max(0, start), min(end, 1000))}
    assert {minute for start, end in result for minute in range(start, end)} == wanted
    assert all(before[1] < after[0] for before, after in pairwise(result))


@given(st.integers(-20_000, 20_000), st.integers(1, 3 * WEEK))
def test_the_same_instants_are_open_whatever_the_zero_is(shift_min: int, horizon: int) -> None:
    zero = MONDAY + timedelta(minutes=shift_min)
    wide = opened(NIGHT_SHIFT, zero=MONDAY - timedelta(days=21), horizon=10 * WEEK)
    offset = 21 * DAY + shift_min
    expected = merged([(start - offset, end - offset) for start, end in wide], horizon_min=horizon)
    assert opened(NIGHT_SHIFT, zero=zero, horizon=horizon) == expected


@pytest.mark.usefixtures("worker_db")
def test_the_hours_of_the_park_are_read_in_ten_queries_under_business_keys() -> None:
    press, mill = a_machine_class("P2"), a_machine_class("MILL", "mill")
    machines = {}
    for code in ("F01", "F02", "F03"):
        firm = a_firm(code)
        a_calendar(firm, pattern=a_pattern("DAY", ((480, 960),)), weekdays="12345")
        a_calendar(firm, machine_class=press)
        machines[code] = (a_machine(firm, "P-1", machine_class=press), a_machine(firm, "M-1", machine_class=mill))
    with (
        wall(DatabaseRole.PLANNER),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        hours = machine_hours(zero_at=MONDAY, horizon_min=WEEK)
    assert len(queries) == 10
    assert list(hours.calendars) == ["F01:*", "F01:P2", "F02:*", "F02:P2", "F03:*", "F03:P2"]
    assert hours.calendars["F01:P2"] == ((0, WEEK),)
    assert hours.calendars["F01:*"] == opened(DAY_SHIFT)
    assert [hours.calendar_of_machine[machine.pk] for machine in machines["F02"]] == ["F02:P2", "F02:*"]
    assert hours.calendar_of_firm[machines["F03"][0].firm_id] == "F03:*"


@pytest.mark.usefixtures("worker_db")
def test_overtime_of_one_machine_gives_it_a_calendar_of_its_own() -> None:
    firm = a_firm()
    a_calendar(firm, pattern=a_pattern("DAY", ((480, 960),)), weekdays="12345")
    first, second = a_machine(firm, "P-1"), a_machine(firm, "P-2")
    with wall(DatabaseRole.FIRM, firm.pk):
        Overtime.objects.create(firm=firm, machine=first, starts_at=at(days=6), ends_at=at(days=7))
    with wall(DatabaseRole.PLANNER):
        hours = machine_hours(zero_at=MONDAY, horizon_min=WEEK)
    assert hours.calendar_of_machine == {first.pk: "F01:*:P-1", second.pk: "F01:*"}
    assert hours.calendars["F01:*:P-1"] == (*opened(DAY_SHIFT), (6 * DAY, WEEK))


@pytest.mark.usefixtures("worker_db")
def test_downtime_bookings_and_dated_days_are_read_and_clipped() -> None:
    firm = a_firm()
    a_calendar(firm, pattern=a_pattern("DAY", ((480, 960),)), weekdays="12345", keeps_holidays=True)
    machine = a_machine(firm)
    a_booking(machine, starts_at=at(days=-1), ends_at=at(hours=9))
    with wall(DatabaseRole.FIRM, firm.pk):
        Downtime.objects.create(firm=firm, machine=machine, starts_at=at(days=6), ends_at=at(days=9))
    with wall(DatabaseRole.STAFF):
        CalendarDay.objects.create(day=date(2026, 3, 3), kind="holiday", name_zh="节日")
    with wall(DatabaseRole.PLANNER):
        hours = machine_hours(zero_at=MONDAY.astimezone(UTC), horizon_min=WEEK, firm_id=firm.pk)
    assert hours.bookings_of_machine == {machine.pk: ((0, 540),)}
    assert hours.closed_of_machine == {machine.pk: ((6 * DAY, WEEK),)}
    assert [start // DAY for start, _end in hours.calendars["F01:*"]] == [0, 2, 3, 4]


@pytest.mark.usefixtures("worker_db")
def test_a_firm_without_a_rule_is_closed() -> None:
    firm = a_firm()
    machine = a_machine(firm)
    with wall(DatabaseRole.PLANNER):
        hours = machine_hours(zero_at=MONDAY, horizon_min=WEEK)
    assert hours.calendars[hours.calendar_of_machine[machine.pk]] == ()
    assert hours.calendar_of_firm[firm.pk] == "F01:*"


@pytest.mark.usefixtures("worker_db")
def test_the_hours_of_one_firm_name_no_other() -> None:
    first, second = a_firm("F01"), a_firm("F02")
    for firm in (first, second):
        a_calendar(firm)
        a_machine(firm)
    with wall(DatabaseRole.PLANNER):
        hours = machine_hours(zero_at=MONDAY, horizon_min=WEEK, firm_id=first.pk)
    assert list(hours.calendars) == ["F01:*"]
    assert len(hours.calendar_of_machine) == 1
