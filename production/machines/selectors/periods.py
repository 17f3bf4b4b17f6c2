"""Opening hours by pure computation: rules, dated days and overtime to half-open periods in minutes from a zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from production.machines.choices import DayKind

Period = tuple[int, int]

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkRule:
    """Working days of a group of machines.

    `shifts_min`: minutes after local midnight, an end beyond 1440 runs into the next day. `weekdays`: ISO, 1 = Monday.
    """

    shifts_min: tuple[Period, ...]
    weekdays: frozenset[int]
    keeps_holidays: bool = True
    keeps_closure: bool = True


def works_on(*, rule: WorkRule, day: date, kinds: frozenset[str]) -> bool:
    """Whether the group's shifts begin on `day`, given the kinds of the dated days on it.

    Who keeps the public holidays also works on the make-up workdays that are announced with them (the State
    Council's yearly notice); who does not keep them goes by the weekdays alone.
    """
    if DayKind.SHOP_CLOSURE in kinds and rule.keeps_closure:
        return False
    if not rule.keeps_holidays:
        return day.isoweekday() in rule.weekdays
    if DayKind.MAKEUP_WORKDAY in kinds:
        return True
    return DayKind.HOLIDAY not in kinds and day.isoweekday() in rule.weekdays


def open_periods(
    *,
    rule: WorkRule | None,
    kinds_of_day: Mapping[date, frozenset[str]],
    overtime: Iterable[Period] = (),
    zero: datetime,
    horizon_min: int,
) -> tuple[Period, ...]:
    """Sorted, disjoint open periods in [0, horizon_min), counted from `zero`, an aware instant in the park's zone.

    Without a rule only the overtime is open. `overtime` holds minutes from zero, open around the clock.
    """
    periods = list(overtime)
    if rule is not None:
        last_day = (zero + horizon_min * MINUTE).date()
        day = zero.date() - DAY  # its night shift may run into the first day
        midnight_min = (datetime.combine(day, time(), tzinfo=zero.tzinfo) - zero) // MINUTE
        while day <= last_day:
            if works_on(rule=rule, day=day, kinds=kinds_of_day.get(day, frozenset())):
                periods.extend((midnight_min + start, midnight_min + end) for start, end in rule.shifts_min)
            day += DAY
            midnight_min += DAY // MINUTE
    return merged(periods, horizon_min=horizon_min)


def merged(periods: Iterable[Period], *, horizon_min: int) -> tuple[Period, ...]:
    """Periods clipped to [0, horizon_min), sorted, those that touch or overlap joined."""
    found: list[Period] = []
    for start, end in sorted((max(0, start), min(end, horizon_min)) for start, end in periods):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def complement(periods: Iterable[Period], *, horizon_min: int) -> tuple[Period, ...]:
    """What sorted, disjoint periods leave of [0, horizon_min)."""
    found: list[Period] = []
    at = 0
    for start, end in periods:
        if start > at:
            found.append((at, start))
        at = end
    if at < horizon_min:
        found.append((at, horizon_min))
    return tuple(found)


def minutes_inside(*, starts_at: datetime, ends_at: datetime, zero: datetime) -> Period:
    """The whole minutes from `zero` that lie inside a period: for time that is open."""
    return -((zero - starts_at) // MINUTE), (ends_at - zero) // MINUTE


def minutes_touched(*, starts_at: datetime, ends_at: datetime, zero: datetime) -> Period:
    """The whole minutes from `zero` that a period touches: for time that is closed or taken."""
    return (starts_at - zero) // MINUTE, -((zero - ends_at) // MINUTE)
