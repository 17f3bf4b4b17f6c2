"""Open hours and the law of run minutes, written for plainness: the searcher has its own, faster reading."""

from production.planning.problem import Calendar, Machine, Mode, Period, Problem


def open_periods(calendar: Calendar, closed: tuple[Period, ...] = ()) -> list[Period]:
    """The calendar's open periods without the closed ones; periods that touch are joined."""
    cut: list[Period] = []
    shut = sorted(closed)
    for start, end in calendar.open:
        at = start
        for from_min, to_min in shut:
            if to_min <= at or from_min >= end:
                continue
            if from_min > at:
                cut.append((at, from_min))
            at = max(at, to_min)
        if at < end:
            cut.append((at, end))
    joined: list[Period] = []
    for start, end in sorted(cut):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def machine_hours(problem: Problem) -> dict[str, list[Period]]:
    """Open periods of each machine by key; those of equal machines are one list."""
    calendars = {calendar.key: calendar for calendar in problem.calendars}
    places = {machine.key: (machine.calendar, machine.closed) for machine in problem.machines}
    found = {place: open_periods(calendars[place[0]], place[1]) for place in set(places.values())}
    return {key: found[place] for key, place in places.items()}


def open_minutes(periods: list[Period], start_min: int, end_min: int) -> int:
    """Open minutes in [start_min, end_min)."""
    return sum(
        max(0, min(end, end_min) - max(start, start_min))
        for start, end in periods
        if start < end_min and end > start_min
    )


def after_open_minutes(periods: list[Period], start_min: int, minutes: int) -> int | None:
    """When `minutes` of open time have passed since start_min; None when the hours do not suffice."""
    if minutes == 0:
        return start_min
    left = minutes
    for start, end in periods:
        begin = max(start, start_min)
        if begin >= end:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def units_minutes(mode: Mode, machine: Machine, units: int) -> int:
    """W(n) of the mode: whole minutes of n cycles, or of n pieces."""
    seconds = mode.cycle_s if mode.kind == "cycle" else mode.piece_s
    return -(-units * seconds * 1000 // (machine.efficiency_permille * 60))


class CycleWork:
    """When each cycle of a run starts and ends: each in an uninterrupted piece of open time."""

    def __init__(self, starts: list[int], ends: list[int]) -> None:
        self._starts, self._ends = starts, ends

    def start_of(self, unit: int) -> int:
        """Minute in which cycle `unit` (0 = first) starts."""
        return self._starts[unit]

    def end_of(self, unit: int) -> int:
        """Minute in which cycle `unit` ends."""
        return self._ends[unit]


class RateWork:
    """When each piece of a run starts and ends, pausing whenever the machine is closed."""

    def __init__(self, mode: Mode, machine: Machine, periods: list[Period], start_min: int) -> None:
        self._mode, self._machine, self._periods, self._start_min = mode, machine, periods, start_min

    def start_of(self, unit: int) -> int:
        """Minute in which the pieces before `unit` are done."""
        return self.end_of(unit - 1) if unit else self._start_min

    def end_of(self, unit: int) -> int:
        """Minute in which piece `unit` (0 = first) is done."""
        minutes = units_minutes(self._mode, self._machine, unit + 1)
        end = after_open_minutes(self._periods, self._start_min, minutes)
        assert end is not None
        return end


def work(
    mode: Mode, machine: Machine, periods: list[Period], start_min: int, units: int
) -> CycleWork | RateWork | None:
    """Works `units` (>= 1) from start_min on by the law; None when the hours do not suffice."""
    if mode.kind == "rate":
        minutes = units_minutes(mode, machine, units)
        if after_open_minutes(periods, start_min, minutes) is None:
            return None
        return RateWork(mode, machine, periods, start_min)
    starts: list[int] = []
    ends: list[int] = []
    at = start_min
    position = 0
    for unit in range(units):
        minutes = units_minutes(mode, machine, unit + 1) - units_minutes(mode, machine, unit)
        while position < len(periods) and periods[position][1] - max(at, periods[position][0]) < max(minutes, 1):
            position += 1
        if position == len(periods):
            return None
        at = max(at, periods[position][0])
        starts.append(at)
        at += minutes
        ends.append(at)
    return CycleWork(starts, ends)
