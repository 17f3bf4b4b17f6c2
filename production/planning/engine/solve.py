"""The search from an empty plan to a good one: dispatch, guide, anneal. It always has a plan, and stops when told."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.blank import empty_plan
from production.planning.engine.budget import Budget
from production.planning.engine.compile import compile_problem
from production.planning.engine.decode import Decoder
from production.planning.engine.encode import encode
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.anneal import anneal
from production.planning.engine.kernel.dispatch import dispatch
from production.planning.engine.kernel.hasten import hasten
from production.planning.engine.kernel.moves import FEW_LINES
from production.planning.engine.kernel.whole import weigh_all
from production.planning.engine.lanes import LANES, Lanes
from production.planning.engine.opening import Opening, Rule
from production.planning.engine.plant import Plant
from production.planning.engine.stock import uses_of
from production.planning.kernel.generator import draw, generator_state
from production.planning.problem import Problem
from production.planning.schedule import Schedule

OPENING_WORTH = 0.06
"""Annealing begins with the plan for which lateness and cost together are least: what it costs to place a line
elsewhere then counts as so much of a line's mean work late. The least late plan is often the dearest one, and what it
has placed elsewhere does not come home any more.
"""

ROUND_STEPS, LEAST_STEPS, LEAST_ROUNDS = 4000, 100, 100
"""Changes of each half between two meetings at the most and at the least, when the search goes by iterations, and how
many meetings there shall be at least: the heat falls from one to the next.
"""

HEAT = 0.1
HEAT_FEN = 0.3
"""Heat at the start, in shares of a line's mean work and of a placed line's mean cost."""

HEAT_SETUP = 0.5
"""The same, in shares of a mean changeover."""

WARM = 0.0495, 0.05
"""Of that, what a plan is heated to that was good from the start."""

COLD, WARM_COLD_TARDY = 0.9, 0.2
"""After which share of the time nothing is heated any more, and, of a plan that was good from the start, lateness: a
change that lateness may pay for is not asked what it costs, so cost needs its own time.
"""

RUINS = 50
"""How many of 100 changes take several lots out at once."""

SHARES, WARM_SHARES = (90, 5), (10, 30)
"""How many of 100 changes begin with a late line, and with one made away from home; of a plan that was good from the
start more lines are late that nothing can save.
"""

FEW_HEAT, FEW_SHARE = 3.0, 0.5
"""A good plan of FEW_LINES is first shaken as much as this for so much of the time, and the rest begins with the best:
few changes lead from one such plan to another, and none of them may be a better one.
"""

HASTE_STEPS, HASTE_ROUNDS, HASTE_SHARE = 1000, 12, 0.97
"""At last, or after this share of the seconds, a plan that was good from the start is made to end earlier, by so many
changes in so many rounds: nothing else looks at the minute at which all is done.
"""

CHUNK_SECONDS = 0.2

Key = tuple[int, int, int]
NOTHING_LEFT: Key = (0, 0, 0)
"""No plan is better: the search ends."""


@dataclass(slots=True)
class Search:
    """A sorted problem, the best plan so far and the one that annealing begins with. start: a plan to begin with."""

    problem: Problem
    seed: int = 1
    start: Schedule | None = None
    on_better: Callable[[Key], None] = lambda _: None
    g: Block = field(init=False)
    best: Block = field(init=False)
    key: Key = field(init=False)
    iterations: int = 0
    is_begun: bool = False
    plant: Plant = field(init=False)
    opening: Block = field(init=False)
    _empty: Block = field(init=False)
    _fen_worth: float = field(init=False)
    _worth: float = math.inf

    def __post_init__(self) -> None:
        self.g = compile_problem(self.problem, uses_of(self.problem, self.start) if self.start else ())
        self.plant = Plant(self.g)
        self._empty = empty_plan(self.g, self.seed)
        weigh_all(self.g, self._empty)
        self.best = self.opening = self._empty
        self.key = key_of(self._empty)
        self._fen_worth = OPENING_WORTH * self.plant.mean_work() / max(1.0, self.plant.mean_fen())
        if self.start is not None:
            begun = encode(self.problem, self.g, self.start, self.seed)
            if begun is not None:
                self.is_begun = True
                self.offer(begun)
                self.opening = begun

    def run(self, budget: Budget) -> None:
        """Searches until the budget is used up. Some plan is there after the first rule, or from the start."""
        if not int(self.g[c.G_LINES]):
            return
        if not self._has_plan():
            Opening(self.plant, budget, self.dispatched, self.begin_with).run()
        Annealing(self, budget).run()
        if self.is_begun and not self.problem.previous:
            self.hasten(budget)

    def schedule(self) -> Schedule:
        """The best plan."""
        return Decoder(self.problem, self.g, self.best).schedule()

    def _has_plan(self) -> bool:
        return self.best is not self._empty

    def dispatched(self, rule: Rule) -> Block:
        """A plan made by one rule; several threads may make one each."""
        order = np.argsort(self.plant.line[:, c.LN_DUE] * 2 + int(2 * rule.shift) * self.plant.work, kind="stable")
        plan = self._empty.copy()
        dispatch(self.g, plan, order, rule.favour, rule.stick_min, rule.is_costly)
        return plan

    def begin_with(self, plan: Block) -> int:
        """Keeps a plan when it is the best so far, and the best to anneal; its weighted minutes of lateness."""
        self.offer(plan)
        tardy, fen, _ = key_of(plan)
        worth = tardy + fen * self._fen_worth
        if worth < self._worth:
            self.opening, self._worth = plan, worth
        return tardy

    def offer(self, plan: Block) -> None:
        """Keeps a plan when it is the best so far."""
        key = key_of(plan)
        if not self._has_plan() or key < self.key:
            self.best, self.key = plan, key
            self.on_better(key)

    def hasten(self, budget: Budget) -> None:
        """Makes the best plan end earlier; work that the plan before had elsewhere would weigh more."""
        everything = np.ones(int(self.g[c.G_MACHINE] - self.g[c.G_FIRM]), np.int64)
        plan = self.best.copy()
        steps = HASTE_STEPS if budget.iterations is None else min(HASTE_STEPS, -(-budget.iterations // HASTE_ROUNDS))
        for _ in range(HASTE_ROUNDS):
            if budget.is_over():
                break
            hasten(self.g, plan, steps, everything)
        self.offer(plan)
        self.best = plan


@dataclass(slots=True)
class Annealing:
    """A plan taken, shaken and cooled down, by halves of the firms or all at once."""

    search: Search
    budget: Budget
    lanes: Lanes = field(init=False)
    state: Block = field(init=False)
    started: float = field(init=False)
    heat_tardy: float = field(init=False)
    heat_fen: float = field(init=False)
    heat_setup: float = field(init=False)
    shares: tuple[int, int] = field(init=False)
    is_shaken: bool = field(init=False)

    def __post_init__(self) -> None:
        self.shares = WARM_SHARES if self.search.is_begun else SHARES
        self.is_shaken = self.search.is_begun and len(self.search.plant.line) <= FEW_LINES
        self.lanes = Lanes(self.search.g)
        self.state = generator_state(self.search.seed, 1)
        self.started = self.budget.now()
        plant = self.search.plant
        warm_tardy, warm_fen = WARM if self.search.is_begun else (1.0, 1.0)
        self.heat_tardy = warm_tardy * HEAT * plant.mean_work()
        self.heat_setup = HEAT_SETUP * plant.mean_change_min()
        fen = table_of(self.search.opening, c.P_LOAD, len(plant.line), c.LD_COLUMNS)[:, c.LD_FEN]
        self.heat_fen = warm_fen * HEAT_FEN * float(fen[fen > 0].mean()) if (fen > 0).any() else 0.0

    def run(self) -> None:
        """Until the budget is used up."""
        plan = self.search.opening.copy()
        steps = ROUND_STEPS
        everything = np.ones(self.lanes.firms, np.int64)
        is_halved = self.lanes.firms > 1 and (self.budget.seconds is None or self.budget.workers > 1)
        with ThreadPoolExecutor(self.budget.workers) as pool:
            while not self._is_over():
                before = self.budget.now()
                if self.is_shaken and self._done() >= FEW_SHARE:
                    self.is_shaken, plan = False, self.search.best.copy()
                if self.budget.iterations is not None:
                    left = self.budget.iterations - self.search.iterations
                    steps = min(
                        ROUND_STEPS, max(LEAST_STEPS, self.budget.iterations // LEAST_ROUNDS), -(-left // LANES)
                    )
                heats = self._heats(plan)
                if is_halved:
                    self._halves(plan, steps, heats, pool)
                else:
                    anneal(self.search.g, plan, steps, *heats, *self.shares, RUINS, everything)
                    self.search.iterations += steps
                if key_of(plan) < self.search.key:
                    self.search.offer(plan.copy())
                if self.budget.seconds is not None:
                    took = max(self.budget.now() - before, 1e-4)
                    steps = int(min(max(steps * min(2.0, CHUNK_SECONDS / took), 100), 1_000_000))

    def _is_over(self) -> bool:
        if self.search.key == NOTHING_LEFT:
            return True
        if self.budget.iterations is not None:
            return self.search.iterations >= self.budget.iterations or self.budget.should_stop()
        return self.budget.is_over() or (self.search.is_begun and self.budget.share() > HASTE_SHARE)

    def _heats(self, plan: Block) -> tuple[int, int, int]:
        """(weighted minutes, fen, minutes of set-up) of heat."""
        done = self._done()
        if self.is_shaken:
            cooled = FEW_HEAT * _cooled(done / FEW_SHARE, COLD)
            return int(self.heat_tardy / WARM[0] * cooled), int(self.heat_fen / WARM[1] * cooled), 0
        if self.search.is_begun and len(self.search.plant.line) <= FEW_LINES:
            done = (done - FEW_SHARE) / (1 - FEW_SHARE)
        cooled = _cooled(done, COLD)
        tardy = 0
        if plan[c.P_TARDY]:
            tardy = int(self.heat_tardy * _cooled(done, WARM_COLD_TARDY if self.search.is_begun else COLD))
        return tardy, int(self.heat_fen * cooled), int(self.heat_setup * cooled)

    def _done(self) -> float:
        """Which share of the budget is used up."""
        if self.budget.iterations is not None:
            return self.search.iterations / self.budget.iterations
        seconds = self.budget.seconds or 1.0
        return (self.budget.now() - self.started) / max(seconds - self.started, 1e-6)

    def _halves(self, plan: Block, steps: int, heats: tuple[int, int, int], pool: ThreadPoolExecutor) -> None:
        """Every firm into one of two halves by chance, both improved, and what they have made brought together."""
        order = list(range(self.lanes.firms))
        for place in range(len(order) - 1, 0, -1):
            other = draw(self.state, place + 1)
            order[place], order[other] = order[other], order[place]
        masks = [np.zeros(self.lanes.firms, np.int64) for _ in range(LANES)]
        for place, firm in enumerate(order):
            masks[place % LANES][firm] = 1
        copies = self.lanes.apart(plan, [draw(self.state, (1 << 31) - 1) for _ in range(LANES)])
        done = [
            pool.submit(anneal, self.search.g, copy, steps, *heats, *self.shares, RUINS, mask)
            for copy, mask in zip(copies, masks, strict=True)
        ]
        for one in done:
            one.result()
        self.lanes.together(plan, copies, masks)
        self.search.iterations += steps * LANES


def _cooled(done: float, cold: float) -> float:
    return max(0.0, 1 - done / cold) ** 2


def key_of(p: Block) -> Key:
    """What plans are compared by."""
    return int(p[c.P_TARDY]), int(p[c.P_FEN]), int(p[c.P_SETUP])
