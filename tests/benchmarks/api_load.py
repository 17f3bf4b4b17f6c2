"""How the API bears its usual traffic: an open loop of lists, details and writes over an order book of a given size.

    python -m tests.benchmarks.api_load [--orders 100000 1000000] [--rate 150] [--seconds 60] [--runs 3]

Servers of its own as a drill has them, the web as in production (docker/gunicorn.conf.py, its login, row-level
security), everything and the program that calls on the first two cores. Writes docs/benchmarks/api_load.json and prints
it: what ran, on what, with versions, the milliseconds from the instant at which a call was to come to its whole answer,
statuses, and CPU. Exit code 1 when a target is missed: the median over the runs of the 99th percentile, which may grow
by half up to the largest book, and no answer of 500 or above.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from mes.embedded.ports import LOOPBACK
from mes.embedded.processes import adopt_orphans, end_children
from mes.embedded.services import CHECKOUT
from tests.benchmarks.open_loop import Answer, percentile
from tests.benchmarks.order_book import Sql, fill
from tests.drills.outcome import LIBRARIES, wait_until
from tests.drills.topology import Topology, topology

REPORT = CHECKOUT / "docs" / "benchmarks" / "api_load.json"
CORES = 2
FIRMS = 40
PERCENTS = (50, 95, 99)
MOST_P99_MS = 300
MOST_GROWTH = 1.5
MISSED = 1
READY_S = 60.0
PATIENCE_S = 60.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def figures(answers: Sequence[Answer]) -> dict[str, Any]:
    """Milliseconds of these answers."""
    took = [answer.took_ms for answer in answers]
    told: dict[str, Any] = {f"p{percent}_ms": round(percentile(took, percent), 1) for percent in PERCENTS}
    return {"calls": len(answers), **told, "most_ms": round(max(took), 1)}


def verdict(sizes: Sequence[dict[str, Any]]) -> list[str]:
    """Which targets are missed, in words; none for an empty list. `sizes`: by number of orders, the smallest first."""
    missed = []
    least = sizes[0]["median_p99_ms"]
    for size in sizes:
        name, p99 = f"{size['orders']} orders", size["median_p99_ms"]
        if size is sizes[0] and p99 > MOST_P99_MS:
            missed.append(f"{name}: p99 {p99} ms, at most {MOST_P99_MS}")
        if p99 > MOST_GROWTH * least:
            missed.append(f"{name}: p99 {p99} ms, at most {MOST_GROWTH} times {least}")
        failed = {status: n for run in size["runs"] for status, n in run["statuses"].items() if not _is_good(status)}
        if failed:
            missed.append(f"{name}: answers {failed}")
    return missed


def _is_good(status: str) -> bool:
    return status in {"200", "201"}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.api_load")
    parser.add_argument("--orders", type=int, nargs="+", default=[100_000], help="sizes of the order book")
    parser.add_argument("--rate", type=float, default=150, help="calls a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--runs", type=int, default=3, help="for each size; their median counts")
    parser.add_argument("--json", type=Path, default=REPORT)
    asked = parser.parse_args(arguments)
    adopt_orphans()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda number, _frame: sys.exit(128 + number))  # by an exception: servers are stopped
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    load = os.getloadavg()
    try:
        with topology("api_load") as stage, stage.sql() as owner:
            sizes = _measured(stage, owner, asked)
            postgres = owner.execute("SHOW server_version").fetchone()
    finally:
        end_children(keep=(), patience_s=2)
    assert postgres is not None
    missed = verdict(sizes)
    report = {
        "what": "an open loop of calls of the served API over an order book, row-level security on",
        "machine": f"{CORES} cores of {os.cpu_count()}, {platform.machine()}",
        "load_average": [round(value, 1) for value in load],
        "python": platform.python_version(),
        "versions": {library: version(library) for library in LIBRARIES} | {"postgresql": postgres[0]},
        "rate_per_s": asked.rate,
        "seconds": asked.seconds,
        "connections": asked.connections,
        "sizes": sizes,
        "missed": missed,
    }
    text = json.dumps(report, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    asked.json.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return MISSED if missed else 0


def _measured(stage: Topology, owner: Sql, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The runs over each order book, which grows from size to size."""
    from tests.benchmarks.api_calls import Programs

    programs = Programs.of(FIRMS)
    sizes = []
    for orders in sorted(asked.orders):
        began_s = perf_counter()
        book = fill(owner, firms=list(programs.keys), orders=orders, product_code=programs.product_code)
        filled_s = perf_counter() - began_s
        stage.web.start()
        wait_until(stage.web_is_ready, within_s=READY_S)
        runs = [_run(stage, owner, programs, asked, seed) for seed in range(1, asked.runs + 1)]
        stage.web.kill()
        p99_ms = round(median(run["all"]["p99_ms"] for run in runs), 1)
        sizes.append({**book, "fill_s": round(filled_s, 1), "median_p99_ms": p99_ms, "runs": runs})
    return sizes


def _run(stage: Topology, owner: Sql, programs: Any, asked: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One run: its calls are made beforehand, and each object that is changed is read for its ETag, by the way."""
    calls = programs.calls(owner, stage.port, rate=asked.rate, seconds=asked.seconds, seed=seed)
    folder = stage.web.folder
    told = {"host": LOOPBACK, "port": stage.port, "connections": asked.connections, "calls": calls}
    (folder / "calls.json").write_text(json.dumps(told), encoding="utf-8")
    before = _spent_s(stage)
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.open_loop", "calls.json", "answers.json"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        timeout=asked.seconds + PATIENCE_S,
        check=True,
    )
    spent = {name: seconds - before[name] for name, seconds in _spent_s(stage).items()}
    said = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    answers = [Answer(**answer) for answer in said["answers"]]
    spent["caller"] = said["cpu_s"]
    kinds = sorted({name for answer in answers for name in (answer.kind, answer.kind.partition(" ")[0])})
    row = {
        "seed": seed,
        "all": figures(answers),
        "kinds": {kind: figures([a for a in answers if f"{a.kind} ".startswith(f"{kind} ")]) for kind in kinds},
        "statuses": dict(Counter(str(answer.status) for answer in answers)),
        "waited_for_a_connection_p99_ms": round(percentile([answer.waited_ms for answer in answers], 99), 1),
        "answers_per_s": round(len(answers) / said["seconds"], 1),
        "cpu_ms_per_call": {name: round(seconds * 1000 / len(answers), 2) for name, seconds in spent.items()},
    }
    sys.stderr.write(f"{json.dumps(row)}\n")
    return row


def _spent_s(stage: Topology) -> dict[str, float]:
    """CPU seconds of web and database so far, with their children that have ended."""
    pids = {"web": [stage.web.pid, *stage.web.children()], "database": stage.database_pids()}
    return {name: sum(_ticks(pid) for pid in found) * TICK_S for name, found in pids.items()}


def _ticks(pid: int) -> int:
    return sum(int(ticks) for ticks in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
