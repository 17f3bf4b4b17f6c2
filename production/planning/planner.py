"""The planner: the dispatch portfolio's plan, improved by the compiled engine, judged before it is given.

A small plan is looked at by CP-SAT as well; lines that can fill a load together may share it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from production.planning.engine.budget import Budget
from production.planning.engine.solve import Search
from production.planning.exact.look import engines_part, is_for_exact, look_closely
from production.planning.explain import explain
from production.planning.problem import Problem
from production.planning.schedule import Schedule, Tiers
from production.planning.search.solve import OnNotes, OnRule, RuleLog, solve
from production.planning.sharing import before_sharing, shared_loads, worth_sharing
from production.planning.verify import Violation, verify

ENGINE = "engine"
PORTFOLIO_SHARE = 0.4
"""The portfolio tries no further rule after this share of the seconds."""

MANY_LINES, VAIN_RULES = 200, 3
"""Nor, with so many lines, after so many rules in a row that found nothing better: the engine finds more."""

Judge = Callable[[Problem, Schedule], Sequence[Violation]]

STEPS_EACH, LEAST_STEPS, MOST_STEPS = 110, 10_000, 400_000
"""The engine's changes for each step of each line's shortest route, and in all at the least and at the most."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what made it (a rule's name, or ENGINE), what was tried, and the engine's changes tried.

    log: the rules, and last the engine. broken: rules that the engine's plan broke; it was thrown away then, and the
    portfolio's is given. least_tardy: CP-SAT has proved that no plan has less weighted lateness; None: it has not.
    """

    schedule: Schedule
    made_by: str
    log: tuple[RuleLog, ...]
    iterations: int
    broken: tuple[Violation, ...] = ()
    least_tardy: int | None = None


def plan_problem(
    problem: Problem,
    *,
    seed: int = 1,
    budget: Budget,
    is_thorough: bool = True,
    on_rule: OnRule = lambda _: None,
    on_better: Callable[[Tiers], None] = lambda _: None,
    on_notes: OnNotes = lambda _: None,
    judge: Judge = verify,
) -> Planned:
    """Plans the problem; of the portfolio's and the engine's plan the one with the lesser tuple is given.

    is_thorough: behind the engine a small plan is looked at by CP-SAT, for a part of the seconds or for a time by the
    iterations, and lines are tried in shared loads. Not where somebody waits.
    on_rule: told of each rule, and of the engine when it has ended. on_better: told of the engine's plan when it is the
    one that is given. on_notes: told before the search what bad data was found; what it hits is set aside.
    judge: names the rules that the engine's plan breaks, unless the caller judges the plan anyhow.
    Raises ProblemError on a malformed problem.
    """
    patience = _Patience(budget, on_rule, is_hurried=len(problem.lines) >= MANY_LINES)
    result = solve(problem, on_rule=patience.on_rule, on_notes=on_notes, should_stop=patience.is_over, clock=budget.now)
    problem = result.screened.problem
    begun = budget.now()
    search = Search(problem, seed=seed, start=result.schedule)
    groups = worth_sharing(problem) if is_thorough else {}
    mine = before_sharing(budget) if groups else budget
    is_few = is_thorough and is_for_exact(result.schedule)
    search.run(engines_part(mine) if is_few else mine)
    proved = look_closely(search, mine) if is_few else None
    found, iterations = search.schedule(), search.iterations
    if groups:
        shared, tried = shared_loads(problem, found, groups, seed=seed, budget=budget)
        iterations += tried
        if shared is not None and shared.tiers < found.tiers:
            found = shared
    is_better = found.tiers < result.schedule.tiers
    broken = tuple(judge(problem, found)) if is_better else ()
    if broken:
        return Planned(result.schedule, result.rule, result.log, iterations, broken, proved)
    entry = RuleLog(ENGINE, found.tiers, placed_whole(problem, found), budget.now() - begun)
    log = (*result.log, entry)
    on_rule(entry)
    if not is_better:
        return Planned(result.schedule, result.rule, log, iterations, (), proved)
    on_better(found.tiers)
    found = replace(found, problem_hash=result.schedule.problem_hash, notes=result.schedule.notes)
    return Planned(explain(result.screened, found), ENGINE, log, iterations, (), proved)


def steps_for(problem: Problem) -> int:
    """How many changes the engine tries where nobody waits: by the size of the problem, so that no clock ends it."""
    return min(max(wanted_steps(problem), LEAST_STEPS), MOST_STEPS)


def wanted_steps(problem: Problem) -> int:
    """How many changes the problem's size asks for, whatever that takes."""
    return STEPS_EACH * sum(min((len(route.steps) for route in line.routes), default=0) for line in problem.lines)


@dataclass(slots=True)
class _Patience:
    """Ends the portfolio when its share of the time is up, or when its rules find nothing better."""

    budget: Budget
    tell: OnRule
    is_hurried: bool
    best: Tiers | None = None
    vain: int = 0

    def on_rule(self, entry: RuleLog) -> None:
        if self.best is None or (entry.tiers < self.best and not entry.is_cut):
            self.best, self.vain = entry.tiers, 0
        else:
            self.vain += 1
        self.tell(entry)

    def is_over(self) -> bool:
        allowed = self.budget.seconds
        is_late = allowed is not None and self.budget.now() >= PORTFOLIO_SHARE * allowed
        is_vain = self.is_hurried and self.vain >= VAIN_RULES
        return is_vain or is_late or self.budget.should_stop()


def placed_whole(problem: Problem, schedule: Schedule) -> int:
    """How many lines have a place for all their pieces."""
    return len(problem.lines) - len({item.line for item in schedule.unplaced})
