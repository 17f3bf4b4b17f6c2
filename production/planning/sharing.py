"""Whether lines had better share loads: searched behind the engine's plan, from there on.

Lines that could share are all joined at first (`loads`); where that makes them later than they were, they are taken
apart again, and what is left is improved as ever. Where sharing saves next to nothing of the forming minutes, nothing
is searched.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from production.planning.engine.budget import Budget
from production.planning.engine.solve import Search
from production.planning.loads import Groups, divided, groups_of, joined_lines, saved_permille, without_members
from production.planning.objective import line_finishes, line_tiers
from production.planning.problem import Line, Problem
from production.planning.schedule import Schedule

LEAST_SAVED_PERMILLE = 10
"""Worth a search from so much of all forming minutes on."""

ROUNDS = 4
ROUND_SHARE, LAST_SHARE = 16, 4
"""A round gets the engine's changes divided by the first, the last search those divided by the second."""

SECONDS_SHARE = 0.2
"""Or this part of the seconds, of which each round gets an eighth of what is left."""


def worth_sharing(problem: Problem) -> Groups:
    """Groups of lines of the sorted, screened problem that are worth a search; none: {}."""
    groups = groups_of(problem)
    return groups if saved_permille(problem, groups) >= LEAST_SAVED_PERMILLE else {}


def before_sharing(budget: Budget) -> Budget:
    """What is left for the search before."""
    return budget if budget.seconds is None else replace(budget, seconds=budget.seconds * (1 - SECONDS_SHARE))


def shared_loads(
    problem: Problem, plan: Schedule, groups: Groups, *, seed: int, budget: Budget
) -> tuple[Schedule | None, int]:
    """(a plan in which lines share loads, changes tried); None: no group was worth it. The caller compares and judges.

    The plan's hash, notes and reasons are left empty.
    """
    before = _late(problem, plan)
    tried = 0
    for _ in range(ROUNDS):
        if not groups or budget.is_over():
            return None, tried
        joined = joined_lines(problem, groups)
        search = Search(joined.problem, seed=seed, start=without_members(joined, plan))
        search.run(_part(budget, ROUND_SHARE, 0.125))
        tried += search.iterations
        now = _late(problem, divided(problem, joined, search.schedule()))
        worse = {key for key, group in groups.items() if _sum(now, group) > _sum(before, group)}
        if not worse:
            break
        groups = {key: group for key, group in groups.items() if key not in worse}
    else:
        return None, tried
    last = Search(joined.problem, seed=seed, start=search.schedule())
    last.run(_part(budget, LAST_SHARE, 1.0))
    return divided(problem, joined, last.schedule()), tried + last.iterations


def _part(budget: Budget, divisor: int, share: float) -> Budget:
    if budget.iterations is not None:
        return replace(budget, iterations=max(1, budget.iterations // divisor))
    now = budget.now()
    return replace(budget, seconds=now + share * max(0.0, (budget.seconds or 0.0) - now))


def _late(problem: Problem, plan: Schedule) -> dict[str, tuple[int, int]]:
    """By line: weighted lateness, and what it costs."""
    finishes = line_finishes(problem, list(plan.lots), list(plan.unplaced))
    lines = {line.key: line for line in problem.lines}
    found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    found.update({key: line_tiers(problem, lines[key], finish) for key, finish in finishes.items() if key in lines})
    return found


def _sum(late: dict[str, tuple[int, int]], group: Iterable[Line]) -> tuple[int, int]:
    return sum(late[line.key][0] for line in group), sum(late[line.key][1] for line in group)
