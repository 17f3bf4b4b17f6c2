"""When the park's machines work, in minutes from a plan's zero. For the planner's role."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from mes.firms.models import Firm
from production.machines.models import (
    CalendarDay,
    CalendarRule,
    Downtime,
    FrozenBooking,
    Machine,
    Overtime,
    Pool,
    PoolDowntime,
    Shift,
)
from production.machines.selectors.periods import (
    DAY,
    Period,
    WorkRule,
    merged,
    minutes_inside,
    minutes_touched,
    open_periods,
)

Rows = TypeVar("Rows", bound=QuerySet)
EVERY_CLASS = "*"
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class MachineHours:
    """Hours of all machines, retired ones too. Periods are whole minutes from the zero, clipped to the horizon.

    Calendars are keyed by firm code and machine class code ("*": the firm's own rule), and by the machine's code too
    where overtime is its own. `calendar_of_firm`: the hours of the people who inspect and pack. `out_of_pool`: from,
    to, and how many units of a pool are missing.
    """

    calendars: Mapping[str, tuple[Period, ...]]
    calendar_of_machine: Mapping[UUID, str]
    closed_of_machine: Mapping[UUID, tuple[Period, ...]]
    bookings_of_machine: Mapping[UUID, tuple[Period, ...]]
    calendar_of_firm: Mapping[UUID, str]
    calendar_of_pool: Mapping[UUID, str]
    out_of_pool: Mapping[UUID, tuple[tuple[int, int, int], ...]]


class _Dated(Protocol):
    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


def machine_hours(*, zero_at: datetime, horizon_min: int, firm_id: UUID | None = None) -> MachineHours:
    """Hours in [zero_at, zero_at + horizon_min), of the park or of one firm. Ten queries, whatever the size."""
    span = _Span(timezone.localtime(zero_at), horizon_min)
    book = _CalendarBook(span, firm_id)
    firms = dict(_of_firm(Firm.objects.all(), firm_id, column="pk").order_by("code").values_list("pk", "code"))
    machines = _of_firm(Machine.objects.all(), firm_id).order_by("firm__code", "code")
    calendar_of_firm = {key: book.enter(key, code, EVERY_CLASS) for key, code in firms.items()}
    calendar_of_machine = {
        key: book.enter(firm, firms[firm], class_code, machine=(key, code))
        for key, code, firm, class_code in machines.values_list("pk", "code", "firm_id", "machine_class__code")
    }
    pools = _of_firm(Pool.objects.all(), firm_id).order_by("firm__code", "code")
    calendar_of_pool = {pool.pk: book.enter_pool(pool, firms[pool.firm_id]) for pool in pools}
    return MachineHours(
        calendars=dict(sorted(book.calendars.items())),
        calendar_of_machine=calendar_of_machine,
        closed_of_machine=span.taken(_of_firm(Downtime.objects.all(), firm_id)),
        bookings_of_machine=span.taken(_of_firm(FrozenBooking.objects.all(), firm_id)),
        calendar_of_firm=calendar_of_firm,
        calendar_of_pool=calendar_of_pool,
        out_of_pool=span.missing(_of_firm(PoolDowntime.objects.all(), firm_id)),
    )


@dataclass(frozen=True, slots=True)
class RuledHours:
    """Open periods by firm and machine class ("*": the firm's own rule), by rules and dated days alone."""

    periods: Mapping[tuple[UUID, str], tuple[Period, ...]]

    def of(self, firm_id: UUID, class_code: str = EVERY_CLASS) -> tuple[Period, ...]:
        """Of a class that has no rule of its own, those of its firm."""
        own = self.periods.get((firm_id, class_code))
        return self.periods.get((firm_id, EVERY_CLASS), ()) if own is None else own


def ruled_hours(*, zero_at: datetime, horizon_min: int, firm_ids: Set[UUID]) -> RuledHours:
    """What the firms' shift rules say: no overtime, downtime or booking. Three queries."""
    span = _Span(timezone.localtime(zero_at), horizon_min)
    kinds = _kinds_of_day(span)
    rules = {place: rule for place, rule in _rules(None, _shifts_of_pattern()).items() if place[0] in firm_ids}
    periods = {  # many firms work by the same few rules
        rule: open_periods(rule=rule, kinds_of_day=kinds, zero=span.zero, horizon_min=horizon_min)
        for rule in set(rules.values())
    }
    return RuledHours({place: periods[rule] for place, rule in rules.items()})


@dataclass(frozen=True, slots=True)
class _Span:
    """The planned time. `zero` stands in the park's zone."""

    zero: datetime
    horizon_min: int

    @property
    def end(self) -> datetime:
        return self.zero + timedelta(minutes=self.horizon_min)

    def open_minutes(self, row: _Dated) -> Period:
        return minutes_inside(starts_at=row.starts_at, ends_at=row.ends_at, zero=self.zero)

    def taken(self, rows: QuerySet[Downtime] | QuerySet[FrozenBooking]) -> dict[UUID, tuple[Period, ...]]:
        """Closed or booked periods by machine."""
        found: defaultdict[UUID, list[Period]] = defaultdict(list)
        for row in rows.filter(starts_at__lt=self.end, ends_at__gt=self.zero):
            period = minutes_touched(starts_at=row.starts_at, ends_at=row.ends_at, zero=self.zero)
            found[row.machine_id].append(period)
        return {key: merged(periods, horizon_min=self.horizon_min) for key, periods in found.items()}

    def missing(self, rows: QuerySet[PoolDowntime]) -> dict[UUID, tuple[tuple[int, int, int], ...]]:
        """From, to and units by pool; of more units than it has, those it has."""
        found: defaultdict[UUID, list[tuple[int, int, int]]] = defaultdict(list)
        for row in rows.filter(starts_at__lt=self.end, ends_at__gt=self.zero).select_related("pool"):
            start, end = minutes_touched(starts_at=row.starts_at, ends_at=row.ends_at, zero=self.zero)
            units = row.pool.size if row.units is None else min(row.units, row.pool.size)
            found[row.pool_id].append((max(0, start), min(end, self.horizon_min), units))
        return {key: tuple(sorted(periods)) for key, periods in found.items()}


class _CalendarBook:
    """Computes each calendar once, when somebody who works by it is entered."""

    def __init__(self, span: _Span, firm_id: UUID | None) -> None:
        self.calendars: dict[str, tuple[Period, ...]] = {}
        self._span = span
        self._kinds = _kinds_of_day(span)
        self._shifts = _shifts_of_pattern()
        self._rules = _rules(firm_id, self._shifts)
        self._firm_overtime: defaultdict[UUID, list[Period]] = defaultdict(list)
        self._machine_overtime: defaultdict[UUID, list[Period]] = defaultdict(list)
        rows = _of_firm(Overtime.objects.all(), firm_id).filter(starts_at__lt=span.end, ends_at__gt=span.zero)
        for row in rows:
            period = span.open_minutes(row)
            if row.machine_id is None:
                self._firm_overtime[row.firm_id].append(period)
            else:
                self._machine_overtime[row.machine_id].append(period)

    def enter(self, firm_id: UUID, firm_code: str, class_code: str, machine: tuple[UUID, str] | None = None) -> str:
        """The key of the calendar of a firm's machine class, or of one machine of it."""
        group = class_code if (firm_id, class_code) in self._rules else EVERY_CLASS
        key = f"{firm_code}:{group}"
        overtime = list(self._firm_overtime[firm_id])
        if machine is not None and machine[0] in self._machine_overtime:
            key = f"{key}:{machine[1]}"
            overtime += self._machine_overtime[machine[0]]
        if key not in self.calendars:
            self.calendars[key] = open_periods(
                rule=self._rules.get((firm_id, group)),
                kinds_of_day=self._kinds,
                overtime=overtime,
                zero=self._span.zero,
                horizon_min=self._span.horizon_min,
            )
        return key

    def enter_pool(self, pool: Pool, firm_code: str) -> str:
        """The key of a pool's calendar: always, or its own, in which the whole firm's overtime counts."""
        if pool.pattern_id is None:
            self.calendars[ALWAYS] = ((0, self._span.horizon_min),)
            return ALWAYS
        key = f"{firm_code}:pool:{pool.code}"
        self.calendars[key] = open_periods(
            rule=_rule(pool, self._shifts),
            kinds_of_day=self._kinds,
            overtime=self._firm_overtime[pool.firm_id],
            zero=self._span.zero,
            horizon_min=self._span.horizon_min,
        )
        return key


def _kinds_of_day(span: _Span) -> dict[date, frozenset[str]]:
    found: defaultdict[date, set[str]] = defaultdict(set)
    dated = CalendarDay.objects.filter(day__gte=span.zero.date() - DAY, day__lte=span.end.date())
    for day, kind in dated.values_list("day", "kind"):
        found[day].add(kind)
    return {day: frozenset(kinds) for day, kinds in found.items()}


def _rules(firm_id: UUID | None, shifts: Mapping[UUID, Iterable[Period]]) -> dict[tuple[UUID, str], WorkRule]:
    rows = _of_firm(CalendarRule.objects.all(), firm_id).select_related("machine_class")
    return {
        (row.firm_id, row.machine_class.code if row.machine_class else EVERY_CLASS): _rule(row, shifts) for row in rows
    }


def _rule(row: CalendarRule | Pool, shifts: Mapping[UUID, Iterable[Period]]) -> WorkRule:
    return WorkRule(
        shifts_min=tuple(sorted(shifts.get(row.pattern_id, ()) if row.pattern_id else ())),
        weekdays=frozenset(map(int, row.weekdays)),
        keeps_holidays=row.keeps_holidays,
        keeps_closure=row.keeps_closure,
    )


def _shifts_of_pattern() -> Mapping[UUID, Iterable[Period]]:
    found: defaultdict[UUID, list[Period]] = defaultdict(list)
    for pattern_id, start_min, end_min in Shift.objects.values_list("pattern_id", "start_min", "end_min"):
        found[pattern_id].append((start_min, end_min))
    return found


def _of_firm(rows: Rows, firm_id: UUID | None, *, column: str = "firm_id") -> Rows:
    return rows if firm_id is None else rows.filter(**{column: firm_id})
