"""The literature's flexible job shops, planned by this project and by PyJobShop, one after the other in one run.

    python -m tests.benchmarks.jobshop --peer PYTHON [--seconds 10 60] [--instances mk01 …] [--out FILE]

PYTHON is an interpreter that has PyJobShop. Each planner has a process of its own, two workers and the same seconds
from the problem in memory, and this project's judge looks at both plans. FILE (docs/benchmarks/jobshop.json) is
written after each pair; rows of the same machine and versions stay, so that a table can be measured in parts.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from production.planning.jobshop.instance import JobShop, job_shop_load
from production.planning.jobshop.plan import plan_load
from production.planning.jobshop.verify import verify

CHECKOUT = Path(__file__).parents[2]
INSTANCES = Path(__file__).parent / "instances" / "fjsp"
REPORT = CHECKOUT / "docs" / "benchmarks" / "jobshop.json"
WORKERS = 2


def best_known() -> dict[str, int]:
    """Least makespan that anybody published, by instance."""
    with (INSTANCES / "best_known.csv").open(encoding="utf-8") as table:
        return {row["file"].removesuffix(".fjs"): int(row["best_known"]) for row in csv.DictReader(table)}


def measured(name: str, seconds: int, peer: str) -> dict[str, Any]:
    """One row: both planners on one instance."""
    file = INSTANCES / f"{name}.fjs"
    shop = job_shop_load(file.read_text(encoding="utf-8"))
    own = ["-m", "production.planning", "solve", str(file), "--format", "fjsp"]
    other = ["-m", "tests.benchmarks.peers.pyjobshop_solve", str(file)]
    budget = ["--seconds", str(seconds), "--workers", str(WORKERS)]
    return {
        "instance": name,
        "seconds": seconds,
        "best_known": best_known()[name],
        "load_before": round(os.getloadavg()[0], 2),
        "own": _run(shop, [sys.executable, *own, *budget]),
        "pyjobshop": _run(shop, [peer, *other, *budget]),
    }


def _run(shop: JobShop, command: list[str]) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        plan_file = Path(folder) / "plan.json"
        done = subprocess.run([*command, "--out", str(plan_file)], capture_output=True, check=True, cwd=CHECKOUT)
        plan = plan_load(plan_file.read_text(encoding="utf-8")) if plan_file.exists() else None
    said = json.loads(done.stdout)
    return {
        "makespan": plan.makespan if plan else None,
        "bound": said["bound"] if "bound" in said else max(said["bounds"].values()),
        "seconds": said["seconds"],
        "cpu_seconds": said["cpu_seconds"],
        "violations": len(verify(shop, plan)) if plan else None,
    }


def surroundings(peer: str) -> dict[str, Any]:
    """What a figure depends on beside the code."""
    asked = "from importlib.metadata import version; print(version('pyjobshop'), version('ortools'))"
    peer_versions = subprocess.run([peer, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, shared with other work",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numba", "numpy", "ortools")},
        "peer_versions": dict(zip(("pyjobshop", "ortools"), peer_versions, strict=True)),
        "workers": WORKERS,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True)
    parser.add_argument("--seconds", type=int, nargs="+", default=[10])
    parser.add_argument("--instances", nargs="+", default=sorted(best_known()))
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args()
    report = {"what": "makespan of flexible job shops", **surroundings(options.peer)}
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    if options.out.exists():
        before = json.loads(options.out.read_text(encoding="utf-8"))
        if {**before, "rows": None} == {**report, "rows": None}:
            rows = {(row["seconds"], row["instance"]): row for row in before["rows"]}
    for seconds in options.seconds:
        for name in options.instances:
            row = rows[seconds, name] = measured(name, seconds, options.peer)
            options.out.write_text(
                json.dumps({**report, "rows": [rows[key] for key in sorted(rows)]}, indent=1) + "\n", encoding="utf-8"
            )
            own, peer = row["own"]["makespan"], row["pyjobshop"]["makespan"]
            print(f"{name} {seconds} s: best known {row['best_known']}, own {own}, PyJobShop {peer}", flush=True)


if __name__ == "__main__":
    main()
