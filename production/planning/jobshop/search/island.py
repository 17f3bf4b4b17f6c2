"""One searcher: walks from dispatched plans, then from plans between two good ones, and keeps a pool of the best.

What it does depends on its seed and on the steps it has taken alone, never on how they are cut into chunks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from production.planning.jobshop.instance import JobShop
from production.planning.jobshop.kernel.board import lay
from production.planning.jobshop.kernel.choice import FAR
from production.planning.jobshop.kernel.greedy import between, dispatch, heads_of
from production.planning.jobshop.kernel.shapes import Array, Memory, Shop, board_for, memory_for
from production.planning.jobshop.kernel.tabu import walk_for, walk_on
from production.planning.jobshop.search.arrays import shop_of
from production.planning.kernel.generator import draw, generator_state

HABITS = ((0, 0), (13, 32), (32, 64), (64, 0), (0, 32), (13, 64), (32, 0), (64, 32))
"""What the dispatch weighs, in 64ths: work left, chance."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How patient and how broad the search is.

    patience: steps without a better plan that end a walk. pool: plans kept. dispatched: plans made at the beginning.
    reach: how far a step moves an operation on its own machine. tenure, spread: steps that a left way is tabu.
    thrift: what a unit of work weighs among moves of one makespan.
    nearest, farthest: 64ths of the way to another plan at which a walk begins.
    """

    patience: int = 6000
    pool: int = 8
    dispatched: int = 24
    reach: int = 8
    tenure: int = 6
    spread: int = 8
    thrift: int = 4
    nearest: int = 16
    farthest: int = 40


@dataclass(slots=True, eq=False)
class Elite:
    """A plan of the pool with its starts, which the way between two plans is measured and mixed by."""

    memory: Memory
    heads: Array

    @property
    def value(self) -> int:
        """Makespan."""
        return int(self.memory.value[0])


class Island:
    """See the module. bound: a makespan proved to be the least possible; reaching it ends the search."""

    def __init__(self, shop: Shop, *, seed: int, number: int, bound: int, tuning: Tuning) -> None:
        self.shop = shop
        self.tuning = tuning
        self.bound = bound
        self.state = generator_state(seed, number)
        self.board = board_for(shop)
        self.desk = board_for(shop)  # for plans that come while a walk stands on the board
        self.walk = walk_for(shop)
        self.walked = memory_for(shop)
        self.settings = np.array(
            [
                tuning.patience,
                bound,
                tuning.reach,
                tuning.tenure,
                tuning.spread,
                tuning.thrift,
            ],
            dtype=np.int64,
        )
        self.best = memory_for(shop)
        self.pool: list[Elite] = []
        self.steps = 0
        self.is_walking = False
        self.waiting: list[Memory] = []

    @property
    def value(self) -> int:
        """Makespan of the best plan so far."""
        return int(self.best.value[0])

    @property
    def is_done(self) -> bool:
        """Nothing better exists."""
        return self.value <= self.bound

    def set_bound(self, bound: int) -> None:
        """A makespan that no plan can beat."""
        self.bound = bound
        self.settings[1] = bound

    def dispatch(self, go_on: Callable[[], bool]) -> None:
        """Makes the first plans: one in any case, the others while it may go on. The best begin walks."""
        machines = len(self.shop.row) - 1
        free = np.zeros(machines, dtype=np.int64)
        ready = np.zeros(len(self.walked.order), dtype=np.int64)
        queue = np.zeros_like(ready)
        plans = []
        for number in range(self.tuning.dispatched):
            plan = memory_for(self.shop)
            habit = np.array(HABITS[number % len(HABITS)], dtype=np.int64)
            dispatch(self.shop, plan, free, ready, queue, habit, self.state)
            plans.append(plan)
            self._keep(plan)
            if not go_on():
                break
        plans.sort(key=lambda plan: int(plan.value[0]))
        self.waiting = plans[: self.tuning.pool]
        self.waiting.reverse()

    def advance(self, steps: int) -> None:
        """Takes that many steps, in as many walks as it needs; fewer only when nothing better exists."""
        aim = self.steps + steps
        while self.steps < aim and not self.is_done:
            if not self.is_walking:
                self._begin(self._start())
            taken = walk_on(
                self.shop,
                self.board,
                self.walk,
                self.walked,
                self.settings,
                self.state,
                aim - self.steps,
            )
            self.steps += int(taken)
            self._keep(self.walked)
            if self.steps < aim:
                self.is_walking = False
                self.welcome(self.walked)
                self.steps += 1  # a walk without a step must not go on for ever

    def welcome(self, plan: Memory) -> None:
        """Takes a plan into the pool, if it is better than the worst there or unlike all."""
        self._keep(plan)
        lay(self.shop, self.desk, plan.machine, plan.order)
        heads = np.zeros(len(plan.order), dtype=np.int64)
        heads_of(self.desk, heads)
        new = Elite(copy_of(plan), heads)
        twin = next((one for one in self.pool if self._alike(one, new)), None)
        if twin is not None:
            if new.value < twin.value:
                self.pool[self.pool.index(twin)] = new
        elif len(self.pool) < self.tuning.pool:
            self.pool.append(new)
        else:
            worst = max(self.pool, key=lambda one: one.value)
            if new.value <= worst.value:
                self.pool[self.pool.index(worst)] = new

    def _alike(self, one: Elite, other: Elite) -> bool:
        moved = np.count_nonzero(one.memory.machine != other.memory.machine)
        shifted = np.abs(one.heads - other.heads).sum() * 50 < one.heads.sum()
        return bool(moved * 50 < len(one.heads) and shifted)

    def _start(self) -> Memory:
        if self.waiting:
            return self.waiting.pop()
        first = int(draw(self.state, len(self.pool)))
        if len(self.pool) < 2:
            return self.pool[first].memory
        second = (first + 1 + int(draw(self.state, len(self.pool) - 1))) % len(self.pool)
        share = self.tuning.nearest + int(draw(self.state, self.tuning.farthest - self.tuning.nearest + 1))
        child = memory_for(self.shop)
        between(
            self.pool[first].memory,
            self.pool[second].memory,
            self.pool[first].heads,
            self.pool[second].heads,
            share,
            child,
            self.desk.spare,
            self.state,
        )
        return child

    def _begin(self, plan: Memory) -> None:
        lay(self.shop, self.board, plan.machine, plan.order)
        self.walk.until[:] = 0
        self.walk.step[0] = 0
        self.walk.stalled[0] = 0
        self.walk.best[0] = FAR
        self.walked.value[0] = FAR
        self.is_walking = True

    def _keep(self, plan: Memory) -> None:
        if int(plan.value[0]) < self.value:
            self.best = copy_of(plan)


def warm_up(instance: JobShop) -> None:
    """Calls every kernel with the types of production: a few steps, then a walk from between two plans."""
    island = Island(shop_of(instance), seed=0, number=0, bound=0, tuning=Tuning(patience=1))
    island.dispatch(lambda: True)
    while island.waiting:
        island.advance(1)
    island.pool = (island.pool * 2)[:2]
    island.advance(2)


def copy_of(plan: Memory) -> Memory:
    """A copy that nobody changes."""
    return Memory(plan.machine.copy(), plan.order.copy(), plan.value.copy())
