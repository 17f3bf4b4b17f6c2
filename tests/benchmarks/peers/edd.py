"""The floor: earliest due date first, and nothing taken back. What any dispatcher's list would do.

    python -m tests.benchmarks.peers.edd PARK.json --out PLAN.json

Orders go by due date and number, each behind what its machines already have. A firm offers the machine that is done
first for each step. Home takes the order when it can have it in time; else the firm does that can have it soonest.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks.park_judge import HOURS, Hours

Row = dict[str, Any]
Task = tuple[float, float, str]
"""(end, start, machine)."""


class Dispatcher:
    """Machines and until when each is taken."""

    def __init__(self, park: Row) -> None:
        self.families = {family["id"]: family for family in park["families"]}
        self.hours = {firm["id"]: HOURS[firm["calendar"]] for firm in park["firms"]}
        self.machines: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for machine in park["machines"]:
            self.machines[machine["firm"], machine["kind"]].append(machine)
        self.free_from = {machine["id"]: 0.0 for machine in park["machines"]}

    def place(self, order: Row) -> Row:
        """Takes machines for an order; what the plan says of it."""
        home = order["home"]
        offers = {}
        for firm in (home, *(firm for firm in self.families[order["family"]]["firms"] if firm != home)):
            offers[firm] = self._offer(order, firm)
            if firm == home and offers[firm][1][0] <= order["due_h"]:
                break
        chosen = min(offers, key=lambda firm: offers[firm][1][0])
        row: Row = {"firm": chosen}
        for step, (end, start, machine) in zip(("form", "cut"), offers[chosen], strict=True):
            self.free_from[machine] = end
            row[step] = {"machine": machine, "start": start, "end": end}
        return row

    def _offer(self, order: Row, firm: str) -> tuple[Task, Task]:
        family = self.families[order["family"]]
        hours = self.hours[firm]
        form = self._soonest(hours, (firm, family["kind"]), 0.0, family["form_h_t"] * order["tonnes"])
        cut = self._soonest(hours, (firm, "mill"), form[0] + family["cool_h"], family["cut_h_t"] * order["tonnes"])
        return form, cut

    def _soonest(self, hours: Hours, group: tuple[str, str], ready: float, work_h: float) -> Task:
        found = []
        for machine in self.machines[group]:
            start, end = hours.run(max(ready, self.free_from[machine["id"]]), work_h / machine["eff"])
            found.append((end, start, machine["id"]))
        return min(found)


def edd(park: Row) -> Row:
    """The plan, by order."""
    dispatcher = Dispatcher(park)
    orders = sorted(park["orders"], key=lambda order: (order["due_h"], order["id"]))
    return {order["id"]: dispatcher.place(order) for order in orders}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    park = json.loads(options.file.read_text(encoding="utf-8"))
    started = perf_counter()
    plan = edd(park)
    print(json.dumps({"seconds": round(perf_counter() - started, 2)}))
    options.out.write_text(json.dumps(plan), encoding="utf-8")


if __name__ == "__main__":
    main()
