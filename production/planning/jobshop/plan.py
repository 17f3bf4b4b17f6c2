"""A plan of a job shop: where and when each operation is done."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from production.planning.errors import ProblemError


class Task(NamedTuple):
    """One operation's place: machine from 0, start and end in the instance's unit of time."""

    machine: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class JobShopPlan:
    """jobs: a task for each operation, job by job in their order."""

    jobs: tuple[tuple[Task, ...], ...]

    @property
    def makespan(self) -> int:
        """When all is done."""
        return max((task.end for job in self.jobs for task in job), default=0)


def plan_dump(plan: JobShopPlan) -> str:
    """Canonical JSON; machines are numbered from 1, as in the instance's file."""
    jobs = [[{"machine": task.machine + 1, "start": task.start, "end": task.end} for task in job] for job in plan.jobs]
    return json.dumps({"jobs": jobs, "makespan": plan.makespan}, sort_keys=True, separators=(",", ":"))


def plan_load(text: str) -> JobShopPlan:
    """Raises ProblemError on what is no such JSON; whether the plan is right is for `verify` to say."""
    try:
        raw = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ProblemError("plan", f"is not JSON: {error}") from error
    jobs = _list(raw.get("jobs") if isinstance(raw, dict) else None, "plan.jobs")
    return JobShopPlan(
        tuple(
            tuple(_task(task, f"plan.jobs[{number}][{index}]") for index, task in enumerate(_list(job, "plan.jobs")))
            for number, job in enumerate(jobs)
        )
    )


def _list(raw: Any, place: str) -> list[Any]:
    if not isinstance(raw, list):
        raise ProblemError(place, "must be a list")
    return raw


def _task(raw: Any, place: str) -> Task:
    machine, start, end = (_whole(raw, name, place) for name in ("machine", "start", "end"))
    return Task(machine - 1, start, end)


def _whole(raw: Any, name: str, place: str) -> int:
    value = raw.get(name) if isinstance(raw, dict) else None
    if type(value) is not int:
        raise ProblemError(f"{place}.{name}", f"must be a whole number, not {value!r}")
    return value
