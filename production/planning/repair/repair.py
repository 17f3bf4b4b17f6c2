"""Re-planning after a stop, a late report, a changed or a new order.

What the change does not touch stays where it is. The rest is planned around it; while that leaves lines late that were
not, lots near them are given up too, those of the machines that were hit first, and the plan with the least tuple is
kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from production.planning.check import check_problem
from production.planning.codec import problem_hash, sorted_problem
from production.planning.engine.budget import Budget
from production.planning.explain import explain
from production.planning.planner import plan_problem, steps_for
from production.planning.problem import Problem
from production.planning.repair.keep import Kept, keep, keep_less
from production.planning.repair.near import Neighbourhood, late_lines
from production.planning.repair.rest import rest_of, together
from production.planning.schedule import Lot, Run, Schedule
from production.planning.screen import screen
from production.planning.search.solve import OnNotes
from production.planning.verify import verify

MOST_MOVED_PERCENT = 5
"""At most so many of the runs on machines that were not hit are given up so that others can be in time."""

STEPS = 10_000
"""The engine's changes for one try: somebody waits."""

SHARES_PERCENT = (0, 100)
"""How much of that is given up, one try after the other."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A plan of the changed problem, without violations.

    kept: lots that stayed, the work of their runs where it was. hit: machines whose own runs did not hold any more.
    tries: plans made and compared, 0 when everything was planned anew. iterations: the engine's changes in all.
    """

    schedule: Schedule
    kept: tuple[str, ...]
    hit: frozenset[str]
    tries: int
    iterations: int


def repair(
    problem: Problem,
    lots: Sequence[Lot],
    runs: Sequence[Run],
    *,
    seed: int = 1,
    workers: int = 1,
    least_moved: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
    on_notes: OnNotes = lambda _: None,
) -> Repaired:
    """Plans `problem` so that little of an earlier plan moves. The same input gives the same plan.

    lots, runs: of the earlier plan, in minutes from the problem's zero, without what is fixed now.
    least_moved: so many runs on machines that were not hit may be given up at least, where 5 % of them are fewer.
    should_stop: asked between tries; what has been found by then is given. on_notes: told before the search what bad
    data was found; what it hits is set aside.
    Raises ProblemError on a malformed problem.
    """
    check_problem(problem)
    whole_hash = problem_hash(problem)
    screened = screen(sorted_problem(problem))
    on_notes(screened.notes)
    problem = screened.problem
    at_first = keep(problem, lots, runs)
    near = Neighbourhood(problem, at_first, runs, most_percent=MOST_MOVED_PERCENT, least=least_moved)
    best: tuple[Schedule, Kept] | None = None
    kept, tries, iterations = at_first, 0, 0
    for share in (None, *SHARES_PERCENT):
        if share is not None:
            late = late_lines(problem, lots, best[0] if best else None)
            if best is not None and (not late or should_stop()):
                break
            kept = keep_less(problem, at_first, near.lots(late, share))
        found, changes = replanned(problem, kept, seed=seed, workers=workers)
        tries += 1
        iterations += changes
        if found is not None and (best is None or found.tiers < best[0].tiers):
            best = found, kept
    if best is None:
        budget = Budget(iterations=steps_for(problem), workers=workers)
        planned = plan_problem(problem, seed=seed, budget=budget, is_thorough=False)
        anew = replace(planned.schedule, problem_hash=whole_hash, notes=screened.notes)
        return Repaired(anew, (), at_first.hit, 0, iterations + planned.iterations)
    schedule, kept = best
    schedule = explain(screened, replace(schedule, problem_hash=whole_hash, notes=screened.notes))
    return Repaired(schedule, tuple(sorted(lot.key for lot in kept.lots)), at_first.hit, tries, iterations)


def replanned(problem: Problem, kept: Kept, *, seed: int, workers: int = 1) -> tuple[Schedule | None, int]:
    """The rest planned around what is kept, and the engine's changes; None when the whole would break a rule.

    The problem is sorted and screened; the plan's hash and reasons are left empty.
    """
    rest = rest_of(problem, kept)
    budget = Budget(iterations=STEPS, workers=workers)
    # somebody waits for it, and the whole is judged below
    planned = plan_problem(rest, seed=seed, budget=budget, is_thorough=False, judge=lambda *_: ())
    found = together(problem, kept, planned.schedule)
    is_sound = found is not None and not verify(problem, found)
    return (found if is_sound else None), planned.iterations
