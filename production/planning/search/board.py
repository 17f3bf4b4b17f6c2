"""The plan while it is made: machines, reserved material, offered minutes, and a log to take steps back."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import partial

from production.planning.problem import MaterialArrival
from production.planning.search.hours import FAR
from production.planning.search.plant import Plant
from production.planning.search.pools import PoolBook
from production.planning.search.track import Slot


class Board:
    """One rule's plan in the making. Everything done can be undone back to a mark, in reverse order."""

    __slots__ = ("_log", "_stock", "_taken", "lot_count", "lot_lines", "offered", "plant", "pools", "tracks")

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.tracks = plant.tracks()
        self.lot_count = 0
        self.lot_lines: list[str] = []
        fixed = [run for lot in plant.problem.fixed_lots for run in lot.runs]
        self.pools = PoolBook(plant.pools, plant.pool_hours, fixed)
        self.offered = {
            offer.key: offer.machine_minutes for offer in plant.problem.offers if offer.machine_minutes is not None
        }
        self._log: list[Callable[[], None]] = []
        self._stock = _sums(plant.problem.arrivals)
        self._taken: dict[tuple[str, str], int] = {}

    def mark(self) -> int:
        """Where undo can go back to."""
        return len(self._log)

    def undo(self, mark: int) -> None:
        """Takes everything back that was done since the mark."""
        while len(self._log) > mark:
            self._log.pop()()

    def insert(self, track: int, slot: Slot) -> None:
        """Puts a run on a machine."""
        self.tracks[track].insert(slot)
        self._log.append(lambda: self.tracks[track].remove(slot))
        self._hold(slot, slot.start, slot.end)

    def _hold(self, slot: Slot, start: int, end: int) -> None:
        """Holds what a run needs; from its work's start on what it needs only then."""
        for key, units in slot.needs:
            held = (key, self.pools.holds_from(key, start, max(start, slot.work)), end, units)
            self.pools.hold(*held)
            self._log.append(partial(self.pools.release, *held))

    def take_out(self, track: int, slot: Slot) -> None:
        """Takes a run off its machine. What it held stays held: what comes instead may not have it."""
        self.tracks[track].remove(slot)
        self._log.append(lambda: self.tracks[track].restore(slot))

    def put_back(self, track: int, slot: Slot) -> bool:
        """Gives a run that was taken out its time again; False when something else has it."""
        if not self.tracks[track].could_restore(slot):
            return False
        self.tracks[track].restore(slot)
        self._log.append(lambda: self.tracks[track].remove(slot))
        return True

    def append(self, track: int, slot: Slot, end: int, pieces: int, part: tuple[int, int, int]) -> None:
        """Lets a run carry one more batch."""
        before_end = slot.end
        self._hold(slot, before_end, end)
        self.tracks[track].stretch(slot, end)
        slot.pieces += pieces
        slot.parts.append(part)

        def take_back() -> None:
            self.tracks[track].stretch(slot, before_end)
            slot.pieces -= pieces
            slot.parts.pop()

        self._log.append(take_back)

    def between(self, track: int, line: str) -> tuple[int, int]:
        """(from, until) when a line's runs may be on a machine, so that its sequences are kept."""
        floor, ceiling = 0, FAR
        for rank in self.plant.ranks.get(track, ()):
            if line not in rank:
                continue
            for slot in self.tracks[track].slots:
                other = rank.get(self.lot_lines[slot.parts[0][0]], rank[line]) if slot.parts else rank[line]
                if other < rank[line]:
                    floor = max(floor, slot.end)
                elif other > rank[line]:
                    ceiling = min(ceiling, slot.start)
        return floor, ceiling

    def new_lot(self, line: str) -> int:
        """Number of the next lot, one of a line."""
        self.lot_count += 1
        self.lot_lines.append(line)

        def take_back() -> None:
            self.lot_count -= 1
            self.lot_lines.pop()

        self._log.append(take_back)
        return self.lot_count - 1

    def use_offer(self, offer: str, minutes: int) -> bool:
        """Takes minutes of an offer that has a limit; False when they are not there."""
        left = self.offered.get(offer)
        if left is None:
            return True
        if left < minutes:
            return False
        self.offered[offer] = left - minutes

        def take_back() -> None:
            self.offered[offer] += minutes

        self._log.append(take_back)
        return True

    def restock(self, arrivals: Iterable[MaterialArrival]) -> None:
        """Counts material anew: these arrivals, none of them reserved."""
        before = self._stock, self._taken
        self._stock, self._taken = _sums(arrivals), {}

        def take_back() -> None:
            self._stock, self._taken = before

        self._log.append(take_back)

    def reserve(self, firm: str, material: str, grams: int) -> int | None:
        """When the next `grams` of a material are there; None when they never come."""
        key = (firm, material)
        if key not in self._stock:
            return None
        total = self._taken.get(key, 0) + grams
        sums, times = self._stock[key]
        index = bisect_left(sums, total)
        if index == len(sums):
            return None
        self._taken[key] = total

        def take_back() -> None:
            self._taken[key] -= grams

        self._log.append(take_back)
        return times[index]


def _sums(arrivals: Iterable[MaterialArrival]) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
    """By firm and material: what has arrived in all, and when."""
    stock: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    for arrival in sorted(arrivals, key=lambda item: (item.at_min, item.key)):
        grams, times = stock.setdefault((arrival.firm, arrival.material), ([], []))
        grams.append((grams[-1] if grams else 0) + arrival.grams)
        times.append(arrival.at_min)
    return stock
