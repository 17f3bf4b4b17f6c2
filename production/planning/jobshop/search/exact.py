"""CP-SAT on the whole problem, beside the walks: it proves, and finds the last units that walks miss.

It is told the best makespan so far and looks only for less, so "infeasible" is the proof that there is none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from production.planning.jobshop.kernel.shapes import Array, Memory, Shop

MOST_OPERATIONS = 300
MOST_WAYS = 1000
"""Larger problems are left to the walks: there CP-SAT on one worker has been seen to find nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """bound: proved, no plan is shorter. plan: shorter than what was known, or none."""

    bound: int
    plan: Memory | None


def is_fit(shop: Shop) -> bool:
    """Whether the problem is small enough."""
    return len(shop.previous) - 1 <= MOST_OPERATIONS and len(shop.alt_machine) <= MOST_WAYS


class Prover:
    """The model, built once; each call looks for less than the best known."""

    def __init__(self, shop: Shop, seed: int) -> None:
        # PLC0415 - the library takes most of a second to import, and the first plans do not wait for it
        from ortools.sat.python import cp_model  # noqa: PLC0415 - see above

        self.cp = cp_model
        self.shop = shop
        self.seed = seed
        self.solver: Any = None

    def improve(
        self, best: Memory, heads: Array, bound: int, *, work: float | None = None, seconds: float | None = None
    ) -> Answer:
        """Looks for a makespan below the best. work: deterministic time; seconds: of the clock."""
        model = self.cp.CpModel()
        top = int(best.value[0]) - 1
        makespan = model.new_int_var(bound, top, "")
        chosen, starts = self._operations(model, makespan, top)
        for way, literal in enumerate(chosen):
            model.add_hint(literal, bool(self._is_way_of(best, way)))
        for start, head in zip(starts, heads, strict=True):
            model.add_hint(start, int(head))
        model.minimize(makespan)
        solver = self.cp.CpSolver()
        self.solver = solver
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed & 0x7FFFFFFF
        if work is not None:
            solver.parameters.max_deterministic_time = work
        if seconds is not None:
            solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(model)
        if status == self.cp.INFEASIBLE:
            return Answer(int(best.value[0]), None)
        if status not in (self.cp.OPTIMAL, self.cp.FEASIBLE):
            return Answer(max(bound, int(solver.best_objective_bound)), None)
        plan = self._plan(solver, chosen, starts)
        return Answer(max(bound, int(solver.best_objective_bound)), plan)

    def stop(self) -> None:
        """Ends a call that runs in another thread."""
        if self.solver is not None:
            self.solver.stop_search()

    def _operations(self, model: Any, makespan: Any, top: int) -> tuple[list[Any], list[Any]]:
        shop = self.shop
        none = len(shop.previous) - 1
        chosen: list[Any] = []
        starts: list[Any] = []
        ends: list[Any] = []
        on_machine: dict[int, list[Any]] = {}
        for operation in range(none):
            ways = range(int(shop.alt_start[operation]), int(shop.alt_start[operation + 1]))
            times = [int(shop.alt_time[way]) for way in ways]
            start = model.new_int_var(0, top, "")
            time = model.new_int_var_from_domain(self.cp.Domain.from_values(times), "")
            end = model.new_int_var(0, top, "")
            model.new_interval_var(start, time, end, "")
            literals = [model.new_bool_var("") for _ in ways]
            model.add_exactly_one(literals)
            for way, literal, takes in zip(ways, literals, times, strict=True):
                model.add(time == takes).only_enforce_if(literal)
                on_machine.setdefault(int(shop.alt_machine[way]), []).append(
                    model.new_optional_fixed_size_interval_var(start, takes, literal, "")
                )
            if shop.previous[operation] != none:
                model.add(start >= ends[-1])
            if shop.following[operation] == none:
                model.add(makespan >= end)
            chosen += literals
            starts.append(start)
            ends.append(end)
        for machine in sorted(on_machine):
            model.add_no_overlap(on_machine[machine])
        return chosen, starts

    def _is_way_of(self, plan: Memory, way: int) -> bool:
        operation = int(np.searchsorted(self.shop.alt_start, way, side="right")) - 1
        return int(plan.machine[operation]) == int(self.shop.alt_machine[way])

    def _plan(self, solver: Any, chosen: list[Any], starts: list[Any]) -> Memory:
        shop = self.shop
        begins = np.array([solver.value(start) for start in starts], dtype=np.int64)
        machine = np.zeros(len(starts), dtype=np.int64)
        end = 0
        for operation in range(len(starts)):
            for way in range(int(shop.alt_start[operation]), int(shop.alt_start[operation + 1])):
                if solver.boolean_value(chosen[way]):
                    machine[operation] = shop.alt_machine[way]
                    end = max(end, int(begins[operation] + shop.alt_time[way]))
        order = np.argsort(begins, kind="stable").astype(np.int64)
        return Memory(machine, order, np.array([end], dtype=np.int64))
