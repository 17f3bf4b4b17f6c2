"""The section of docs/benchmarks.md on the API under its usual traffic."""

from __future__ import annotations

from typing import Any

from tests.architecture.source import CHECKOUT

API_LOADS = CHECKOUT / "docs" / "benchmarks" / "api_load.json"


def api_loads(report: dict[str, Any]) -> str:
    """One row for each size of the order book and kind of call, of the run with the median 99th percentile."""
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    load = report["load_average"][0]
    lines = [
        "",
        "## The API under load",
        "",
        f"{report['machine']}; Python {report['python']}, {versions}. Load of the machine before: {load}.",
        "",
        f"An open loop: {report['rate_per_s']:g} calls a second come at random for {report['seconds']:g} s, whether or",
        f"not those before are answered, over {report['connections']} connections; what a call took is counted from",
        "when it was to come. 70 % lists of orders (first and later pages, by status, by due date, what changed), 20 %",
        "one order, 10 % orders made and lines changed. Web, database, broker and the program that calls share the",
        "cores; row-level security is on, each call is counted against its key, no worker runs. Of each size the run",
        "whose 99th percentile is the median.",
        "",
        "| orders | runs | kind | calls | p50 ms | p95 ms | p99 ms | most ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size in report["sizes"]:
        run = median_run(size["runs"])
        for kind, row in ({"all": run["all"]} | run["kinds"]).items():
            lines.append(
                f"| {size['orders']:,} | {len(size['runs'])} | {kind} | {row['calls']} | {row['p50_ms']} |"
                f" {row['p95_ms']} | {row['p99_ms']} | {row['most_ms']} |"
            )
    lines += [
        "",
        "| orders | answers a second | statuses | CPU ms a call: web | database | caller |",
        "|---|---|---|---|---|---|",
    ]
    for size in report["sizes"]:
        run = median_run(size["runs"])
        statuses = ", ".join(f"{status}: {number}" for status, number in sorted(run["statuses"].items()))
        cpu = run["cpu_ms_per_call"]
        lines.append(
            f"| {size['orders']:,} | {run['answers_per_s']} | {statuses} | {cpu['web']} | {cpu['database']} |"
            f" {cpu['caller']} |"
        )
    missed = "; ".join(report["missed"])
    lines += ["", f"Missed: {missed}." if missed else "No target was missed."]
    return "\n".join(lines) + "\n"


def median_run(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The run in the middle by its 99th percentile; of an even number the worse of the two."""
    ordered = sorted(runs, key=lambda run: float(run["all"]["p99_ms"]))
    return ordered[len(ordered) // 2]
