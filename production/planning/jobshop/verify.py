"""The judge of job shop plans. It shares nothing with the search but the shapes, and is plain on purpose."""

from itertools import pairwise

from production.planning.jobshop.instance import JobShop, Way
from production.planning.jobshop.plan import JobShopPlan, Task

Violation = tuple[str, str, str]
"""Rule, place, and what is wrong there, for people."""


def verify(instance: JobShop, plan: JobShopPlan) -> list[Violation]:
    """All broken rules, sorted; none means that the plan can be carried out."""
    if [len(job) for job in plan.jobs] != [len(job) for job in instance.jobs]:
        return [("operations", "plan", "does not have the operations of the instance")]
    found: list[Violation] = []
    on_machine: dict[int, list[tuple[Task, str]]] = {}
    for number, (ways_of, tasks) in enumerate(zip(instance.jobs, plan.jobs, strict=True), start=1):
        for index, (ways, task) in enumerate(zip(ways_of, tasks, strict=True), start=1):
            place = f"job {number} operation {index}"
            found += _check_task(ways, task, place)
            on_machine.setdefault(task.machine, []).append((task, place))
        for index, (before, after) in enumerate(pairwise(tasks), start=2):
            if after.start < before.end:
                found.append(("order", f"job {number} operation {index}", "starts before the one before it ends"))
    for machine, placed in on_machine.items():
        found += _check_machine(machine, placed)
    return sorted(found)


def _check_task(ways: tuple[Way, ...], task: Task, place: str) -> list[Violation]:
    found = []
    if task.start < 0:
        found.append(("start", place, "starts before 0"))
    times = [way.time for way in ways if way.machine == task.machine]
    if not times:
        found.append(("machine", place, f"may not stand on machine {task.machine + 1}"))
    elif task.end - task.start not in times:
        found.append(("time", place, f"takes {task.end - task.start}, not {times[0]}"))
    return found


def _check_machine(machine: int, placed: list[tuple[Task, str]]) -> list[Violation]:
    """What takes no time may stand at another's edge, not in its middle."""
    found = []
    placed = sorted(placed, key=lambda item: (item[0].start, item[0].end))
    latest = placed[0][0].start
    for task, place in placed:
        if task.start < latest:
            found.append(("overlap", place, f"machine {machine + 1} is busy until {latest}"))
        latest = max(latest, task.end)
    return found
