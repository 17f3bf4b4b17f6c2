"""One plan run by one, two and four Celery workers: the sample park, and one twice as large that is improved in pieces.

    python -m tests.benchmarks.pieces --parks 1
    python -m tests.benchmarks.pieces --parks 2

Servers and workers of its own, as a drill has them. Writes docs/benchmarks/pieces.json after each run and keeps there
what was measured of other parks: what ran, on what, with versions, and for each run its seconds from the job's begin to
its end, its workers' CPU seconds, the plan's tuple, and the sha256 of problem and plan.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import django

from mes.embedded.services import CHECKOUT
from production.planning.schedule import Tiers
from tests.drills.outcome import wait_until
from tests.drills.processes import Process, worker_command
from tests.drills.topology import Sql, Topology, topology

REPORT = CHECKOUT / "docs" / "benchmarks" / "pieces.json"
WORKERS = (1, 2, 4)
MOST_S = 3600.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SPAN = """
    SELECT extract(epoch FROM finished_at - started_at) FROM core_backgroundjob
     WHERE kind = 'plan.compute' AND payload->>'run_id' = %(run)s::text AND state = 'done'
"""
OTHERS = "SELECT count(*) FROM core_backgroundjob WHERE kind = 'plan.improve_piece' AND attempts > 0"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Measures a plan run with several workers.")
    parser.add_argument("--parks", type=int, default=1, help="how many sample parks make the park")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    asked = parser.parse_args(arguments)
    with topology("pieces") as stage, stage.sql() as sql:
        orders = _seeded(sql, asked.parks)
        for workers in asked.workers:
            row = {"parks": asked.parks, "orders": orders, "workers": workers} | _measured(stage, sql, workers)
            print(json.dumps(row, sort_keys=True), flush=True)
            _written(row)
    return 0


def _seeded(sql: Sql, parks: int) -> int:
    """Fills the database; returns the number of orders."""
    from mes.demo.seed import sample_seed
    from mes.demo.seed.index import zero_of
    from tests.benchmarks.larger_park import larger_sample

    sample = larger_sample(times=parks)
    sql.execute("INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'demo', %s)", [zero_of(sample)])
    sample_seed(sample=sample)
    return len(sample.orders)


def _measured(stage: Topology, sql: Sql, workers: int) -> dict[str, Any]:
    """A run that becomes a candidate, so that the next one finds the same park."""
    from mes.core.actors import DatabaseRole, system_actor
    from mes.core.wall import wall
    from production.plans.models import PlanArtefact, PlanRun
    from production.plans.services.artefacts import unpack
    from production.plans.services.runs import plan_run_start

    load = os.getloadavg()[0]
    others = _number(sql, OTHERS)
    with wall(DatabaseRole.PLANNER):
        zero_at = PlanRun.objects.order_by("created_at").values_list("zero_at", flat=True).first()
    with _working(stage, workers) as crew:
        with wall(DatabaseRole.PLANNER):
            run_id = plan_run_start(actor=system_actor(), now=zero_at or _business_at(sql)).pk
        wait_until(partial(_is_over, sql, run_id), within_s=MOST_S, look_every_s=0.2)
        cpu_seconds = sum(_cpu_s(process) for process in crew)
    with wall(DatabaseRole.PLANNER):
        run = PlanRun.objects.get(pk=run_id)
        artefact = PlanArtefact.objects.get(run=run)
        problem, schedule = unpack(artefact.problem), unpack(artefact.schedule)
    return {
        "load_before": round(load, 1),
        "seconds": round(_number(sql, SPAN, run_id), 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "tiers": dict(zip(Tiers._fields, json.loads(schedule)["tiers"], strict=True)),
        "pieces": dict(Counter(run.parameters.get("pieces", {}).values())),
        "piece_jobs_taken": round(_number(sql, OTHERS) - others),
        "problem_sha256": hashlib.sha256(problem.encode()).hexdigest(),
        "plan_sha256": hashlib.sha256(schedule.encode()).hexdigest(),
        "state": run.state,
    }


@contextmanager
def _working(stage: Topology, workers: int) -> Iterator[list[Process]]:
    """So many workers, each one process that works; PLAN_PIECES as many. They do not stand back for anybody."""
    environment = {**stage.workers[0].environment, "PLAN_PIECES": str(workers), "WORKER_NICENESS": "0"}
    crew = [
        Process(name, worker_command(name=name, concurrency=1), environment, stage.workers[0].folder)
        for name in (f"crew-{number}" for number in range(workers))
    ]
    try:
        for process in crew:
            process.start()
        wait_until(lambda: all(process.children() for process in crew), within_s=MOST_S, look_every_s=0.2)
        yield crew
    finally:
        for process in crew:
            process.kill()


def _cpu_s(process: Process) -> float:
    """Of a worker and its children, since they began."""
    return sum(_ticks(pid) for pid in (process.pid, *process.children())) * TICK_S


def _ticks(pid: int) -> int:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


def _is_over(sql: Sql, run_id: UUID) -> bool:
    return sql.execute(SPAN, {"run": run_id}).fetchone() is not None


def _business_at(sql: Sql) -> Any:
    return _row(sql, "SELECT business_at FROM core_installation")


def _number(sql: Sql, query: str, run_id: UUID | None = None) -> float:
    return float(str(_row(sql, query, run_id)))


def _row(sql: Sql, query: str, run_id: UUID | None = None) -> object:
    found = sql.execute(query, {"run": run_id}).fetchone()
    assert found is not None
    return found[0]


def _written(row: dict[str, Any]) -> None:
    """Into the file, in the place of an earlier run of the same park by as many workers."""
    before = json.loads(REPORT.read_text(encoding="utf-8"))["rows"] if REPORT.exists() else []
    kept = [old for old in before if (old["parks"], old["workers"]) != (row["parks"], row["workers"])]
    report = {
        "what": "one plan run, as a job, by several Celery workers",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, shared with other work",
        "python": platform.python_version(),
        "django": django.get_version(),
        "rows": sorted((*kept, row), key=lambda one: (one["parks"], one["workers"])),
    }
    REPORT.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
