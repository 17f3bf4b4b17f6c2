"""Two islands search in rounds and exchange what they found; beside them a prover, where the problem is small.

Everything that depends on the number of steps alone is the same with one worker or two: a round's pieces are
independent of each other, and their results are merged in a fixed order when all are there. With a number of
iterations the clock ends nothing. Workers are threads: kernels and CP-SAT run outside the interpreter's lock.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock
from typing import TypeVar

import numpy as np

from production.planning.jobshop.instance import JobShop
from production.planning.jobshop.kernel.board import lay
from production.planning.jobshop.kernel.greedy import heads_of
from production.planning.jobshop.kernel.shapes import Memory, Shop, board_for
from production.planning.jobshop.plan import JobShopPlan, Task
from production.planning.jobshop.search.arrays import shop_of
from production.planning.jobshop.search.bounds import job_bound, work_bound
from production.planning.jobshop.search.exact import Answer, Prover, is_fit
from production.planning.jobshop.search.island import Island, Tuning, copy_of

ISLANDS = 2
ROUND_WORK = 1 << 24
SHORTEST_ROUND, LONGEST_ROUND = 4000, 200_000
FIRST_ROUND = 32
"""How much shorter the first is, doubled each time: what is easy is soon proved."""
CHUNKS = 16
"""Of a round: between them a search may be ended."""
PROOF_WORK = tuple(0.01 * 2**number for number in range(8))
"""Deterministic time of the prover's calls when iterations are counted, one beside each round."""
PROOF_SECONDS = tuple(3.0 * 2**number for number in range(6))
"""The same by the clock."""
LEAST_PROOF_SECONDS = 3.0
"""With less left no proof is begun: making the prover ready may take longer, and nothing can cut it short."""

