"""What no plan of a Problem can be better than.

Lateness has no useful bound beyond the job path: lines that wait for each other are later than that, and a relaxation
of the machines' time finds no lateness where every known plan has thousands of hours. Nothing is claimed of it.
"""

from production.planning.bounds.away import outsourced_bound_g
from production.planning.bounds.path import JobPaths
from production.planning.problem import Problem
from production.planning.screen import screen


def bounds_of(problem: Problem) -> dict[str, int]:
    """Bounds of a well-formed problem, each under the name of what it bounds.

    tardiness_by_job_path: weighted minutes, of every plan.
    makespan_min_if_all_placed: of plans in which every line that may not be refused has its place; left out when there
    is no such plan.
    outsourced_g_if_none_late: grams placed at other firms, of plans without weighted lateness; left out when it is
    shown that there is none.
    """
    paths = JobPaths(screen(problem).problem)
    found = {"tardiness_by_job_path": paths.tardiness()}
    makespan = paths.makespan()
    if makespan is not None:
        found["makespan_min_if_all_placed"] = makespan
    away = outsourced_bound_g(paths) if found["tardiness_by_job_path"] == 0 else None
    if away is not None:
        found["outsourced_g_if_none_late"] = away
    return found
