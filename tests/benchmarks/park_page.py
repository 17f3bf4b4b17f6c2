"""The page's section on parks: medians over the seeds beside what is asked of them, then every row."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.benchmarks.park import CASES, Case

Row = dict[str, Any]

UNITS = {
    "late": "h late",
    "on_time": "% on time",
    "away": "% away",
    "by_edd": "× EDD's lateness",
    "by_bound": "× the bound",
    "first_plan": "s to the first plan",
    "peak": "MB",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a figure must be and what is aimed at, at the most; `on_time` at the least. None: nothing is asked."""

    figure: str
    must: float | None
    aim: float | None

    def misses(self, value: float | None, limit: float | None) -> bool:
        """Whether a value is not good enough. One that is not known is not."""
        if limit is None:
            return False
        return value is None or (value < limit if self.figure == "on_time" else value > limit)


def _small(late: float) -> tuple[Mark, ...]:
    return (
        Mark("late", late, 0),
        Mark("on_time", 99.7, None),
        Mark("away", 45, None),
        Mark("by_bound", None, 2),
    )


MARKS: dict[str, tuple[Mark, ...]] = {
    "1000/70/5": _small(40),
    "1000/70/60": _small(12),
    "1000/80/5": (Mark("by_edd", 0.25, 0.12),),
    "1000/80/60": (Mark("by_edd", 0.18, 0.06),),
    "10000/70/1": (Mark("late", 0, 0), Mark("by_bound", None, 1.15)),
    "10000/70/5": (Mark("late", 0, 0), Mark("away", 32, None), Mark("by_bound", None, 1.15)),
    "10000/70/60": (Mark("late", 0, 0), Mark("by_bound", 1.4, 1.15)),
    "10000/75/20": (Mark("late", 0, 0), Mark("away", 40, 35)),
    "10000/80/5": (Mark("by_edd", 0.10, 0.04),),
    "10000/80/60": (Mark("by_edd", 0.07, 0.02), Mark("on_time", 89, 96)),
    "25000/70/20": (Mark("first_plan", 15, 5), Mark("peak", 1500, None)),
}

HEAD = """
## Parks of competing firms

{machine}; Python {python}; {versions}.

Code of the planner: {planner}. A process that plans three orders lives {start_seconds} s from its start to its end.

A park of `tests/benchmarks/parks.py` is planned for least lateness, then for the least tonnes made away from home, by
a process with {workers} workers; seconds count from the problem being in memory. Every plan, and that of earliest due
date first (EDD, `tests/benchmarks/peers/edd.py`), was judged by `tests/benchmarks/park_judge.py`, which reads nothing
but the two files: {errors} errors. The bound is on the tonnes that are made away from home in every plan without
lateness; there is none on lateness. The load is that of all machines' hours until the last due date.
"""


def parks(report: Row) -> str:
    """Medians with what is asked, then all rows."""
    rows: list[Row] = report["rows"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    errors = sum(row[planner]["errors"] for row in rows for planner in ("own", "edd"))
    head = HEAD.format(**{**report, "versions": versions, "errors": errors})
    return "\n".join([head, *_medians(rows), "", *_rows(rows)]) + "\n"


def figures(row: Row) -> dict[str, float | None]:
    """What marks are set against, of one plan."""
    own = row["own"]
    return {
        "late": own["late_h"],
        "on_time": own["on_time_pct"],
        "away": own["outsourced_pct"],
        "by_edd": own["late_h"] / row["edd"]["late_h"] if row["edd"]["late_h"] else None,
        "by_bound": own["outsourced_t"] / row["bound_t"] if row["bound_t"] else None,
        "first_plan": own["first_plan_seconds"],
        "peak": own["peak_mb"],
    }


def medians(rows: list[Row]) -> dict[str, float | None]:
    """Of each figure over one case's seeds; None where it is not known for one of them."""
    found: dict[str, float | None] = {}
    for name in UNITS:
        values = [figures(row)[name] for row in rows]
        known = [value for value in values if value is not None]
        found[name] = median(known) if len(known) == len(values) else None
    return found


def verdict(case: str, values: dict[str, float | None], *, is_aim: bool) -> str:
    """`met`, or what is missing."""
    asked = [(mark, mark.aim if is_aim else mark.must) for mark in MARKS[case]]
    missed = [
        f"{UNITS[mark.figure]}: {_said(mark.figure, values[mark.figure])}, not {limit:g}"
        for mark, limit in asked
        if mark.misses(values[mark.figure], limit)
    ]
    if all(limit is None for _, limit in asked):
        return "–"
    return "; ".join(missed) or "met"


def _medians(rows: list[Row]) -> list[str]:
    lines = [
        "| orders, machines, load, seconds | seeds | h late | on time % | away % | × EDD | × bound "
        "| first plan s | MB | must | aim |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for case in CASES:
        own = [row for row in rows if row["case"] == case.name]
        if not own:
            continue
        values = medians(own)
        cells = " | ".join(_said(name, values[name]) for name in UNITS)
        must, aim = (verdict(case.name, values, is_aim=is_aim) for is_aim in (False, True))
        lines.append(f"| {_named(case, own)} | {len(own)} | {cells} | {must} | {aim} |")
    return lines


def _named(case: Case, rows: list[Row]) -> str:
    machines = sorted({row["machines"] for row in rows})
    many = f"{machines[0]}" if len(machines) == 1 else f"{machines[0]} to {machines[-1]}"
    return f"{case.orders:,}, {many}, .{case.load_pct}, {case.seconds} s"


def _said(figure: str, value: float | None) -> str:
    if value is None:
        return "–"
    digits = {"late": 1, "on_time": 2, "away": 1, "by_edd": 3, "by_bound": 2, "first_plan": 2, "peak": 0}[figure]
    return f"{value:,.{digits}f}"


def _rows(rows: list[Row]) -> list[str]:
    lines = [
        "| case | seed | h late | late orders | away t | bound t | EDD h late | EDD on time % | EDD away % "
        "| CPU s | changes | load before, after |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        own, edd = row["own"], row["edd"]
        loads = ", ".join(f"{load:.1f}" for load in row["load_before_and_after"])
        bound = "–" if row["bound_t"] is None else f"{row['bound_t']:,.0f}"
        floor = f"{edd['late_h']:,.1f} | {edd['on_time_pct']} | {edd['outsourced_pct']}"
        lines.append(
            f"| {row['case']} | {row['seed']} | {own['late_h']:,.1f} | {own['late_orders']} "
            f"| {own['outsourced_t']:,.0f} | {bound} | {floor} "
            f"| {own['cpu_seconds']:.1f} | {own['iterations']:,} | {loads} |"
        )
    return lines
