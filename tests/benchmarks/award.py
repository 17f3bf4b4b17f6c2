"""Awards of drawn rounds, 210 firms × 20 grades × 20 suppliers × 4 breaks, beside the greedy award, one by one.

    python -m tests.benchmarks.award [--kinds all_units …] [--seeds 1 2 …] [--seconds S] [--out FILE]

Each round is awarded by the command line in a process of its own, and this project's judge looks at the award and the
greedy one. FILE (docs/benchmarks/award.json) is written after each; rows of the same machine and versions stay, so that
a table can be measured in parts. All of it takes up to an hour and a half; nothing else should run beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from procurement.award.allocation import Claim, allocate
from procurement.award.generate import KINDS

CHECKOUT = Path(__file__).parents[2]
REPORT = CHECKOUT / "docs" / "benchmarks" / "award.json"
LITERATURE = CHECKOUT / "tests" / "award" / "data" / "cap41.txt"
PUBLISHED_CNY = 1040444.375
SECONDS = {"all_units": 60, "incremental": 60, "supplier_wide": 60, "per_firm": 120}
SIZE = {"firms": 210, "grades": 20, "suppliers": 20, "breaks": 4}
SEEDS = 20
CLAIMS = 210
KEPT = (
    "objective_cny", "bound_cny", "gap", "kg", "purchase_cny", "unserved_cny", "greedy_cny", "greedy_extra_pct",
    "greedy_unserved_cny", "made_by", "ended_by", "searches", "nodes", "commitments", "quotations", "seconds",
    "cpu_seconds", "peak_mb", "violations", "thrown_away", "problem_hash",
)  # fmt: skip


def measured(kind: str, seed: int, seconds: int) -> dict[str, Any]:
    """One row."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}-{seed}.json"
        sizes = [word for name, value in SIZE.items() for word in (f"--{name}", str(value))]
        _said(["generate", *sizes, "--kind", kind, "--seed", str(seed), "--out", str(file)])
        load = round(os.getloadavg()[0], 2)
        said = _said(["solve", str(file), "--seconds", str(seconds)])
    row = {name: said[name] for name in KEPT}
    return {"kind": kind, "seed": seed, "seconds_allowed": seconds, "load_before": load, **row}


def literature() -> dict[str, Any]:
    """OR-Library's cap41, whose optimum is published."""
    said = _said(["solve", str(LITERATURE)])
    return {name: said[name] for name in ("objective_cny", "bound_cny", "greedy_cny", "seconds", "violations")}


def allocations() -> dict[str, Any]:
    """How long a short delivery to many claims takes."""
    claims = [
        Claim(f"F{number}", 25 * (number * 7919 % 997 + 1), 10**6, f"{number:03}", number % 2)
        for number in range(CLAIMS)
    ]
    kg = sum(claim.claim_kg for claim in claims) * 85 // 100 // 25 * 25
    times = []
    for _ in range(20):
        started = perf_counter()
        allocate(kg, 25, claims)
        times.append(perf_counter() - started)
    return {"claims": CLAIMS, "median_ms": round(1000 * median(times), 3), "most_ms": round(1000 * max(times), 3)}


def _said(arguments: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "procurement.award", *arguments]
    done = subprocess.run(command, capture_output=True, check=True, cwd=CHECKOUT)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def surroundings() -> dict[str, Any]:
    """What a figure depends on beside the code."""
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, shared with other work",
        "python": platform.python_version(),
        "ortools": version("ortools"),
    }


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(1, SEEDS + 1)))
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args()
    around = surroundings()
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    if options.out.exists():
        before = json.loads(options.out.read_text(encoding="utf-8"))
        if {name: before[name] for name in around} == around:
            rows = {(row["kind"], row["seed"]): row for row in before["rows"]}
    beside = {"size": SIZE, "literature": literature(), "allocation": allocations()}
    for seed in options.seeds:
        for kind in options.kinds:
            row = measured(kind, seed, options.seconds or SECONDS[kind])
            rows[kind, seed] = row
            print(json.dumps(row), flush=True)
            ordered = [rows[key] for key in sorted(rows, key=lambda key: (KINDS.index(key[0]), key[1]))]
            report = {**around, **beside, "rows": ordered}
            options.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
