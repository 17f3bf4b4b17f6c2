"""docs/benchmarks.md from what was measured: `python -m tests.benchmarks.page` writes it.

Each section reads one file of docs/benchmarks and says nothing that does not stand there.
"""

from __future__ import annotations

import json
from itertools import groupby
from statistics import mean
from typing import Any

from tests.benchmarks import award, park
from tests.benchmarks.api_load_page import API_LOADS, api_loads
from tests.benchmarks.award_page import awards
from tests.benchmarks.jobshop import CHECKOUT, REPORT
from tests.benchmarks.park_page import parks
from tests.benchmarks.promise import JUDGED

PROMISES = CHECKOUT / "docs" / "benchmarks" / "promise.json"
PROMISE_CALLS = CHECKOUT / "docs" / "benchmarks" / "promise_calls.json"
REPAIRS = CHECKOUT / "docs" / "benchmarks" / "repair.json"
PIECES = CHECKOUT / "docs" / "benchmarks" / "pieces.json"
PAGE = CHECKOUT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Generated from the files of `docs/benchmarks` by `make bench`; do not edit. Compare ratios and CPU seconds rather than
seconds of the clock: the machine is shared, and what it did beside is told with each table.
"""


def page() -> str:
    """The sections of all that was measured."""
    sections = (
        (REPORT, job_shops),
        (park.REPORT, parks),
        (PROMISES, promises),
        (PROMISE_CALLS, promise_calls),
        (REPAIRS, repairs),
        (PIECES, pieces),
        (award.REPORT, awards),
        (API_LOADS, api_loads),
    )
    taken = ((file.read_text(encoding="utf-8"), section) for file, section in sections if file.exists())
    return HEAD + "".join(section(json.loads(text)) for text, section in taken)


def promises(report: dict[str, Any]) -> str:
    """One row for each way of promising."""
    core = report["core"]
    rows = {
        "core, in house": core["in_house"],
        "core, with offers": core["with_offers"],
        "core, with lines that give way": core["with_displacement"],
    }
    lines = [
        "",
        "## Order promising, sample park",
        "",
        f"{report['machine']}; Python {report['python']}, Django {report['django']}. A plan of {core['runs']} machine",
        f"runs, laid out in {core['board_ms']} ms; then one question after the other, in sizes and for dates drawn at",
        "random, for lines for which material is there or on its way. Load of the machine before:",
        f"{report['load_average'][0]}.",
        "",
        "| question | asked | median ms | p95 ms | most ms |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {row['questions']} | {row['median_ms']} | {row['p95_ms']} | {row['most_ms']} |"
            for name, row in rows.items()
        ),
        "",
        f"Of each kind some {JUDGED} answers were added to the plan and judged:",
        f"{sum(row['violations'] for row in rows.values())} broken rules.",
    ]
    return "\n".join(lines) + "\n"


def promise_calls(report: dict[str, Any]) -> str:
    """One row for each kind of call, and one for the first calls of the firms."""
    calls = report["calls"]
    rows = {
        "in house": calls["in_house"],
        "in house, with offers": calls["with_offers"],
        "the first of each firm in a fresh process": calls["in_house"]["first_of_a_firm"],
    }
    lines = [
        "",
        "### Over HTTP",
        "",
        f"{report['machine']}; Python {report['python']}, Django {report['django']}. `POST /promises` to one process",
        "of gunicorn after the first night's plan, one call after the other, audit and all; client and database on the",
        "same cores. The first call of a firm, and again after a quarter of an hour or a change of its rows, lays its",
        f"plan out. Load of the machine before: {report['load_average'][0]}.",
        "",
        "| call | asked | median ms | p95 ms | most ms |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {row['questions']} | {row['median_ms']} | {row['p95_ms']} | {row['most_ms']} |"
            for name, row in rows.items()
        ),
    ]
    return "\n".join(lines) + "\n"


def repairs(report: dict[str, Any]) -> str:
    """One row for each length of a stop."""
    lines = [
        "",
        "## A machine stops, sample park",
        "",
        f"{report['machine']}; Python {report['python']}, Django {report['django']}. A plan of {report['runs']}",
        "machine runs; busy machines stop for some days, and what cannot stay is planned anew around what stays.",
        f"Load of the machine before: {report['load_average']}. Moved elsewhere: of the runs of the next 7 days on",
        "machines that did not stop.",
        "",
        "| stop, days | stops | most s | lots moved, mean | moved elsewhere, mean % | most % | late after, worst |",
        "|---|---|---|---|---|---|---|",
    ]
    by_days = groupby(sorted(report["stops"], key=lambda stop: stop["days"]), key=lambda stop: stop["days"])
    for days, found in by_days:
        rows = list(found)
        moved = [row["moved_elsewhere_percent"] for row in rows]
        later = max(row["tardiness"] for row in rows) - report["tardiness"]
        lines.append(
            f"| {days} | {len(rows)} | {max(row['seconds'] for row in rows)} |"
            f" {mean(row['lots_moved'] for row in rows):.1f} | {mean(moved):.2f} | {max(moved):.2f} | {later:+} |"
        )
    lines += ["", f"{sum(row['violations'] for row in report['stops'])} broken rules."]
    return "\n".join(lines) + "\n"


def pieces(report: dict[str, Any]) -> str:
    """One row for each park and number of workers."""
    lines = [
        "",
        "## One plan by several workers",
        "",
        f"{report['machine']}; Python {report['python']}, Django {report['django']}. A plan run as a job, on Celery",
        "workers of one process each; more than one sample park is planned whole and then improved in pieces.",
        "CPU is that of all workers, late in weighted minutes. The plan's digest tells whether it is the same.",
        "",
        "| parks | lines | workers | s | CPU s | load before | merged | dropped | late | fen | set-up min | plan |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in report["rows"]:
        fates, tiers = row["pieces"], row["tiers"]
        dropped = sum(fates.values()) - fates.get("merged", 0)
        lines.append(
            f"| {row['parks']} | {row['orders']} | {row['workers']} | {row['seconds']} | {row['cpu_seconds']} |"
            f" {row['load_before']} | {fates.get('merged', 0)} | {dropped} | {tiers['tardiness']} |"
            f" {tiers['cost_fen']} | {tiers['changeover_min']} | {row['plan_sha256'][:8]} |"
        )
    return "\n".join(lines) + "\n"


def job_shops(report: dict[str, Any]) -> str:
    """One table for each budget."""
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    peers = ", ".join(f"{name} {version}" for name, version in report["peer_versions"].items())
    lines = [
        "",
        "## Flexible job shops, makespan",
        "",
        f"{report['machine']}; Python {report['python']}; {versions}; beside it {peers}.",
        "",
        f"Each planner had a process and {report['workers']} workers; one run each, one after the other. Gaps are to",
        "the best published value; every plan was judged by this project's judge. CPU is what the planner got of the",
        "seconds of its workers.",
    ]
    for seconds, rows in groupby(report["rows"], key=lambda row: row["seconds"]):
        lines += _table(seconds, list(rows))
    return "\n".join(lines) + "\n"


def _table(seconds: int, rows: list[dict[str, Any]]) -> list[str]:
    own = [_gap(row, "own") for row in rows]
    found = [gap for row in rows if (gap := _gap(row, "pyjobshop")) is not None]
    missed = len(rows) - len(found)
    not_worse = sum(_makespan(row, "own") <= _makespan(row, "pyjobshop") for row in rows)
    violations = sum((row[planner]["violations"] or 0) for row in rows for planner in ("own", "pyjobshop"))
    loads = [row["load_before"] for row in rows]
    beside = f"mean gap {mean(found):.2f} %, worst {max(found):.2f} %" if found else "no plan"
    return [
        "",
        f"### {seconds} s, {len(rows)} instances",
        "",
        f"Own: mean gap {mean(own):.2f} %, worst {max(own):.2f} %. PyJobShop: {beside}"  # type: ignore[type-var, arg-type]
        + (f", no plan on {missed}." if missed else "."),
        f"Not worse than PyJobShop on {not_worse} of {len(rows)}; {violations} broken rules.",
        f"Load of the machine before the runs: {min(loads):.1f} to {max(loads):.1f}.",
        "",
        "| instance | best known | own | gap % | bound | CPU s | PyJobShop | gap % | bound | CPU s |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {row['instance']} | {row['best_known']} | {_columns(row, 'own')} | {_columns(row, 'pyjobshop')} |"
            for row in rows
        ),
    ]


def _columns(row: dict[str, Any], planner: str) -> str:
    got = row[planner]
    gap = _gap(row, planner)
    said = "–" if gap is None else f"{gap:.2f}"
    return f"{got['makespan'] or '–'} | {said} | {got['bound']} | {got['cpu_seconds']:.1f}"


def _gap(row: dict[str, Any], planner: str) -> float | None:
    makespan = row[planner]["makespan"]
    return None if makespan is None else 100.0 * (makespan / row["best_known"] - 1.0)


def _makespan(row: dict[str, Any], planner: str) -> float:
    makespan = row[planner]["makespan"]
    return float("inf") if makespan is None else makespan


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