T = TypeVar("T")
OnBetter = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A plan; bounds: by name, makespans that no plan can beat; iterations: steps of all islands."""

    plan: JobShopPlan
    bounds: dict[str, int]
    iterations: int


def solve(
    instance: JobShop,
    *,
    seed: int = 1,
    workers: int = 1,
    iterations: int | None = None,
    seconds_left: Callable[[], float | None] = lambda: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_better: OnBetter | None = None,
) -> Found:
    """Looks for a short plan until the bound is reached, the iterations are done, or it should stop.

    seconds_left: by the caller's clock, None for no end; it is not asked when iterations are given. on_better is
    called with each better makespan, from the threads of the search, one call at a time. There is always a plan.
    """
    search = Search(instance, seed, on_better)
    search.run(
        workers=workers,
        iterations=iterations,
        seconds_left=seconds_left if iterations is None else lambda: None,
        should_stop=should_stop,
    )
    best = min(search.islands, key=lambda island: island.value).best
    return Found(plan_of(instance, search.shop, best), search.bounds, sum(island.steps for island in search.islands))


class Search:
    """One run; see `solve`."""

    def __init__(self, instance: JobShop, seed: int, on_better: OnBetter | None) -> None:
        self.instance = instance
        self.shop = shop_of(instance)
        self.seed = seed
        self.on_better = on_better
        self.told = Lock()
        self.best_told: int | None = None
        self.ended = Event()
        self.proved = Event()  # by the clock a proof cuts a round short
        self.by_clock = True
        self.seconds_left: Callable[[], float | None] = lambda: None
        self.should_stop: Callable[[], bool] = lambda: False
        self.bounds = {"longest_job": job_bound(instance)}
        self.islands = [
            Island(self.shop, seed=seed, number=number, bound=self.bound, tuning=Tuning()) for number in range(ISLANDS)
        ]
        self.board = board_for(self.shop)
        self.prover: Prover | None = None
        self.proofs = 0

    @property
    def bound(self) -> int:
        """The best that is proved."""
        return max(self.bounds.values())

    def run(
        self,
        *,
        workers: int,
        iterations: int | None,
        seconds_left: Callable[[], float | None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Rounds, until there is an end."""
        self.by_clock = iterations is None
        self.seconds_left = seconds_left
        self.should_stop = should_stop
        for island in self.islands:
            island.dispatch(self._goes_on)
            self._tell(island)
        self.bounds["shared_work"] = work_bound(self.instance)
        self._set_bound()
        with ThreadPoolExecutor(max_workers=workers + 1) as pool:
            try:
                self._rounds(pool if workers > 1 else None, iterations)
            finally:
                self.ended.set()
                if self.prover is not None:
                    self.prover.stop()

    def _goes_on(self) -> bool:
        left = self.seconds_left()
        return not (self.ended.is_set() or self.should_stop() or (left is not None and left <= 0))

    def _rounds(self, pool: ThreadPoolExecutor | None, iterations: int | None) -> None:
        longest = min(max(ROUND_WORK // len(self.shop.previous), SHORTEST_ROUND), LONGEST_ROUND)
        length = longest // FIRST_ROUND
        proof: Future[Answer] | None = None
        while self._goes_on() and min(island.value for island in self.islands) > self.bound:
            length = min(2 * length, longest)
            shares = [length] * ISLANDS
            if iterations is not None:
                left = iterations - sum(island.steps for island in self.islands)
                if left <= 0:
                    break
                shares = [min(length, (left + 1 - number) // ISLANDS) for number in range(ISLANDS)]
            if proof is None and self._may_prove():
                best = copy_of(min(self.islands, key=lambda island: island.value).best)
                proof = begun(pool, self._prove, best)
            pieces = [
                begun(pool, self._advance, island, steps) for island, steps in zip(self.islands, shares, strict=True)
            ]
            for piece in pieces:
                piece.result()
            self._exchange()
            if proof is not None and (not self.by_clock or proof.done()):
                self._merge(proof.result())
                self.proved.clear()
                proof = None

    def _advance(self, island: Island, steps: int) -> None:
        chunk = max(1, steps // CHUNKS)
        while steps > 0 and not (island.is_done or self.proved.is_set()) and self._goes_on():
            taken = min(chunk, steps)
            island.advance(taken)
            steps -= taken
            self._tell(island)

    def _exchange(self) -> None:
        """Each island's best goes to the other; first the lower number's, as they were before."""
        bests = [copy_of(island.best) for island in self.islands]
        for number, island in enumerate(self.islands):
            for other, best in enumerate(bests):
                if other != number:
                    island.welcome(best)

    def _may_prove(self) -> bool:
        left = self.seconds_left()
        is_time = left is None or left >= LEAST_PROOF_SECONDS
        return is_time and is_fit(self.shop) and self.islands[0].steps > 0

    def _prove(self, best: Memory) -> Answer:
        if self.prover is None:
            self.prover = Prover(self.shop, self.seed)
        lay(self.shop, self.board, best.machine, best.order)
        heads = np.zeros(len(best.order), dtype=np.int64)
        heads_of(self.board, heads)
        number = self.proofs
        self.proofs += 1
        if not self.by_clock:
            return self.prover.improve(best, heads, self.bound, work=PROOF_WORK[min(number, len(PROOF_WORK) - 1)])
        seconds = PROOF_SECONDS[min(number, len(PROOF_SECONDS) - 1)]
        left = self.seconds_left()
        seconds = seconds if left is None else max(0.0, min(seconds, left))
        answer = self.prover.improve(best, heads, self.bound, seconds=seconds)
        self.proved.set()
        return answer

    def _merge(self, answer: Answer) -> None:
        if answer.plan is not None:
            for island in self.islands:
                island.welcome(answer.plan)
            self._tell(self.islands[0])
        self.bounds["makespan"] = max(self.bounds.get("makespan", 0), answer.bound)
        self._set_bound()

    def _set_bound(self) -> None:
        for island in self.islands:
            island.set_bound(self.bound)

    def _tell(self, island: Island) -> None:
        with self.told:
            if self.best_told is None or island.value < self.best_told:
                self.best_told = island.value
                if self.on_better is not None:
                    self.on_better(island.value)
            if island.is_done and self.by_clock:
                self.ended.set()


def begun(pool: ThreadPoolExecutor | None, function: Callable[..., T], *arguments: object) -> Future[T]:
    """Begins in the pool, or does it now where there is none."""
    if pool is not None:
        return pool.submit(function, *arguments)
    done: Future[T] = Future()
    done.set_result(function(*arguments))
    return done


def plan_of(instance: JobShop, shop: Shop, memory: Memory) -> JobShopPlan:
    """The plan with its times, each operation as early as its machine's sequence allows."""
    board = board_for(shop)
    lay(shop, board, memory.machine, memory.order)
    jobs = []
    number = 0
    for job in instance.jobs:
        tasks = []
        for _ in job:
            end = int(board.end[number])
            tasks.append(Task(int(board.machine[number]), end - int(board.time[number]), end))
            number += 1
        jobs.append(tuple(tasks))
    return JobShopPlan(tuple(jobs))
