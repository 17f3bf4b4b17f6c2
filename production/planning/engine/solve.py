"""The search from an empty plan to a good one: dispatch, guide, anneal. It always has a plan, and stops when told."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from production.planning.engine.arrays import Block, table_of
from production.planning.engine.blank import empty_plan
from production.planning.engine.compile import compile_problem
from production.planning.engine.decode import Decoder
from production.planning.engine.encode import encode
from production.planning.engine.guide import EARLY, Weights, guide
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.anneal import anneal
from production.planning.engine.kernel.dispatch import dispatch
from production.planning.engine.kernel.hasten import hasten
from production.planning.engine.kernel.moves import FEW_LINES
from production.planning.engine.kernel.whole import weigh_all
from production.planning.engine.lanes import LANES, Lanes
from production.planning.engine.plant import Plant
from production.planning.engine.stock import uses_of
from production.planning.kernel.generator import draw, generator_state
from production.planning.problem import Problem
from production.planning.schedule import Schedule

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

GUIDE_SECONDS = 0.2, 1e-5, 1.3
"""What the first guide needs: so much, and more for each way of a line. The next one needs more by this power of how
much finer its steps of time are.
"""

RULES_SHARE = 0.25
"""Behind a guide, lines are dispatched without one as long as no more than this share of the time has passed."""

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


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: so many changes, or a clock's seconds; `now` gives the seconds since the start."""

    iterations: int | None = None
    seconds: float | None = None
    now: Callable[[], float] = lambda: 0.0
    should_stop: Callable[[], bool] = lambda: False
    workers: int = 1

    def is_over(self) -> bool:
        """Whether the time is up or somebody has said so."""
        return self.should_stop() or (self.seconds is not None and self.now() >= self.seconds)

    def share(self) -> float:
        """The part of the clock's seconds that has passed; 0 when the clock ends nothing."""
        return 0.0 if self.seconds is None else self.now() / self.seconds


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
            self._begin(budget)
        Annealing(self, budget).run()
        if self.is_begun and not self.problem.previous:
            self.hasten(budget)

    def _begin(self, budget: Budget) -> None:
        """One rule, so that there is a plan; then along the guides; then the other rules if there is time."""
        nobody = np.full(int(self.g[c.G_LINES]), -1, np.int64)
        rules = [(is_costly, shift) for is_costly in (False, True) for shift in SHIFTS]
        is_guided = False
        self._dispatch(nobody, rules[0][1], stick_min=0, is_costly=rules[0][0])
        for favour in self._guides(budget):
            is_guided = True
            self._along(favour, budget)
        for is_costly, shift in rules[1:]:
            if budget.is_over() or (is_guided and budget.share() > RULES_SHARE):
                return
            self._dispatch(nobody, shift, stick_min=0, is_costly=is_costly)

    def _along(self, favour: Block, budget: Budget) -> None:
        """Plans along a guide."""
        least = math.inf
        for shift in GUIDE_SHIFTS:
            tardy = math.inf
            for stick_min in STICK_MIN:
                if budget.is_over():
                    return
                tardy = min(tardy, self._dispatch(favour, shift, stick_min=stick_min, is_costly=True))
            if shift > 0 and tardy > least:
                return
            least = min(least, tardy)

    def _guides(self, budget: Budget) -> Iterator[Block]:
        """Where each line should go, by one guide after the other, as long as there is time."""
        least, each, power = GUIDE_SECONDS
        expected, before = least + each * len(self.plant.path), GUIDES[0][0]
        for number, (days, weights, share) in enumerate(GUIDES):
            if budget.seconds is None:
                is_asked = number < GUIDES_BY_ITERATIONS and not budget.should_stop()
            else:
                expected, before = expected * (before / days) ** power, days
                is_asked = budget.share() + expected / budget.seconds < share
            if is_asked:
                started = budget.now()
                favour = guide(self.plant, days, weights)
                expected = budget.now() - started
                if favour is not None:
                    yield favour

    def schedule(self) -> Schedule:
        """The best plan."""
        return Decoder(self.problem, self.g, self.best).schedule()

    def _has_plan(self) -> bool:
        return self.best is not self._empty

    def _dispatch(self, favour: Block, shift: float, *, stick_min: int, is_costly: bool) -> int:
        """Weighted minutes of lateness of one more plan, which is kept when it is the best so far."""
        order = np.argsort(self.plant.line[:, c.LN_DUE] * 2 + int(2 * shift) * self.plant.work, kind="stable")
        plan = self._empty.copy()
        dispatch(self.g, plan, order, favour, stick_min, is_costly)
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
