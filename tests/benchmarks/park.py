"""Parks of several sizes and loads, planned from the command line and judged from the files alone.

    python -m tests.benchmarks.park [--seeds 1 2 3] [--rows 1000/70/5 …] [--out FILE]

A row is orders/load in percent/seconds. Each plan is made by a process of its own with two workers, one after the
other; the same park is planned by earliest due date (`peers/edd.py`), and both plans are judged by `park_judge`. FILE
(docs/benchmarks/park.json) is written after each; what was measured before with the same code of the planner, machine
and versions stays, so that a row can be measured again when something disturbed it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tests.benchmarks.park_judge import errors, figures
from tests.benchmarks.parks import generate_park

CHECKOUT = Path(__file__).parents[2]
PLANNER = CHECKOUT / "production" / "planning"
REPORT = CHECKOUT / "docs" / "benchmarks" / "park.json"
WORKERS = 2
SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Case:
    """A park to be planned in so many seconds. load_pct: of the machines' hours until the last due date."""

    orders: int
    load_pct: int
    seconds: int
    firms: int = 30

    @property
    def name(self) -> str:
        """As the command line calls it."""
        return f"{self.orders}/{self.load_pct}/{self.seconds}"

    def park(self, seed: int) -> dict[str, Any]:
        """The park of a seed."""
        return generate_park(orders=self.orders, load=self.load_pct / 100, seed=seed, firms=self.firms)


CASES = (
    Case(1000, 70, 5),
    Case(1000, 70, 60),
    Case(1000, 80, 5),
    Case(1000, 80, 60),
    Case(10000, 70, 1),
    Case(10000, 70, 5),
    Case(10000, 70, 60),
    Case(10000, 75, 20),
    Case(10000, 80, 5),
    Case(10000, 80, 60),
    Case(25000, 70, 20, firms=211),
)
"""The last has 50,000 operations on about 2,000 machines."""


def measured(case: Case, seed: int, folder: Path) -> dict[str, Any]:
    """One case on one seed's park: the planner's figures and those of earliest due date."""
    park = case.park(seed)
    file = folder / "park.json"
    file.write_text(json.dumps(park), encoding="utf-8")
    loads = [round(os.getloadavg()[0], 2)]
    command = ["-m", "production.planning", "solve", str(file), "--format", "park"]
    own = _run(park, folder, [*command, "--seconds", str(case.seconds), "--workers", str(WORKERS)])
    loads.append(round(os.getloadavg()[0], 2))
    edd = _run(park, folder, ["-m", "tests.benchmarks.peers.edd", str(file)])
    bound_kg = own["bounds"].get("outsourced_kg_if_none_late")
    kept = ("first_plan_seconds", "seconds", "cpu_seconds", "peak_mb", "iterations", "violations")
    return {
        "case": case.name,
        "seed": seed,
        "machines": len(park["machines"]),
        "bound_t": None if bound_kg is None else bound_kg / 1000,
        "load_before_and_after": loads,
        "own": {**own["judged"], **{name: own[name] for name in kept}},
        "edd": {**edd["judged"], "seconds": edd["seconds"]},
    }


def _run(park: dict[str, Any], folder: Path, command: list[str]) -> dict[str, Any]:
    plan_file = folder / "plan.json"
    plan_file.unlink(missing_ok=True)
    whole = [sys.executable, *command, "--out", str(plan_file)]
    done = subprocess.run(whole, capture_output=True, check=False, cwd=CHECKOUT)
    if done.returncode > 1 or not plan_file.exists():
        raise SystemExit(done.stderr.decode() or f"{' '.join(command)}: ended with {done.returncode}, without a plan")
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    said: dict[str, Any] = json.loads(done.stdout)
    return {**said, "judged": {**figures(park, plan), "errors": len(errors(park, plan))}}


def start_seconds(folder: Path) -> float:
    """From the start of a process to the end of one that plans three orders: the better of two, with warm files."""
    file = folder / "small.json"
    file.write_text(json.dumps(generate_park(orders=3, firms=3, seed=1)), encoding="utf-8")
    command = [sys.executable, "-m", "production.planning", "solve", str(file), "--format", "park", "--iterations", "1"]
    took = []
    for _turn in range(3):
        started = perf_counter()
        subprocess.run(command, capture_output=True, cwd=CHECKOUT, check=True)
        took.append(perf_counter() - started)
    return round(min(took), 2)


def surroundings() -> dict[str, Any]:
    """What a figure depends on beside the seed."""
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, shared with other work",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numba", "numpy", "ortools")},
        "workers": WORKERS,
        "planner": planner_digest(),
    }


def planner_digest() -> str:
    """Of all code of the planner."""
    digest = sha256()
    for file in sorted(PLANNER.rglob("*.py")):
        digest.update(str(file.relative_to(PLANNER)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def main() -> None:
    cases = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--rows", nargs="+", choices=list(cases), default=list(cases))
    parser.add_argument("--out", type=Path, default=REPORT)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        report = {"what": "parks of competing firms", **surroundings(), "start_seconds": start_seconds(Path(name))}
        rows: dict[tuple[str, int], dict[str, Any]] = {}
        if options.out.exists():
            before = json.loads(options.out.read_text(encoding="utf-8"))
            unlike = {"rows": None, "start_seconds": None}
            if {**before, **unlike} == {**report, **unlike}:
                rows = {(row["case"], row["seed"]): row for row in before["rows"]}
        order = list(cases)
        for seed in options.seeds:
            for case in options.rows:
                row = rows[case, seed] = measured(cases[case], seed, Path(name))
                found = [rows[key] for key in sorted(rows, key=lambda key: (order.index(key[0]), key[1]))]
                options.out.write_text(json.dumps({**report, "rows": found}, indent=1) + "\n", encoding="utf-8")
                print(_said(row), flush=True)


def _said(row: dict[str, Any]) -> str:
    own, edd = row["own"], row["edd"]
    return (
        f"{row['case']} seed {row['seed']}: {own['late_h']} h late (earliest due date {edd['late_h']}), "
        f"{own['on_time_pct']} % on time, {own['outsourced_pct']} % away, {own['outsourced_t']} t of {row['bound_t']}, "
        f"first plan {own['first_plan_seconds']} s, {own['cpu_seconds']} CPU s, {own['peak_mb']} MB, "
        f"{own['errors']} errors, load {row['load_before_and_after']}"
    )


if __name__ == "__main__":
    main()
