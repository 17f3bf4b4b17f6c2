"""Opening hours: from rules and dated days to half-open periods in minutes from zero."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from mes.demo.sample.shapes import CalendarRule, Firm, Overtime, Park

DAY_MIN = 1440
Period = tuple[int, int]


def works_on(*, rule: CalendarRule, day: date, kinds: frozenset[str]) -> bool:
    """Whether a group works on `day`, given the kinds of dated exceptions on it."""
    if "shop_closure" in kinds and rule.keeps_closure:
        return False
    if not rule.keeps_holidays:
        return day.isoweekday() in rule.weekdays
    if "makeup_workday" in kinds:
        return True
    return "holiday" not in kinds and day.isoweekday() in rule.weekdays


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
    shifts = {pattern.code: pattern.shifts_min for pattern in park.patterns}[rule.pattern]
    kinds = day_kinds(park)
    rounds = [(row.start_date, row.end_date) for row in overtime]
    periods: list[Period] = []
    for offset in range(-1, until_day):
        day = park.sample_date + timedelta(days=offset)
        base = offset * DAY_MIN
        if works_on(rule=rule, day=day, kinds=kinds.get(day, frozenset())):
            periods.extend((base + start, base + end) for start, end in shifts)
        if any(start <= day < end for start, end in rounds):
            periods.append((base, base + DAY_MIN))
    return _merged(periods, end_min=until_day * DAY_MIN)


def _merged(periods: list[Period], *, end_min: int) -> tuple[Period, ...]:
    merged: list[Period] = []
    for start, end in sorted((max(0, start), min(end, end_min)) for start, end in periods):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def longest_stretch_min(*, park: Park, rule: CalendarRule) -> int:
    """The longest open stretch of an ordinary fortnight, in minutes: a press cycle must fit into it."""
    periods = open_periods(park=park, rule=rule, until_day=14)
    return max(end - start for start, end in periods)
