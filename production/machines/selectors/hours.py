"""When machines work, in minutes from a plan's zero: shifts, holidays, make-up workdays, closures, overtime."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from production.machines.choices import DayKind, MachineStatus
from production.machines.models import CalendarDay, CalendarRule, Downtime, FrozenBooking, Machine, Overtime, Shift

DAY_MIN = 1440
PARK_TIME = ZoneInfo("Asia/Shanghai")
Period = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MachineHours:
    """Open periods by calendar key (business codes), half open, sorted, disjoint; and which machine keeps which."""

    calendars: Mapping[str, tuple[Period, ...]]
    calendar_of_machine: Mapping[UUID, str]
    closed_of_machine: Mapping[UUID, tuple[Period, ...]]
    bookings_of_machine: Mapping[UUID, tuple[Period, ...]]
    calendar_of_firm: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A calendar rule as the computation needs it. `shifts_min`: minutes after midnight, may pass 1440."""

    shifts_min: tuple[Period, ...]
    weekdays: str
    keeps_holidays: bool
    keeps_closure: bool

    def works_on(self, day: date, kinds: frozenset[str]) -> bool:
        """Whether the day is worked, given the kinds of dated exceptions on it."""
        if DayKind.SHOP_CLOSURE in kinds and self.keeps_closure:
            return False
        usual = str(day.isoweekday()) in self.weekdays
        if not self.keeps_holidays:
            return usual
        if DayKind.MAKEUP_WORKDAY in kinds:
            return True
        return usual and DayKind.HOLIDAY not in kinds


def machine_hours(*, zero_at: datetime, horizon_min: int, firm_id: UUID | None = None) -> MachineHours:
    """Hours of all installed machines, or of one firm's, within [0, horizon_min). Seven queries."""
    window = _Window(zero_at, horizon_min)
    only = {} if firm_id is None else {"firm_id": firm_id}
    rules = {
        (row.firm_id, row.machine_class_id): row
        for row in CalendarRule.objects.filter(**only).select_related("firm", "machine_class", "pattern")
    }
    days_of_rule = _working_days(rules.values())
    kinds = _day_kinds(window)
    overtime = _periods(Overtime.objects.filter(**only), window)
    calendars: dict[str, tuple[Period, ...]] = {}
    calendar_of_firm: dict[UUID, str] = {}
    for (its_firm, class_id), rule in rules.items():
        if class_id is None:
            key = calendar_of_firm[its_firm] = _key(rule, "")
            calendars[key] = open_periods(window, days_of_rule[rule.pk], kinds, overtime[its_firm, None])
    calendar_of_machine: dict[UUID, str] = {}
    installed = Machine.objects.filter(status=MachineStatus.INSTALLED, **only).values_list(
        "pk", "code", "firm_id", "machine_class_id"
    )
    for machine_id, code, its_firm, class_id in installed:
        machine_rule = rules.get((its_firm, class_id)) or rules.get((its_firm, None))
        if machine_rule is None:
            raise LookupError(f"Machine {code} has no calendar rule.")
        own_overtime = overtime.get((its_firm, machine_id), ())
        key = calendar_of_machine[machine_id] = _key(machine_rule, code if own_overtime else "")
        if key not in calendars:
            rounds = (*overtime[its_firm, None], *own_overtime)
            calendars[key] = open_periods(window, days_of_rule[machine_rule.pk], kinds, rounds)
    return MachineHours(
        calendars=calendars,
        calendar_of_machine=calendar_of_machine,
        closed_of_machine=_by_machine(Downtime.objects.filter(**only), window),
        bookings_of_machine=_by_machine(FrozenBooking.objects.filter(**only), window),
        calendar_of_firm=calendar_of_firm,
    )


@dataclass(frozen=True, slots=True)
class _Window:
    zero_at: datetime
    horizon_min: int

    def minute(self, instant: datetime) -> int:
        return int((instant - self.zero_at).total_seconds() // 60)

    def clipped(self, start: int, end: int) -> Period | None:
        start, end = max(0, start), min(end, self.horizon_min)
        return (start, end) if start < end else None

    def days(self) -> Iterable[date]:
        """Local days that can reach into the window, from the day before (its night shift) on."""
        first = self.zero_at.astimezone(PARK_TIME).date() - timedelta(days=1)
        return (first + timedelta(days=offset) for offset in range(self.horizon_min // DAY_MIN + 3))


def open_periods(
    window: _Window, working: WorkingDays, kinds: Mapping[date, frozenset[str]], overtime: Iterable[Period]
) -> tuple[Period, ...]:
    """Open periods of one rule in the window; `overtime` periods are open around the clock."""
    found = list(overtime)
    for day in window.days():
        if working.works_on(day, kinds.get(day, frozenset())):
            midnight = window.minute(datetime.combine(day, time(), PARK_TIME))
            found.extend((midnight + start, midnight + end) for start, end in working.shifts_min)
    return _merged(found, window)


def _merged(periods: Iterable[Period], window: _Window) -> tuple[Period, ...]:
    merged: list[Period] = []
    for start, end in sorted(filter(None, (window.clipped(*period) for period in periods))):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _key(rule: CalendarRule, machine_code: str) -> str:
    class_code = rule.machine_class.code if rule.machine_class else ""
    return ":".join(part for part in (rule.firm.code, class_code or "*", machine_code) if part)


def _working_days(rules: Iterable[CalendarRule]) -> dict[UUID, WorkingDays]:
    shifts: defaultdict[UUID, list[Period]] = defaultdict(list)
    for pattern_id, start, end in Shift.objects.values_list("pattern_id", "start_min", "end_min"):
        shifts[pattern_id].append((start, end))
    return {
        rule.pk: WorkingDays(
            shifts_min=tuple(sorted(shifts[rule.pattern_id])),
            weekdays=rule.weekdays,
            keeps_holidays=rule.keeps_holidays,
            keeps_closure=rule.keeps_closure,
        )
        for rule in rules
    }


def _day_kinds(window: _Window) -> dict[date, frozenset[str]]:
    days = list(window.days())
    kinds: defaultdict[date, set[str]] = defaultdict(set)
    for day, kind in CalendarDay.objects.filter(day__range=(days[0], days[-1])).values_list("day", "kind"):
        kinds[day].add(kind)
    return {day: frozenset(found) for day, found in kinds.items()}


def _periods(rows: Iterable[Overtime], window: _Window) -> defaultdict[tuple[UUID, UUID | None], tuple[Period, ...]]:
    found: defaultdict[tuple[UUID, UUID | None], tuple[Period, ...]] = defaultdict(tuple)
    for row in rows:
        period = window.clipped(window.minute(row.starts_at), window.minute(row.ends_at))
        if period:
            found[row.firm_id, row.machine_id] += (period,)
    return found


def _by_machine(rows: Iterable[Downtime | FrozenBooking], window: _Window) -> dict[UUID, tuple[Period, ...]]:
    found: defaultdict[UUID, list[Period]] = defaultdict(list)
    for row in rows:
        found[row.machine_id].append((window.minute(row.starts_at), window.minute(row.ends_at)))
    merged = {machine_id: _merged(periods, window) for machine_id, periods in found.items()}
    return {machine_id: periods for machine_id, periods in merged.items() if periods}
