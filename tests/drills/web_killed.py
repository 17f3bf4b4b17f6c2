"""The web is killed (-9) in mid-request at random instants; clients repeat their calls under one Idempotency-Key.

One of its processes, which gunicorn replaces; its master alone; or the whole tree; the drill starts the last two again.
Each acknowledged effect is there once, each other one at most once and whole.

    python -m tests.drills.web_killed [--long]
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import sys
import time
from collections import Counter
from contextlib import suppress

from tests.drills.history import History, Told, judged
from tests.drills.outcome import Outcome, conduct, wait_until
from tests.drills.program import clients
from tests.drills.topology import Topology

CLIENTS = 6
READY_S = 60.0
LEAST_S, MOST_S = 0.1, 0.8
PAUSE_S, TRIES = 0.1, 300
SHORT = ("process",) * 4 + ("master", "tree")
LONG = SHORT * 10
SEED = 20

EFFECTS = "SELECT customer_name FROM sales_salesorderterms"
HALF_DONE = {
    "orders_without_terms": "SELECT count(*) FROM sales_salesorder o"
    " WHERE NOT EXISTS (SELECT FROM sales_salesorderterms t WHERE t.order_id = o.id)",
    "orders_without_their_lines": "SELECT count(*) FROM sales_salesorder o"
    " WHERE (SELECT count(*) FROM sales_salesorderline l WHERE l.order_id = o.id) <> %(lines)s",
    "orders_without_kept_answer": "SELECT count(*) FROM sales_salesorderterms t"
    " WHERE NOT EXISTS (SELECT FROM core_keptanswer k WHERE k.key = t.customer_name AND k.firm_id = t.firm_id)",
    "kept_answers_without_order": "SELECT count(*) FROM core_keptanswer k"
    " WHERE NOT EXISTS (SELECT FROM sales_salesorderterms t WHERE k.key = t.customer_name AND k.firm_id = t.firm_id)",
    "orders_not_audited_once": "SELECT count(*) FROM sales_salesorder o"
    " WHERE (SELECT count(*) FROM core_auditrow a WHERE a.object_id = o.id) <> 1",
}


def play(stage: Topology, outcome: Outcome, is_long: bool) -> None:
    from tests.drills.firms import LINES, order_body, programs

    history = History()
    stage.web.start()
    firms = programs(stage, history, count=3)
    wait_until(stage.web_is_ready, within_s=READY_S)

    def turn(name: str) -> None:
        client = int(name.partition("-")[0])
        program = firms[client % len(firms)]
        if client < len(firms):
            program.post_until_told(name, "sales-orders", order_body(name), pause_s=PAUSE_S, tries=TRIES)
        else:
            attempt = program.post(name, "sales-orders", order_body(name), key=name)
            time.sleep(PAUSE_S if attempt.status is None else 0)

    ways = list(LONG if is_long else SHORT)
    chance = random.Random(SEED)
    chance.shuffle(ways)
    back_s: list[float] = []
    with clients(CLIENTS, turn, pause_s=0):
        for way in ways:
            time.sleep(chance.uniform(LEAST_S, MOST_S))
            _kill(stage, way, chance)
            back_s.append(wait_until(lambda: _is_back(stage), within_s=READY_S))
        time.sleep(1)
    _judge(stage, outcome, history, lines=LINES)
    outcome.figures |= {
        "kills": dict(Counter(ways)),
        "back_median_s": round(statistics.median(back_s), 2),
        "back_longest_s": round(max(back_s), 2),
    }


def _kill(stage: Topology, way: str, chance: random.Random) -> None:
    if way == "process":
        with suppress(ProcessLookupError):  # gunicorn may just have replaced it
            os.kill(chance.choice(stage.web.children()), signal.SIGKILL)
        return
    if way == "master":
        stage.web.kill_alone()
    else:
        stage.web.kill()


def _is_back(stage: Topology) -> bool:
    """Starts what has ended, as a supervisor does: a new master gives up while orphans of the old one hold the port."""
    if not stage.web.is_alive():
        stage.web.start()
    return len(stage.web.children()) > 0 and stage.web_is_ready()


def _judge(stage: Topology, outcome: Outcome, history: History, *, lines: int) -> None:
    with stage.sql() as sql:
        verdict = judged(history, Counter(str(name) for (name,) in sql.execute(EFFECTS).fetchall()))
        half_done = {name: sql.execute(query, {"lines": lines}).fetchone() for name, query in HALF_DONE.items()}
    attempts = history.attempts
    outcome.figures |= verdict.figures() | {
        "attempts": len(attempts),
        "turned_away": sum(1 for attempt in attempts if attempt.error == "ConnectionRefusedError"),
        "cut_off": sum(1 for attempt in attempts if attempt.error not in ("", "ConnectionRefusedError")),
        "answered_in_flight": sum(1 for attempt in attempts if attempt.status == 409),
        "replayed": sum(1 for attempt in attempts if "idempotent-replayed" in attempt.headers),
        "answers_5xx": len(history.of_status(500)),
        "answer_longest_s": round(max(attempt.took_s for attempt in attempts if attempt.told == Told.DONE), 2),
    }
    outcome.figures |= {name: found[0] for name, found in half_done.items() if found}
    outcome.promise("each acknowledged effect once, each other at most once", kept=verdict.is_kept)
    outcome.promise("no half of a write", kept=not any(found[0] for found in half_done.values() if found))
    outcome.promise("the kills hit requests", kept=outcome.figures["cut_off"] > 0)


if __name__ == "__main__":
    sys.exit(conduct("web_killed", play, short_limit_s=240, long_limit_s=480))
