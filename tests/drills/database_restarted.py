"""PostgreSQL is restarted, and in the long form killed, under traffic.

No acknowledged write is lost or doubled. What fails, fails within the outage or a second after it, as a 503 that says
when to come again. Nobody restarts web, worker or beat.

    python -m tests.drills.database_restarted [--long]
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass

from tests.drills.history import Attempt, History, Told, judged
from tests.drills.outcome import Outcome, conduct, wait_until
from tests.drills.program import Program, clients
from tests.drills.topology import Topology

CLIENTS = 8
PAUSE_S = 0.05
BURST_S = 1.0
AFTER_S = 4.0
GRACE_S = 1.0
READY_S = 60.0
JOB_S = 60.0


@dataclass(frozen=True, slots=True)
class Outage:
    """From just before the server was told to end until it answered again."""

    way: str
    clients: int
    from_s: float
    until_s: float

    def covers(self, attempt: Attempt) -> bool:
        return self.from_s <= attempt.ended_s and attempt.ended_s <= self.until_s + GRACE_S


def play(stage: Topology, outcome: Outcome, is_long: bool) -> None:
    from tests.drills.firms import order_body, programs

    history = History()
    for process in stage.processes:
        process.start()
    firms = programs(stage, history, count=4)
    wait_until(stage.web_is_ready, within_s=READY_S)

    def turn(name: str) -> None:
        client = int(name.partition("-")[0])
        program = firms[client % len(firms)]
        if client % 4 == 3:
            program.get(f"read-{name}", "sales-orders?limit=20")
        elif client % 2:
            program.post_until_told(name, "sales-orders", order_body(name), pause_s=0.1, tries=100)
        else:
            program.post(name, "sales-orders", order_body(name))

    ways = ["fast", "killed"] if is_long else ["fast"]
    outages = []
    for way in ways * (4 if is_long else 1):
        for count in (CLIENTS, 1):
            with clients(2 * CLIENTS, turn, pause_s=0):
                time.sleep(BURST_S)
            with clients(count, turn, pause_s=PAUSE_S):
                time.sleep(1)
                outages.append(_outage(stage, way, count))
                time.sleep(AFTER_S)
    _judge(stage, outcome, history, outages)
    _judge_jobs(outcome, stage, firms[0])


def _outage(stage: Topology, way: str, clients_then: int) -> Outage:
    from_s = time.monotonic()
    (stage.stop_database if way == "fast" else stage.kill_database)()
    starting = threading.Thread(target=stage.start_database)
    starting.start()
    wait_until(stage.database_answers, within_s=READY_S)
    until_s = time.monotonic()
    starting.join()
    return Outage(way, clients_then, from_s, until_s)


def _judge(stage: Topology, outcome: Outcome, history: History, outages: list[Outage]) -> None:
    with stage.sql() as sql:
        rows = sql.execute("SELECT customer_name FROM sales_salesorderterms").fetchall()
    writes = History()
    for attempt in history.attempts:
        if not attempt.operation.startswith("read-"):
            writes.add(attempt)
    verdict = judged(writes, Counter(str(name) for (name,) in rows))
    failures = history.of_status(500)
    outside = [attempt for attempt in failures if not any(outage.covers(attempt) for outage in outages)]
    unanswered = [attempt for attempt in history.attempts if attempt.status is None]
    impolite = [attempt for attempt in failures if not attempt.is_polite_503()]
    answered = [attempt.took_s for attempt in history.attempts if attempt.told == Told.DONE]
    outcome.figures |= verdict.figures() | {
        "attempts": len(history.attempts),
        "outages": [
            {"way": outage.way, "clients": outage.clients, "down_s": round(outage.until_s - outage.from_s, 2)}
            | _after(history, outage)
            for outage in outages
        ],
        "answers_5xx": len(failures),
        "answers_5xx_outside": len(outside),
        "answers_5xx_not_503_problem": len(impolite),
        "unanswered": len(unanswered),
        "answer_median_s": round(statistics.median(answered), 3),
        "answer_longest_s": round(max(answered), 2),
    }
    outcome.promise("no acknowledged write is lost or doubled", kept=verdict.is_kept)
    outcome.promise("5xx only within the outage and a second after it", kept=not outside)
    outcome.promise("each 5xx is a 503 problem+json with Retry-After", kept=not impolite)
    outcome.promise("every call is answered", kept=not unanswered)
    outcome.promise("web, workers and beat live on", kept=all(process.is_alive() for process in stage.processes))


def _after(history: History, outage: Outage) -> dict[str, float]:
    """How long after the return the last 5xx came (negative: before it) and the first acknowledged answer."""
    last = [
        attempt.ended_s
        for attempt in history.of_status(500)
        if outage.from_s <= attempt.ended_s <= outage.until_s + AFTER_S
    ]
    first = [
        attempt.ended_s
        for attempt in history.attempts
        if attempt.told == Told.DONE and attempt.ended_s > outage.until_s
    ]
    told = {"first_answer_after_s": round(min(first) - outage.until_s, 2)} if first else {}
    return told | ({"last_5xx_after_s": round(max(last) - outage.until_s, 2)} if last else {})


def _judge_jobs(outcome: Outcome, stage: Topology, program: Program) -> None:
    """The workers do a job that is asked for afterwards."""
    program.post("job", "plan-runs", {})

    def is_done() -> bool:
        with stage.sql() as sql:
            return sql.execute("SELECT count(*) FROM plans_planrun WHERE state = 'candidate'").fetchone() == (1,)

    try:
        outcome.figures["job_after_all_s"] = round(wait_until(is_done, within_s=JOB_S), 2)
    except TimeoutError:
        outcome.promise("the workers work again", kept=False)


if __name__ == "__main__":
    sys.exit(conduct("database_restarted", play, short_limit_s=240, long_limit_s=420))
