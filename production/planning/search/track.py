"""One machine's time: the runs on it in order, and the earliest gap for another."""

from bisect import bisect_left, bisect_right
from itertools import pairwise

from production.planning.search.hours import FAR, Hours, Law

FORBIDDEN = -1


class Slot:
    """A run on a machine. Mutable while the search works; `parts` are (lot number, step, batch).

    is_pinned: it starts when it does, whatever comes before it. needs: units of pools that it holds; it does not start
    earlier then.
    """

    __slots__ = (
        "base_setup",
        "end",
        "family",
        "fixed",
        "is_pinned",
        "law",
        "lowest",
        "needs",
        "parts",
        "pieces",
        "setup",
        "start",
        "work",
    )

    def __init__(self, start: int, work: int, end: int, family: str, *, law: Law | None, lowest: int) -> None:
        self.start = start
        self.work = work
        self.end = end
        self.family = family
        self.law = law
        self.base_setup = law.setup if law is not None else 0
        self.fixed = law is None
        self.lowest = lowest
        self.is_pinned = False
        self.needs: tuple[tuple[str, int], ...] = ()
        self.setup = 0
        self.pieces = 0
        self.parts: list[tuple[int, int, int]] = []

    def could_follow(self, change: int) -> bool:
        """Whether it may be set up with so many minutes of changeover, as far as its own start goes."""
        setup = change + self.base_setup
        return setup == self.setup if self.is_pinned else not self.needs or setup <= self.setup


Fit = tuple[int, int, int]
"""(end, start, work start) of a place that was found."""


