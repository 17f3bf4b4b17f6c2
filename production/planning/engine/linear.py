"""A linear program, built row by row and solved by GLOP or HiGHS, which give the same answer each time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder_helper as helper

Floats = NDArray[np.float64]
INFINITY = float("inf")

Method = tuple[str, str]
"""A solver of OR-Tools and what it is told."""

SIMPLEX: Method = ("glop", "use_dual_simplex: true perturb_costs_in_dual_simplex: true")
INTERIOR: Method = ("highs", "output_flag=false,solver=ipm,parallel=off")
"""HiGHS's interior point method, crossed over to a corner: several times as fast where many rows are equally good."""


class LinearProgram:
    """Minimises cost @ x under rows low <= a @ x <= high and x between its bounds."""

    def __init__(self) -> None:
        self._model = helper.ModelBuilderHelper()
        self._cost: list[float] = []
        self._most: list[float] = []
        self._rows: list[tuple[float, float, Sequence[int], Sequence[float]]] = []
        self.values: Floats = np.zeros(0)

    def variable(self, cost: float, most: float = INFINITY) -> int:
        """Number of a new variable between 0 and `most`."""
        self._cost.append(cost)
        self._most.append(most)
        return len(self._cost) - 1

    def row(self, low: float, high: float, variables: Sequence[int], factors: Sequence[float]) -> int:
        """Number of a new row; the lists may grow until `solve`."""
        self._rows.append((low, high, variables, factors))
        return len(self._rows) - 1

    def solve(self, method: Method = SIMPLEX) -> float | None:
        """The least cost, None when there is no solution. Fills `values`."""
        model, count = self._model, len(self._cost)
        no_lows: Any = np.zeros(count)
        highs: Any = np.array(self._most)
        no_whole: Any = np.zeros(count, np.bool_)
        model.add_var_array_with_bounds(no_lows, highs, no_whole, "")
        model.set_objective_coefficients(list(range(count)), self._cost)
        for low, high, variables, factors in self._rows:
            row = model.add_linear_constraint()
            model.set_constraint_lower_bound(row, low)
            model.set_constraint_upper_bound(row, high)
            for variable, factor in zip(variables, factors, strict=True):
                model.add_term_to_constraint(row, variable, factor)
        name, parameters = method
        solver = helper.ModelSolverHelper(name)
        solver.set_solver_specific_parameters(parameters)
        solver.solve(model)
        if not solver.has_solution():
            return None
        self.values = np.array(solver.variable_values())
        return float(solver.objective_value())
