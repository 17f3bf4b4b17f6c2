"""The broker is away at boot, then forgets all rings and is killed with jobs queued, then hangs; writes go on.

Every write is accepted at once, every job is done once, and nobody restarts web, workers or beat.

    python -m tests.drills.broker_lost [--long]
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mes.core.bell import PATIENCE_S, SILENCE_S
from tests.drills.history import Attempt, History, Told, judged
from tests.drills.outcome import Outcome, conduct, wait_until
from tests.drills.program import Program
from tests.drills.topology import Topology

AT_BOOT, USUAL, QUEUED, AWAY, HUNG, LAST = 5, 20, 74, 60, 40, 1
JOBS = AT_BOOT + USUAL + QUEUED + AWAY + HUNG + LAST
FIRMS = 4
READY_S = 60.0
DONE_S = 150.0
RESUMED_S = 30.0
SHORT_AWAY_S, LONG_AWAY_S = 6.0, 60.0
HANG_S = 5.0

WAITING = "SELECT count(*) FROM core_backgroundjob WHERE kind = 'plan.compute' AND state <> 'done'"
DONE = """
    SELECT r.id::text, count(a.id)
      FROM plans_planrun r
      JOIN core_backgroundjob j ON j.id = r.job_id AND j.state = 'done'
      LEFT JOIN plans_planartefact a ON a.run_id = r.id
     WHERE r.state = 'candidate' GROUP BY r.id
"""
RESUMED = """
    SELECT extract(epoch FROM min(started_at) - %(since)s)
      FROM core_backgroundjob WHERE kind = 'plan.compute' AND started_at > %(since)s
"""
TAKEN_AGAIN = "SELECT count(*) FROM core_backgroundjob WHERE kind = 'plan.compute' AND attempts > 1"


class Writers:
    """The firms' programs. Each of their writes asks for a plan of the firm alone: it adds a job and rings for it."""

    def __init__(self, firms: Sequence[Program]) -> None:
        self._firms = firms
        self._asked = 0

    def ask(self, count: int, *, within_s: float = 0.0) -> list[Attempt]:
        """So many writes by all firms at once, spread over a time."""
        first = self._asked
        self._asked += count

        def one(number: int) -> Attempt:
            attempt = self._firms[number % len(self._firms)].post(f"job-{number}", "plan-runs", {})
            time.sleep(max(0.0, within_s * len(self._firms) / count - attempt.took_s))
            return attempt

        with ThreadPoolExecutor(len(self._firms)) as pool:
            return list(pool.map(one, range(first, first + count)))


def play(stage: Topology, outcome: Outcome, is_long: bool) -> None:
    from tests.drills.firms import programs

    history = History()
    writers = Writers(programs(stage, history, count=FIRMS))
    figures = outcome.figures

    stage.kill_broker()
    for process in stage.processes:
        process.start()
    figures["web_ready_without_broker_s"] = round(wait_until(stage.web_is_ready, within_s=READY_S), 2)
    writes = {"at_boot": writers.ask(AT_BOOT)}
    stage.start_broker()
    figures["done_after_boot_s"] = _done_after_s(stage)
    writes["usual"] = writers.ask(USUAL)
    _done_after_s(stage)

    for worker in stage.workers:
        worker.freeze()
    writes["queued"] = writers.ask(QUEUED)
    stage.flush_broker()
    stage.kill_broker()
    for worker in stage.workers:
        worker.thaw()
    figures["waiting_when_lost"] = _waiting(stage)
    figures["away_s"] = LONG_AWAY_S if is_long else SHORT_AWAY_S
    writes["refused"] = writers.ask(AWAY, within_s=figures["away_s"])
    figures["waiting_when_back"] = _waiting(stage)
    stage.start_broker()
    back_at = _now(stage)
    figures["done_after_return_s"] = _done_after_s(stage)
    figures["resumed_after_return_s"] = _resumed_after_s(stage, back_at)

    stage.freeze_broker()
    writes["hung"] = writers.ask(HUNG, within_s=HANG_S)
    stage.thaw_broker()
    figures["done_after_hang_s"] = _done_after_s(stage)
    time.sleep(SILENCE_S)
    writes["last"] = writers.ask(LAST)
    figures["new_job_done_after_s"] = _done_after_s(stage)

    _judge_writes(outcome, writes)
    _judge_jobs(stage, outcome, history)
    outcome.promise("web, workers and beat live on", kept=all(process.is_alive() for process in stage.processes))


def _waiting(stage: Topology) -> int:
    with stage.sql() as sql:
        found = sql.execute(WAITING).fetchone()
    return int(str(found[0])) if found else 0


def _done_after_s(stage: Topology) -> float:
    """Seconds until no job waits."""
    return round(wait_until(lambda: _waiting(stage) == 0, within_s=DONE_S, look_every_s=0.05), 2)


def _now(stage: Topology) -> object:
    with stage.sql() as sql:
        found = sql.execute("SELECT clock_timestamp()").fetchone()
    return found[0] if found else None


def _resumed_after_s(stage: Topology, since: object) -> float:
    """When the first job began after that time."""
    with stage.sql() as sql:
        found = sql.execute(RESUMED, {"since": since}).fetchone()
    return round(float(str(found[0])), 2) if found else DONE_S


def _judge_writes(outcome: Outcome, writes: dict[str, list[Attempt]]) -> None:
    """A write does not wait for the broker: at most for one ring more than a write at other times."""
    slowest = {name: max(attempt.took_s for attempt in attempts) for name, attempts in writes.items()}
    for name in ("usual", "refused", "hung"):
        outcome.figures[f"write_median_{name}_s"] = round(statistics.median(a.took_s for a in writes[name]), 3)
        outcome.figures[f"write_slowest_{name}_s"] = round(slowest[name], 2)
    everything = [attempt for attempts in writes.values() for attempt in attempts]
    outcome.figures["writes_accepted"] = sum(1 for attempt in everything if attempt.told == Told.DONE)
    outcome.promise("every write is accepted", kept=outcome.figures["writes_accepted"] == JOBS)
    most_s = 1.0 + slowest["usual"]
    outcome.promise("writes do not wait for a broker that refuses", kept=slowest["refused"] < most_s)
    outcome.promise("writes hardly wait for a broker that hangs", kept=slowest["hung"] < most_s + PATIENCE_S)


def _judge_jobs(stage: Topology, outcome: Outcome, history: History) -> None:
    with stage.sql() as sql:
        plans_of_run = {str(run): int(str(count)) for run, count in sql.execute(DONE).fetchall()}
        again = sql.execute(TAKEN_AGAIN).fetchone()
    run_of = {a.operation: str(json.loads(a.body)["id"]) for a in history.attempts if a.told == Told.DONE}
    operation_of = {run: operation for operation, run in run_of.items()}
    verdict = judged(history, {operation_of.get(run, run): count for run, count in plans_of_run.items()})
    outcome.figures |= verdict.figures() | {"jobs_done_once": sum(1 for count in plans_of_run.values() if count == 1)}
    outcome.figures["jobs_taken_more_than_once"] = again[0] if again else None
    outcome.promise("jobs resume soon after the return", kept=outcome.figures["resumed_after_return_s"] <= RESUMED_S)
    outcome.promise("each job is done once", kept=verdict.is_kept and outcome.figures["jobs_done_once"] == JOBS)


if __name__ == "__main__":
    sys.exit(conduct("broker_lost", play, short_limit_s=240, long_limit_s=420))