class Track:
    """Runs of one machine, sorted. `changes`: minutes by (from, to) family, FORBIDDEN where not allowed."""

    __slots__ = ("changes", "default_change", "ends", "family_at_zero", "hours", "slots", "starts")

    def __init__(
        self,
        hours: Hours,
        family_at_zero: str,
        changes: dict[tuple[str, str], int] | None,
        default_change: int,
    ) -> None:
        self.hours = hours
        self.family_at_zero = family_at_zero
        self.changes = changes
        self.default_change = default_change
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.slots: list[Slot] = []

    def change(self, before: str, after: str) -> int:
        """Changeover minutes, or FORBIDDEN."""
        if before == after or self.changes is None:
            return 0
        return self.changes.get((before, after), self.default_change)

    def family_before(self, gap: int) -> str:
        """What the machine is set up for in the gap before slot number `gap`."""
        return self.slots[gap - 1].family if gap else self.family_at_zero

    def fit(self, law: Law, units: int, family: str, ready: int, lowest: int, highest: int) -> Fit | None:
        """The earliest place for `units` whose work starts at `ready` or later, inside [lowest, highest]."""
        minutes = law.minutes(units)
        starts, ends = self.starts, self.ends
        count = len(starts)
        gap = bisect_right(starts, ready)
        while True:
            opened = ends[gap - 1] if gap else lowest
            if opened < lowest:
                opened = lowest
            at = ready if ready > opened else opened
            if at + minutes > highest:
                return None
            closes = starts[gap] if gap < count else highest
            if at + minutes <= closes:
                found = self._fit_gap(gap, law, units, family, opened, at, min(closes, highest))
                if found is not None:
                    return found
            if gap >= count:
                return None
            gap += 1

    def _fit_gap(self, gap: int, law: Law, units: int, family: str, opened: int, at: int, closes: int) -> Fit | None:
        setup = self.change(self.family_before(gap), family)
        if setup == FORBIDDEN:
            return None
        setup += law.setup
        if setup:
            at = max(at, self.hours.after(opened, setup))
        first, end = law.walk(self.hours, at, units)
        if end > closes or not self._next_still_fits(gap, family, end):
            return None
        return end, self.hours.latest(first, setup), first

    def _next_still_fits(self, gap: int, family: str, end: int) -> bool:
        if gap == len(self.slots):
            return True
        following = self.slots[gap]
        needed = self.change(family, following.family)
        if needed == FORBIDDEN or not following.could_follow(needed):
            return False
        if needed == 0:
            return True
        if following.fixed:
            room = self.hours.position(following.start) - self.hours.position(end) + following.setup
            return room >= needed
        start = self.hours.latest(following.work, needed + following.base_setup)
        return start >= end and start >= following.lowest

    def room(self, law: Law, family: str, ready: int, lowest: int, highest: int) -> int:
        """The most units that one run can have, working at `ready` or later, inside [lowest, highest]."""
        best = 0
        count = len(self.starts)
        gap = bisect_right(self.starts, ready)
        while True:
            opened = max(self.ends[gap - 1] if gap else lowest, lowest)
            if max(opened, ready) >= highest:
                return best
            closes = min(self.starts[gap], highest) if gap < count else highest
            if (closes - (opened if opened > ready else ready)) * law.den // law.num > best:
                best = max(best, self._gap_room(gap, law, family, ready, opened, closes))
            if gap >= count:
                return best
            gap += 1

    def _gap_room(self, gap: int, law: Law, family: str, ready: int, opened: int, closes: int) -> int:
        setup = self.change(self.family_before(gap), family)
        if setup == FORBIDDEN:
            return 0
        if gap < len(self.starts):
            closes = min(closes, self._closes_for(gap, family))
        return law.count(self.hours, max(ready, self.hours.after(opened, setup + law.setup)), closes)

    def _closes_for(self, gap: int, family: str) -> int:
        following = self.slots[gap]
        needed = self.change(family, following.family)
        if needed == FORBIDDEN:
            return -FAR
        if following.fixed:
            return self.hours.latest(following.start, max(0, needed - following.setup))
        return self.hours.latest(following.work, needed + following.base_setup)

    def insert(self, slot: Slot) -> None:
        """Puts a run in; its own set-up and that of the run after it are worked out again."""
        gap = bisect_left(self.starts, slot.start)
        self.starts.insert(gap, slot.start)
        self.ends.insert(gap, slot.end)
        self.slots.insert(gap, slot)
        self._set_up(gap)
        self._set_up(gap + 1)

    def remove(self, slot: Slot) -> None:
        """Takes a run out; the run after it is set up as it was before."""
        gap = self.place_of(slot)
        del self.starts[gap], self.ends[gap], self.slots[gap]
        self._set_up(gap)

    def could_restore(self, slot: Slot) -> bool:
        """Whether a run that was taken out can have its time back, set up for what now comes before it."""
        gap = self._gap_at(slot.work)
        setup = self.change(self.family_before(gap), slot.family)
        if setup == FORBIDDEN or not slot.could_follow(setup):
            return False
        opened = max(self.ends[gap - 1] if gap else slot.lowest, slot.lowest)
        if self.hours.latest(slot.work, setup + slot.base_setup) < opened:
            return False
        return gap == len(self.slots) or self._is_followed(slot, self.slots[gap])

    def restore(self, slot: Slot) -> None:
        """Puts a run back to its time; `could_restore` says whether it has room there."""
        gap = self._gap_at(slot.work)
        self.starts.insert(gap, slot.start)
        self.ends.insert(gap, slot.end)
        self.slots.insert(gap, slot)
        self._set_up(gap)
        self._set_up(gap + 1)

    def is_sound(self) -> bool:
        """Whether every run that the search has placed or set up again has room for its set-up."""
        for before, slot in pairwise(self.slots):
            if not (before.fixed and slot.fixed) and not self._is_followed(before, slot):
                return False
        if not self.slots or self.slots[0].fixed:
            return True
        first = self.slots[0]
        return self.change(self.family_at_zero, first.family) != FORBIDDEN and first.start >= first.lowest

    def _is_followed(self, slot: Slot, following: Slot) -> bool:
        needed = self.change(slot.family, following.family)
        if needed == FORBIDDEN or not following.could_follow(needed):
            return False
        if following.fixed:
            room = self.hours.position(following.start) - self.hours.position(slot.end) + following.setup
            return slot.end <= following.start and room >= needed
        return self.hours.latest(following.work, needed + following.base_setup) >= max(slot.end, following.lowest)

    def _gap_at(self, work: int) -> int:
        """Number of the first run that works at `work` or later."""
        return bisect_left(self.slots, work, key=lambda slot: slot.work)

    def place_of(self, slot: Slot) -> int:
        """Number of the slot on its machine."""
        gap = bisect_left(self.starts, slot.start)
        while self.slots[gap] is not slot:
            gap += 1
        return gap

    def stretch(self, slot: Slot, end: int) -> None:
        """Gives a run another end."""
        self.ends[self.place_of(slot)] = end
        slot.end = end

    def free_until(self, slot: Slot) -> int:
        """Start of the run after this one; FAR when it is the last."""
        gap = self.place_of(slot) + 1
        return self.starts[gap] if gap < len(self.starts) else FAR

    def _set_up(self, gap: int) -> None:
        if gap >= len(self.slots):
            return
        slot = self.slots[gap]
        if slot.fixed:
            return
        slot.setup = self.change(self.family_before(gap), slot.family) + slot.base_setup
        slot.start = self.hours.latest(slot.work, slot.setup)
        self.starts[gap] = slot.start
