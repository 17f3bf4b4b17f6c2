"""Open hours as arrays, and the law of run minutes read fast: every question is a bisection or one walk."""

from bisect import bisect_left, bisect_right

from production.planning.problem import Calendar, Machine, Mode, Period

FAR = 1 << 50
"""A minute that never comes."""


class Hours:
    """Open periods. `before[i]`: open minutes before period i; `done[i]`: at its end."""

    __slots__ = ("before", "done", "ends", "starts")

    def __init__(self, periods: list[Period]) -> None:
        self.starts = [start for start, _ in periods]
        self.ends = [end for _, end in periods]
        self.before: list[int] = []
        self.done: list[int] = []
        total = 0
        for start, end in periods:
            self.before.append(total)
            total += end - start
            self.done.append(total)

    def position(self, at_min: int) -> int:
        """Open minutes before at_min."""
        index = bisect_right(self.starts, at_min) - 1
        if index < 0:
            return 0
        end = self.ends[index]
        return self.before[index] + (at_min if at_min < end else end) - self.starts[index]

    def after(self, at_min: int, minutes: int) -> int:
        """When `minutes` of open time have passed since at_min; FAR when the hours do not suffice."""
        if minutes <= 0:
            return at_min
        target = self.position(at_min) + minutes
        index = bisect_left(self.done, target)
        if index == len(self.done):
            return FAR
        return self.starts[index] + target - self.before[index]

    def latest(self, at_min: int, minutes: int) -> int:
        """The latest start from which `minutes` of open time pass until at_min; -FAR when there is none."""
        if minutes <= 0:
            return at_min
        target = self.position(at_min) - minutes
        if target < 0:
            return -FAR
        index = bisect_right(self.done, target)
        return self.starts[index] + target - self.before[index]

    def opens(self, at_min: int) -> int:
        """at_min when open, else the next opening; FAR when there is none."""
        index = bisect_right(self.starts, at_min) - 1
        if index >= 0 and at_min < self.ends[index]:
            return at_min
        return self.starts[index + 1] if index + 1 < len(self.starts) else FAR


def compile_hours(calendar: Calendar, closed: tuple[Period, ...], horizon_min: int) -> Hours:
    """Hours of a calendar without closed periods, inside [0, horizon_min); touching periods joined."""
    pieces: list[Period] = []
    shut = sorted(closed)
    for start, end in calendar.open:
        at, until = max(start, 0), min(end, horizon_min)
        for from_min, to_min in shut:
            if to_min <= at or from_min >= until:
                continue
            if from_min > at:
                pieces.append((at, from_min))
            at = max(at, to_min)
        if at < until:
            pieces.append((at, until))
    joined: list[Period] = []
    for start, end in pieces:
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return Hours(joined)


class Law:
    """Minutes of a mode on a machine: W(n) = ceil(n * num / den), in cycles of `per` pieces or in pieces."""

    __slots__ = ("den", "is_cycle", "num", "per", "setup")

    def __init__(self, mode: Mode, machine: Machine) -> None:
        self.is_cycle = mode.kind == "cycle"
        self.num = (mode.cycle_s if self.is_cycle else mode.piece_s) * 1000
        self.den = machine.efficiency_permille * 60
        self.per = mode.pieces_per_cycle if self.is_cycle else 1
        self.setup = mode.setup_min

    def units(self, pieces: int) -> int:
        """Cycles, or pieces."""
        return -(-pieces // self.per)

    def minutes(self, units: int) -> int:
        """W(units)."""
        return -(-units * self.num // self.den)

    def walk(self, hours: Hours, at_min: int, units: int) -> tuple[int, int]:
        """(first, end): when work that may begin at at_min does begin and end; FAR: hours do not suffice."""
        if not self.is_cycle:
            return hours.opens(at_min), hours.after(at_min, self.minutes(units))
        first = -1
        for done, start, worked, more in self._stretches(hours, at_min, units):
            if first < 0:
                first = start
            if done + more >= units:
                return first, start + self.minutes(units) - worked
        return FAR, FAR

    def _stretches(self, hours: Hours, at_min: int, units: int) -> list[tuple[int, int, int, int]]:
        """Uninterrupted stretches of cycles: (cycles before, start, W of them, cycles in it)."""
        starts, ends, num, den = hours.starts, hours.ends, self.num, self.den
        index = bisect_right(starts, at_min) - 1
        if index < 0 or at_min >= ends[index]:
            index += 1
        found = []
        done = worked = 0
        count = len(starts)
        while index < count:
            start = starts[index]
            if start < at_min:
                start = at_min
            fits = (worked + ends[index] - start) * den // num
            if fits > done:
                found.append((done, start, worked, fits - done))
                done = fits
                if done >= units:
                    break
                worked = -(-done * num // den)
            index += 1
        return found

    def count(self, hours: Hours, at_min: int, until_min: int) -> int:
        """How many units fit between at_min and until_min."""
        if until_min <= at_min:
            return 0
        if not self.is_cycle:
            return (hours.position(until_min) - hours.position(at_min)) * self.den // self.num
        starts, ends, num, den = hours.starts, hours.ends, self.num, self.den
        index = max(bisect_right(starts, at_min) - 1, 0)
        done = worked = 0
        count = len(starts)
        while index < count and starts[index] < until_min:
            start, end = max(starts[index], at_min), min(ends[index], until_min)
            if end > start:
                fits = (worked + end - start) * den // num
                if fits > done:
                    done = fits
                    worked = -(-done * num // den)
            index += 1
        return done

    def spans(self, hours: Hours, first_min: int, sizes: list[int]) -> tuple[list[int], list[int]]:
        """When the machine begins and ends each batch, one after the other from first_min on."""
        begins, ends = [], []
        before = 0
        if not self.is_cycle:
            for size in sizes:
                begins.append(hours.after(first_min, self.minutes(before)))
                before += size
                ends.append(hours.after(first_min, self.minutes(before)))
            return begins, ends
        total = sum(sizes)
        stretches = self._stretches(hours, first_min, self.units(total))
        index = 0
        for size in sizes:
            unit = before // self.per
            while stretches[index][0] + stretches[index][3] <= unit:
                index += 1
            begins.append(stretches[index][1] + self.minutes(unit) - stretches[index][2])
            before += size
            unit = (before - 1) // self.per
            while stretches[index][0] + stretches[index][3] <= unit:
                index += 1
            ends.append(stretches[index][1] + self.minutes(unit + 1) - stretches[index][2])
            if index and before // self.per <= unit:
                index = _back(stretches, index, before // self.per)
        return begins, ends


def _back(stretches: list[tuple[int, int, int, int]], index: int, unit: int) -> int:
    while index and stretches[index][0] > unit:
        index -= 1
    return index
