"""Pools while a plan is made: who holds how many units when, and from when on a run could hold its own."""

from bisect import bisect_left, insort

from production.planning.holding import Needs
from production.planning.problem import FixedRun, Pool
from production.planning.search.hours import FAR, Hours


class PoolBook:
    """Units held of each pool, or out. fixed: runs that do not move."""

    __slots__ = ("held", "hours", "longest", "pools")

    def __init__(self, pools: dict[str, Pool], hours: dict[str, Hours], fixed: list[FixedRun]) -> None:
        self.pools = pools
        self.hours = hours
        self.held: dict[str, list[tuple[int, int, int]]] = {key: [] for key in pools}
        self.longest = dict.fromkeys(pools, 0)
        for run in fixed:
            for key, units in run.pool_needs:
                self.hold(key, run.start_min, run.end_min, units)
        for pool in pools.values():
            for start, end, units in pool.out:
                self.hold(pool.key, start, end, units)

    def hold(self, pool: str, start: int, end: int, units: int) -> None:
        """Units are held in [start, end)."""
        if start < end:
            insort(self.held[pool], (start, end, units))
            self.longest[pool] = max(self.longest[pool], end - start)

    def release(self, pool: str, start: int, end: int, units: int) -> None:
        """Takes `hold` back."""
        if start < end:
            self.held[pool].remove((start, end, units))

    def holds_from(self, pool: str, start: int, work: int) -> int:
        """When a run begins to hold: power with its work, moulds and crews with its set-up."""
        return work if self.pools[pool].kind == "power" else start

    def clash(self, needs: Needs, machine: Hours, start: int, work: int, end: int) -> int | None:
        """None when a run can hold what it needs at these times; else the minute to start from next.

        Power is drawn by the work only: it may be set up for while others draw it.
        """
        for key, units in needs:
            again = self._closed(key, machine, start, end)
            if again is None:
                begin = self.holds_from(key, start, work)
                again = self._taken(key, units, begin, end)
                if again is not None and begin > start and again < FAR:
                    again = machine.latest(again, machine.position(work) - machine.position(start))
            if again is not None:
                return max(again, start + 1)
        return None

    def _closed(self, key: str, machine: Hours, start: int, end: int) -> int | None:
        """When the pool opens again after the first minute in which the machine is open and the pool is not."""
        pool = self.hours[key]
        at = machine.opens(start)
        while at < end:
            opens = pool.opens(at)
            if opens > at:
                return max(opens, start + 1)
            index = bisect_left(pool.ends, at + 1)
            at = machine.opens(pool.ends[index])
        return None

    def _taken(self, key: str, units: int, start: int, end: int) -> int | None:
        """When the first of those that hold too much together lets go."""
        held = self.held[key]
        capacity = self.pools[key].capacity
        first = bisect_left(held, (start - self.longest[key], 0, 0))
        beside = [item for item in held[first : bisect_left(held, (end, 0, 0))] if item[1] > start]
        for at in (start, *(item[0] for item in beside if item[0] > start)):
            together = [item for item in beside if item[0] <= at < item[1]]
            if sum(item[2] for item in together) + units > capacity:
                return min((item[1] for item in together), default=FAR)
        return None
