"""Tries each rule, tells about each, and keeps the plan with the least tuple."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from production.planning.check import check_problem
from production.planning.codec import problem_hash, sorted_problem
from production.planning.explain import explain
from production.planning.hand import in_hand_order
from production.planning.objective import line_tiers
from production.planning.problem import Line, Problem
from production.planning.schedule import Note, Schedule, Tiers
from production.planning.screen import Screened, screen
from production.planning.search.board import Board
from production.planning.search.line import LinePlacer, Placement
from production.planning.search.plan import build_schedule, late_lines
from production.planning.search.plant import Plant
from production.planning.search.rules import Rule, chosen_rules


@dataclass(frozen=True, slots=True)
class RuleLog:
    """What one rule came to. seconds: by the clock that was given, 0 without one.

    is_cut: stopped when it could no longer win; tiers and orders are those of the lines placed until then.
    """

    rule: str
    tiers: Tiers
    orders_placed: int
    seconds: float
    is_cut: bool = False


OnRule = Callable[[RuleLog], None]
"""Called after each rule."""

OnNotes = Callable[[tuple[Note, ...]], None]
"""Called once, before the search: the bad data that was found."""


@dataclass(frozen=True, slots=True)
class Result:
    """The best plan, which rule made it, and all rules tried. screened: what was searched, sorted."""

    schedule: Schedule
    rule: str
    log: tuple[RuleLog, ...]
    screened: Screened


def solve(
    problem: Problem,
    *,
    on_rule: OnRule | None = None,
    on_notes: OnNotes = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = lambda: 0.0,
) -> Result:
    """Plans the problem with its rules, after bad data has been named and what it hits set aside (`screen`).

    should_stop is asked between rules and between lines; there is always a plan: the first rule is finished
    in any case (it is asked there too, so that the caller may use it as a sign of life).
    clock: seconds, for the log only; nothing in the plan depends on it.
    Raises ProblemError on a malformed problem.
    """
    check_problem(problem)
    whole_hash = problem_hash(problem)
    screened = screen(sorted_problem(problem))
    problem = screened.problem
    on_notes(screened.notes)
    plant = Plant(problem)
    best: Schedule | None = None
    best_rule = ""
    log: list[RuleLog] = []
    for rule in chosen_rules(problem):
        if best is not None and should_stop():
            break
        started = clock()
        late = late_lines(problem, best) if best is not None else frozenset[str]()
        run = Dispatch(plant, rule, limit=best.tiers.tardiness if best is not None else None)
        if not run.place_all(late, should_stop if best is not None else lambda: should_stop() and False):
            break
        schedule = build_schedule(run.board, run.placements)
        log.append(RuleLog(rule.name, schedule.tiers, run.placed_whole, clock() - started, is_cut=run.is_cut))
        if on_rule is not None:
            on_rule(log[-1])
        if best is None or (schedule.tiers < best.tiers and not run.is_cut):
            best, best_rule = schedule, rule.name
    assert best is not None
    best = replace(best, problem_hash=whole_hash, notes=screened.notes)
    return Result(explain(screened, best), best_rule, tuple(log), screened)


class Dispatch:
    """One rule's plan in the making.

    limit: weighted tardiness of the best plan so far. A rule that has passed it cannot win and is cut short;
    its tuple is then that of the lines placed until there.
    """

    def __init__(self, plant: Plant, rule: Rule, *, limit: int | None) -> None:
        self.plant = plant
        self.rule = rule
        self.limit = limit
        self.board = Board(plant)
        self.placements: dict[str, Placement] = {}
        self.placed_whole = 0
        self.tardiness = 0
        self.is_cut = False

    def place_all(self, late: frozenset[str], should_stop: Callable[[], bool]) -> bool:
        """Places all lines in the rule's order; False when stopped from outside."""
        for line in in_hand_order(self.plant.problem, self.rule.order(self.plant, late)):
            if should_stop():
                return False
            placement = LinePlacer(self.board, line, self.rule.habit).place()
            self.placements[line.key] = placement
            self.placed_whole += not placement.missing and not placement.refused
            self.tardiness += self._tardiness(line, placement)
            if self.limit is not None and self.tardiness > self.limit:
                self.is_cut = True
                break
        return True

    def _tardiness(self, line: Line, placement: Placement) -> int:
        if placement.refused:
            return 0
        finish = max((lot.finish_min for lot in placement.lots), default=None)
        return line_tiers(self.plant.problem, line, None if placement.missing else finish)[0]
