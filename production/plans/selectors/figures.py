"""Figures of a plan, for its page and its report."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from production.planning.problem import Problem
from production.planning.schedule import Schedule


def plan_figures(problem: Problem, schedule: Schedule) -> dict[str, Any]:
    """Order lines planned, late and unplaced; machine runs; grams made at home and placed at other firms."""
    lines = {line.key: line for line in problem.lines}
    finishes: defaultdict[str, int] = defaultdict(int)
    home_g = placed_g = 0
    for lot in schedule.lots:
        line = lines[lot.line]
        finishes[lot.line] = max(finishes[lot.line], lot.finish_min)
        if lot.offer is None:
            home_g += lot.pieces * line.unit_mass_g
        else:
            placed_g += lot.pieces * line.unit_mass_g
    for fixed in schedule.fixed:
        if fixed.line in lines:
            finishes[fixed.line] = max(finishes[fixed.line], fixed.finish_min)
    unplaced = {item.line for item in schedule.unplaced}
    late = sum(1 for key, line in lines.items() if key not in unplaced and finishes[key] > line.due_min)
    return {
        "lines": len(lines),
        "late": late,
        "unplaced": len(unplaced),
        "runs": len(schedule.runs),
        "home_g": home_g,
        "placed_g": placed_g,
    }
