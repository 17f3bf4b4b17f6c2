"""Opening hours of the sample park, by the rules of `production.machines`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mes.demo.sample.shapes import CalendarRule, Firm, Overtime, Park
from production.machines.selectors import periods
from production.machines.selectors.periods import Period, WorkRule

DAY_MIN = 1440
PARK_ZONE = ZoneInfo("Asia/Shanghai")


def works_on(*, rule: CalendarRule, day: date, kinds: frozenset[str]) -> bool:
    """Whether a group works on `day`, given the kinds of dated exceptions on it."""
    return periods.works_on(rule=_work_rule(rule, ()), day=day, kinds=kinds)


def day_kinds(park: Park) -> Mapping[date, frozenset[str]]:
    """The kinds of dated exceptions, by day."""
    kinds: dict[date, set[str]] = {}
    for row in park.calendar:
        kinds.setdefault(row.day, set()).add(row.kind)
    return {day: frozenset(found) for day, found in kinds.items()}


def rule_of(firm: Firm, class_code: str) -> CalendarRule:
    """The calendar rule of a machine class at a firm."""
    rules = dict(firm.rules)
    return rules.get(class_code, rules["*"])


def open_periods(
    *, park: Park, rule: CalendarRule, until_day: int, overtime: Iterable[Overtime] = ()
) -> tuple[Period, ...]:
    """Open periods in [0, until_day days), merged. `overtime` rows open whole days around the clock."""
    shifts_min = {pattern.code: pattern.shifts_min for pattern in park.patterns}[rule.pattern]
    return periods.open_periods(
        rule=_work_rule(rule, shifts_min),
        kinds_of_day=day_kinds(park),
        overtime=[(_minute(park, row.start_date), _minute(park, row.end_date)) for row in overtime],
        zero=datetime.combine(park.sample_date, time(), PARK_ZONE),
        horizon_min=until_day * DAY_MIN,
    )


def longest_stretch_min(*, park: Park, rule: CalendarRule) -> int:
    """The longest open stretch of an ordinary fortnight, in minutes: a press cycle must fit into it."""
    return max(end - start for start, end in open_periods(park=park, rule=rule, until_day=14))


def _work_rule(rule: CalendarRule, shifts_min: tuple[Period, ...]) -> WorkRule:
    return WorkRule(shifts_min, frozenset(rule.weekdays), rule.keeps_holidays, rule.keeps_closure)


def _minute(park: Park, day: date) -> int:
    return (day - park.sample_date) // timedelta(minutes=1)
