"""A plan of a park, and its JSON: by order the firm and, for both steps, machine, start and end in hours."""

import json
from dataclasses import dataclass
from typing import Any

from production.planning.errors import ProblemError
from production.planning.park.instance import Place


@dataclass(frozen=True, slots=True)
class Task:
    """A machine's work on an order, [start_h, end_h); it pauses while the firm is closed."""

    machine: str
    start_h: float
    end_h: float


@dataclass(frozen=True, slots=True)
class Making:
    """An order made by a firm."""

    firm: str
    form: Task
    cut: Task


Plan = dict[str, Making]
"""By order; one that has no place is left out."""


def plan_dump(plan: Plan) -> str:
    """One line of JSON, in the plan's order."""
    rows = {
        order: {"firm": making.firm, "form": _task(making.form), "cut": _task(making.cut)}
        for order, making in plan.items()
    }
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _task(task: Task) -> dict[str, Any]:
    return {"machine": task.machine, "start": round(task.start_h, 4), "end": round(task.end_h, 4)}


def plan_load(text: str) -> Plan:
    """Raises ProblemError naming the order."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProblemError("plan", f"is not JSON: {error}") from error
    plan: Plan = {}
    for order in Place("plan", data).data:
        row = Place(f"plan[{order}]", data[order])
        tasks = []
        for step in ("form", "cut"):
            task = Place(f"plan[{order}].{step}", row.data.get(step))
            tasks.append(Task(task.text("machine"), task.number("start"), task.number("end")))
        plan[order] = Making(row.text("firm"), *tasks)
    return plan
