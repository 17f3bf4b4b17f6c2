"""Judges a plan of a park from its two files alone; nothing of the planner is imported, nor of its own judge.

    python -m tests.benchmarks.park_judge PARK.json PLAN.json

A plan is JSON: by order `firm`, and for `form` and `cut` the `machine`, `start` and `end` in hours from the park's
Monday at midnight. Every order must be made once, whole, by a firm that can, on machines of that firm and of the right
kind, one order at a time; work takes the order's hours at the machine's speed and pauses while the firm is closed; an
order is cut after it has cooled. Times are rounded, so TOLERANCE_H is forgiven in every comparison.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TOLERANCE_H = 0.02
DAYS = 730
"""Hours are known for so many days, more than any plan of the benchmark needs."""

OPEN_HOURS = {"24x7": (range(7), 0, 24), "6x24": (range(6), 0, 24), "6x16": (range(6), 6, 22)}
"""Weekdays from Monday, and from which hour to which."""

Row = dict[str, Any]


class Hours:
    """The working hours of one kind of firm."""

    def __init__(self, kind: str) -> None:
        weekdays, first, last = OPEN_HOURS[kind]
        self.starts: list[float] = []
        self.ends: list[float] = []
        self.before = [0.0]
        for day in range(DAYS):
            if day % 7 not in weekdays:
                continue
            if self.ends and self.ends[-1] == 24 * day + first:
                self.ends[-1] = 24 * day + last
            else:
                self.starts.append(24 * day + first)
                self.ends.append(24 * day + last)
        for start, end in zip(self.starts, self.ends, strict=True):
            self.before.append(self.before[-1] + end - start)

    def worked(self, at: float) -> float:
        """Working hours in [0, at)."""
        place = bisect_right(self.starts, at) - 1
        return self.before[place] + min(at, self.ends[place]) - self.starts[place] if place >= 0 else 0.0

    def run(self, at: float, hours: float) -> tuple[float, float]:
        """(start, end) of work that may begin at `at`."""
        place = max(0, bisect_right(self.starts, at) - 1)
        if at >= self.ends[place]:
            place += 1
        start = max(at, self.starts[place])
        done = self.worked(start) + hours
        last = bisect_left(self.before, done - 1e-9)
        return start, self.ends[last - 1] - (self.before[last] - done)


HOURS = {kind: Hours(kind) for kind in OPEN_HOURS}


def errors(park: Row, plan: Row) -> list[tuple[str, str]]:
    """(order or machine, what is wrong there); empty when the plan can be carried out."""
    return [*_of_orders(park, plan), *_of_machines(plan)]


def figures(park: Row, plan: Row) -> dict[str, float]:
    """Lateness in hours, orders on time, what is made away from home. An order without a place is not on time."""
    late_by = [plan[order["id"]]["cut"]["end"] - order["due_h"] for order in park["orders"] if order["id"] in plan]
    late = [hours for hours in late_by if hours > TOLERANCE_H]
    away = [row for row in park["orders"] if row["id"] in plan and plan[row["id"]]["firm"] != row["home"]]
    orders = len(park["orders"])
    return {
        "late_h": round(sum(late), 1),
        "late_orders": len(late),
        "on_time_pct": round(100 * (len(late_by) - len(late)) / orders, 2),
        "outsourced_pct": round(100 * len(away) / orders, 1),
        "outsourced_t": round(sum(order["tonnes"] for order in away), 2),
    }


def _of_orders(park: Row, plan: Row) -> Iterator[tuple[str, str]]:
    families = {family["id"]: family for family in park["families"]}
    machines = {machine["id"]: machine for machine in park["machines"]}
    hours = {firm["id"]: HOURS[firm["calendar"]] for firm in park["firms"]}
    for key in plan.keys() - {order["id"] for order in park["orders"]}:
        yield key, "is no order of the park"
    for order in park["orders"]:
        key, family, made = order["id"], families[order["family"]], plan.get(order["id"])
        if made is None:
            yield key, "is not planned"
            continue
        if made["firm"] not in family["firms"]:
            yield key, "is made by a firm that cannot"
        for step, kind, rate in (
            ("form", family["kind"], family["form_h_t"]),
            ("cut", "mill", family["cut_h_t"]),
        ):
            task = made[step]
            machine = machines.get(task["machine"])
            if machine is None or (machine["firm"], machine["kind"]) != (made["firm"], kind):
                yield key, f"{step}: is on a machine of another firm or kind"
                continue
            open_at = hours[machine["firm"]]
            needed = rate * order["tonnes"] / machine["eff"]
            if abs(open_at.worked(task["end"]) - open_at.worked(task["start"]) - needed) > TOLERANCE_H:
                yield key, f"{step}: does not work its hours"
            if task["start"] < -1e-6:
                yield key, f"{step}: begins before the plan"
        if made["cut"]["start"] + TOLERANCE_H < made["form"]["end"] + family["cool_h"]:
            yield key, "is cut before it has cooled"


def _of_machines(plan: Row) -> Iterator[tuple[str, str]]:
    work: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for made in plan.values():
        for step in ("form", "cut"):
            work[made[step]["machine"]].append((made[step]["start"], made[step]["end"]))
    for machine, tasks in work.items():
        busy_until = 0.0
        for start, end in sorted(tasks):
            if start + TOLERANCE_H < busy_until:
                yield machine, "works on two orders at once"
            busy_until = max(busy_until, end)


def main() -> None:
    park, plan = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
    found = errors(park, plan)
    print(json.dumps({**figures(park, plan), "errors": len(found), "first_errors": found[:5]}))


if __name__ == "__main__":
    main()
