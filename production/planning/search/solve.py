"""Tries each rule, tells about each, and keeps the plan with the least tuple."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from production.planning.check import check_problem, check_supported, problem_notes
from production.planning.codec import problem_hash, sorted_problem
from production.planning.explain import explain
from production.planning.problem import Problem
from production.planning.schedule import Schedule, Tiers
from production.planning.search.board import Board
from production.planning.search.line import LinePlacer, Placement
from production.planning.search.plan import build_schedule, late_lines
from production.planning.search.plant import Plant
from production.planning.search.rules import Rule, chosen_rules

OnRule = Callable[[str, Tiers, int, float], None]
"""Called after each rule with its name, its tuple, the lines that it placed whole, and the seconds it
took."""


@dataclass(frozen=True, slots=True)
class RuleLog:
    """What one rule came to. seconds: by the clock that was given, 0 without one."""

    rule: str
    tiers: Tiers
    orders_placed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """The best plan, which rule made it, and all rules tried."""

    schedule: Schedule
    rule: str
    log: tuple[RuleLog, ...]


def solve(
    problem: Problem,
    *,
    on_rule: OnRule | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = lambda: 0.0,
) -> Result:
    """Plans the problem with its rules.

    should_stop is asked between rules and between lines; there is always a plan: the first rule is finished
    in any case.
    clock: seconds, for the log only; nothing in the plan depends on it.
    Raises ProblemError on a malformed problem, UnsupportedFieldError on a field that the search does not
    respect yet.
    """
    check_problem(problem)
    check_supported(problem)
    problem = sorted_problem(problem)
    plant = Plant(problem)
    best: Schedule | None = None
    best_rule = ""
    log: list[RuleLog] = []
    for rule in chosen_rules(problem):
        if best is not None and should_stop():
            break
        started = clock()
        late = late_lines(problem, best) if best is not None else frozenset[str]()
        schedule = _dispatch(plant, rule, late, should_stop if best is not None else lambda: False)
        if schedule is None:
            break
        missing = {item.line for item in schedule.unplaced}
        placed = sum(1 for line in problem.lines if line.pieces and line.key not in missing)
        log.append(RuleLog(rule.name, schedule.tiers, placed, clock() - started))
        if on_rule is not None:
            on_rule(rule.name, schedule.tiers, placed, log[-1].seconds)
        if best is None or schedule.tiers < best.tiers:
            best, best_rule = schedule, rule.name
    assert best is not None
    best = replace(best, problem_hash=problem_hash(problem), notes=problem_notes(problem))
    return Result(explain(problem, best), best_rule, tuple(log))


def _dispatch(
    plant: Plant, rule: Rule, late: frozenset[str], should_stop: Callable[[], bool]
) -> Schedule | None:
    """One rule's plan; None when stopped."""
    board = Board(plant)
    placements: dict[str, Placement] = {}
    for line in rule.order(plant, late):
        if should_stop():
            return None
        placements[line.key] = LinePlacer(board, line, rule.habit).place()
    return build_schedule(board, placements)
