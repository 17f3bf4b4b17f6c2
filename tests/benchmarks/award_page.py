"""The section of docs/benchmarks.md on awards."""

from __future__ import annotations

from itertools import groupby
from statistics import median
from typing import Any

MARKS = {
    "all_units": "gap ≤ 0.01 % in ≤ 10 s, median",
    "incremental": "median gap ≤ 0.1 % in 60 s",
    "supplier_wide": "median gap ≤ 0.1 % in 60 s",
    "per_firm": "median gap ≤ 0.25 %, worst ≤ 0.8 % in 120 s",
}
"""What is asked of each kind on two idle cores."""


def awards(report: dict[str, Any]) -> str:
    """A summary with one row for each kind, then one for each round."""
    size, literature, allocation = report["size"], report["literature"], report["allocation"]
    rows = report["rows"]
    loads = [row["load_before"] for row in rows]
    lines = [
        "",
        "## Awards of pooled rounds",
        "",
        f"{report['machine']}; Python {report['python']}, ortools {report['ortools']} (HiGHS). Rounds as drawn",
        f"by `python -m procurement.award generate`: {size['firms']} firms × {size['grades']} grades ×",
        f"{size['suppliers']} suppliers × {size['breaks']} breaks. The gap is proved. Greedy is",
        "what a buyer makes by hand and keeps the same rules; what either leaves unserved is bought at the spot price.",
        f"Load of the machine before the runs: {min(loads):.1f} to {max(loads):.1f}.",
        "",
        f"OR-Library's cap41 through the same core: {literature['objective_cny']:,.3f}, the published optimum, in",
        f"{literature['seconds']} s; greedy {literature['greedy_cny']:,.3f}. {allocation['claims']} claims of a short",
        f"delivery are allocated in {allocation['median_ms']} ms, {allocation['most_ms']} ms at most.",
        "",
        "| kind | rounds | asked for | s median | s most | gap % median | worst | greedy +% least | median | most |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for kind, group in groupby(rows, key=lambda row: row["kind"]):
        lines.append(_summary(kind, list(group)))
    lines += [
        "",
        f"{sum(row['violations'] for row in rows)} broken rules in {len(rows)} awards.",
        "",
        "| kind | seed | M CNY | gap % | s | CPU s | ended by | load | unserved M CNY | greedy M CNY | +% | unserved |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *(_row(row) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _summary(kind: str, rows: list[dict[str, Any]]) -> str:
    seconds = [row["seconds"] for row in rows]
    gaps = [100 * row["gap"] for row in rows]
    extra = [row["greedy_extra_pct"] for row in rows]
    return (
        f"| {kind} | {len(rows)} | {MARKS[kind]} | {median(seconds):.1f} | {max(seconds):.1f} | {median(gaps):.4f} |"
        f" {max(gaps):.4f} | {min(extra):.2f} | {median(extra):.2f} | {max(extra):.2f} |"
    )


def _row(row: dict[str, Any]) -> str:
    return (
        f"| {row['kind']} | {row['seed']} | {_millions(row['objective_cny'])} | {100 * row['gap']:.4f} |"
        f" {row['seconds']:.1f} | {row['cpu_seconds']:.1f} | {row['ended_by']} | {row['load_before']:.1f} |"
        f" {_millions(row['unserved_cny'])} | {_millions(row['greedy_cny'])} | {row['greedy_extra_pct']:.2f} |"
        f" {_millions(row['greedy_unserved_cny'])} |"
    )


def _millions(cny: float) -> str:
    return f"{cny / 1e6:.3f}"
