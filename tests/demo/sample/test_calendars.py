"""Calendar facts: dated days, working days, opening periods."""

from datetime import date, timedelta

import pytest

from mes.demo.sample.calendars import day_kinds, open_periods, rule_of, works_on
from mes.demo.sample.park import load_park
from mes.demo.sample.sample import build_sample
from mes.demo.sample.shapes import Firm

DAY_MIN = 1440


def firm_of(code: str) -> Firm:
    return next(firm for firm in load_park().firms if firm.code == code)


def works(day: date, firm_code: str = "F10", class_code: str = "*") -> bool:
    rule = rule_of(firm_of(firm_code), class_code)
    return works_on(rule=rule, day=day, kinds=day_kinds(load_park()).get(day, frozenset()))


def test_the_sample_begins_on_a_monday_and_no_dated_day_touches_the_next_35_days() -> None:
    park = load_park()
    assert park.sample_date == date(2026, 7, 6)
    assert park.sample_date.isoweekday() == 1
    coming = {park.sample_date + timedelta(days=n) for n in range(35)}
    assert not coming & {row.day for row in park.calendar}


def test_dated_days_cover_two_years_from_the_sample_date() -> None:
    park = load_park()
    assert {2026, 2027} <= {row.day.year for row in park.calendar}
    assert max(row.day for row in park.calendar) > date(2028, 5, 1)


def test_days_without_a_notice_say_that_they_are_assumed() -> None:
    for row in load_park().calendar:
        assert row.source
        if row.kind != "shop_closure":
            assert row.assumed == (row.day.year > 2026)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 4), True),  # a Saturday
        (date(2026, 7, 5), False),  # a Sunday
        (date(2026, 10, 1), False),  # a holiday
        (date(2026, 9, 20), True),  # a Sunday with make-up work
        (date(2026, 2, 12), False),  # the shop closure
        (date(2026, 2, 14), False),  # an office make-up day within it
        (date(2027, 2, 6), False),
    ],
)
def test_an_ordinary_firm_works_on_the_days_that_the_calendar_says(*, day: date, expected: bool) -> None:
    assert works(day) is expected


def test_ram_lines_work_on_sundays_and_holidays_but_stop_for_the_shop_closure() -> None:
    assert works(date(2026, 7, 5), "F07", "RAM-ROD")
    assert works(date(2026, 10, 1), "F07", "RAM-ROD")
    assert not works(date(2026, 2, 12), "F07", "RAM-ROD")


def test_late_shifts_run_into_the_next_day() -> None:
    periods = open_periods(park=load_park(), rule=rule_of(firm_of("F01"), "*"), until_day=7)
    assert periods[0] == (420, 1620)
    assert periods[-1] == (5 * DAY_MIN + 420, 6 * DAY_MIN + 180)


def test_round_the_clock_shifts_merge_from_monday_to_saturday() -> None:
    periods = open_periods(park=load_park(), rule=rule_of(firm_of("F03"), "*"), until_day=7)
    assert periods == ((0, 6 * DAY_MIN),)


def test_the_case_firm_has_no_closed_day_for_35_days_and_more() -> None:
    sample = build_sample()
    firm = firm_of("F09")
    periods = open_periods(park=sample.park, rule=rule_of(firm, "PRESS-M"), until_day=50, overtime=sample.overtime)
    assert periods[0] == (0, 42 * DAY_MIN)
