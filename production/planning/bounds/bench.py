"""How much one machine can do between two minutes at the most, whatever else it has to do.

A run may carry pieces of other lots before these, so that its first units here are those that rounding makes short:
n of them take no less than n times the nominal minutes rounded down. Set-up between runs is left out, and loads may be
full.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate

from production.planning.search.hours import FAR, Hours, Law


class Bench:
    """One machine for one step. first_min: no work is earlier; last_min: none ends later.

    most_min: greatest sum of working minutes, or None.
    """

    __slots__ = ("_before", "first_min", "hours", "last_min", "law", "machine", "most_min")

    def __init__(
        self, machine: str, hours: Hours, law: Law, *, window: tuple[int, int], most_min: int | None = None
    ) -> None:
        self.machine = machine
        self.hours = hours
        self.law = law
        self.first_min = hours.after(window[0], law.setup)
        self.last_min = window[1]
        self.most_min = most_min
        counts = (self._fit(end - start) for start, end in zip(hours.starts, hours.ends, strict=True))
        self._before = [0, *accumulate(counts)] if law.is_cycle else []

    def pieces(self, from_min: int, until_min: int) -> int:
        """The most pieces that it begins at from_min or later and ends by until_min."""
        start, end = max(from_min, self.first_min), min(until_min, self.last_min)
        if start > end:
            return 0
        law = self.law
        units = self._fit(self.hours.position(end) - self.hours.position(start))
        if law.is_cycle:
            units = min(units, self._cycles_between(start, end))
        if self.most_min is not None:
            units = min(units, self.most_min * law.den // law.num)
        return units * law.per

    def earliest_end(self, from_min: int, pieces: int) -> int:
        """No sooner are so many pieces done that begin at from_min or later; FAR when they never are."""
        start = max(from_min, self.first_min)
        if not self.law.is_cycle:
            end = self.hours.after(start, pieces * self.law.num // self.law.den)
            return end if end <= self.last_min else FAR
        low, high = start, min(self.hours.ends[-1] if self.hours.ends else start, self.last_min)
        if self.pieces(start, high) < pieces:
            return FAR
        while low < high:
            middle = (low + high) // 2
            if self.pieces(start, middle) >= pieces:
                high = middle
            else:
                low = middle + 1
        return low

    def latest_start(self, until_min: int, pieces: int) -> int:
        """No later do so many pieces begin that end by until_min; -FAR when there is no such minute."""
        end = min(until_min, self.last_min)
        if not self.law.is_cycle:
            start = self.hours.latest(end, pieces * self.law.num // self.law.den)
            return start if start >= self.first_min else -FAR
        low, high = self.first_min, end
        if self.pieces(low, end) < pieces:
            return -FAR
        while low < high:
            middle = (low + high + 1) // 2
            if self.pieces(middle, end) >= pieces:
                low = middle
            else:
                high = middle - 1
        return low

    def _fit(self, minutes: int) -> int:
        """Units whose minutes rounded down are no more than these, without a pause."""
        return ((minutes + 1) * self.law.den - 1) // self.law.num

    def _cycles_between(self, start: int, end: int) -> int:
        starts, ends = self.hours.starts, self.hours.ends
        first = bisect_left(ends, start)
        last = bisect_right(starts, end)
        if first >= last:
            return 0
        if first + 1 == last:
            return self._fit(min(ends[first], end) - max(starts[first], start))
        inside = self._before[last - 1] - self._before[first + 1]
        return (
            self._fit(ends[first] - max(starts[first], start))
            + inside
            + self._fit(min(ends[last - 1], end) - starts[last - 1])
        )
