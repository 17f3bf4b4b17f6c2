"""The first plans: dispatched by rules, behind guides that are computed beside them."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from production.planning.engine.arrays import Block
from production.planning.engine.budget import Budget
from production.planning.engine.guide import EARLY, Weights, guide
from production.planning.engine.plant import Plant

SHIFTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Lines are dispatched by due date plus so many times their work."""

STICK_MIN = (0, 360)
"""A guided line leaves its firm when that saves more than so many minutes of lateness."""

GUIDES = (
    (1.0, Weights(at_home=0.06), 0.5),
    (0.5, EARLY, 0.65),
    (0.5, Weights(), 0.3),
    (0.25, EARLY, 0.3),
    (1.0, Weights(at_home=0.2), 0.3),
)
"""Guides that are asked one after the other: days of a step of time, weights, and by which share of the time allowed
the guide must be expected to have answered.
"""

GUIDES_BY_ITERATIONS = 2
GUIDE_SHIFTS = (-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
"""The same for guided lines, as long as that helps: where there is too much for everybody, what is large must wait."""

GUIDE_SECONDS = 0.2, 1e-5
"""What a guide by days needs: so much, and more for each way of a line."""

GUIDE_POWER = 1.3
"""Finer steps of time need more by this power of how much finer they are."""

RULES_SHARE = 0.25
"""Behind a guide, lines are dispatched without one as long as no more than this share of the time has passed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How lines are dispatched. favour: the path that each line should take, -1 where it does not matter.

    is_costly: among places that are equally late, the cheaper one.
    """

    favour: Block
    shift: float
    stick_min: int
    is_costly: bool


@dataclass(slots=True)
class Opening:
    """Makes plans by rules until annealing should begin. make: a plan by a rule, which several threads may ask for at
    once; take: offers it to the search and gives its weighted minutes of lateness.
    """

    plant: Plant
    budget: Budget
    make: Callable[[Rule], Block]
    take: Callable[[Block], int]
    _pool: ThreadPoolExecutor = field(init=False)
    _day_seconds: float = field(init=False)

    def __post_init__(self) -> None:
        least, each = GUIDE_SECONDS
        self._day_seconds = least + each * len(self.plant.path)

    def run(self) -> None:
        """One rule, so that there is a plan; then along the guides; then the other rules if there is time."""
        nobody = np.full(len(self.plant.line), -1, np.int64)
        rules = [Rule(nobody, shift, 0, is_costly) for is_costly in (False, True) for shift in SHIFTS]
        is_guided = False
        with ThreadPoolExecutor(self.budget.workers) as self._pool:
            self.take(self.make(rules[0]))
            for favour in self._guides():
                is_guided = True
                self._along(favour)
            for first in range(1, len(rules), 2):
                if self.budget.is_over() or (is_guided and self.budget.share() > RULES_SHARE):
                    return
                self._take(rules[first : first + 2])

    def _along(self, favour: Block) -> None:
        """Plans along a guide."""
        least = math.inf
        for shift in GUIDE_SHIFTS:
            if self.budget.is_over():
                return
            rules = [Rule(favour, shift, stick_min, is_costly=True) for stick_min in STICK_MIN]
            tardy = min(self._take(rules))
            if shift > 0 and tardy > least:
                return
            least = min(least, tardy)

    def _take(self, rules: Sequence[Rule]) -> list[int]:
        """Weighted minutes of lateness of a plan by each rule."""
        return [self.take(plan) for plan in self._pool.map(self.make, rules)]

    def _guides(self) -> Iterator[Block]:
        """Where each line should go, by one guide after the other, as long as there is time; several at once with
        several workers.
        """
        left = list(GUIDES if self.budget.seconds is not None else GUIDES[:GUIDES_BY_ITERATIONS])
        under_way: deque[Future[Block | None]] = deque()
        with ThreadPoolExecutor(self.budget.workers) as pool:
            while left or under_way:
                while left and len(under_way) < self.budget.workers:
                    days, weights, share = left.pop(0)
                    if self._has_time(days, share):
                        under_way.append(pool.submit(self._guide, days, weights))
                favour = under_way.popleft().result() if under_way else None
                if favour is not None:
                    yield favour

    def _has_time(self, days: float, share: float) -> bool:
        if self.budget.seconds is None:
            return not self.budget.should_stop()
        needed: float = self._day_seconds * days**-GUIDE_POWER
        return self.budget.share() + needed / self.budget.seconds < share

    def _guide(self, days: float, weights: Weights) -> Block | None:
        started = self.budget.now()
        favour = guide(self.plant, days, weights)
        self._day_seconds = (self.budget.now() - started) * days**GUIDE_POWER
        return favour
