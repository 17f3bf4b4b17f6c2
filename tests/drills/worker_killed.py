"""The workers' trees are killed (-9) in mid-plan, at random instants, and started again: each plan is published once.

python -m tests.drills.worker_killed [--long]
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from functools import partial

from tests.drills.outcome import Outcome, conduct, wait_until
from tests.drills.topology import Topology

SHORT_KILLS, LONG_KILLS = 1, 20
MOST_RULES, MOST_S = 4, 1.0  # a kill comes after so many rules at the most, and a moment more
SEED = 5
BEGUN_S = 60.0
PUBLISHED_S = 180.0
TAKEN_AGAIN_S = 40.0  # the lease of 20 s, then the next sweep, and 10 s for a busy machine


def play(stage: Topology, outcome: Outcome, is_long: bool) -> None:
    from mes.demo.sample.sample import build_sample
    from mes.demo.seed import sample_seed
    from mes.demo.seed.index import zero_of
    from tests.drills import publication

    sample = build_sample(seed=1)
    outcome.figures |= {"orders": len(sample.orders), "kills": LONG_KILLS if is_long else SHORT_KILLS}
    chance = random.Random(SEED)
    again_s: list[float] = []
    with stage.sql() as sql:
        sql.execute("INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'demo', %s)", [zero_of(sample)])
        sample_seed(sample=sample)
        for process in (*stage.workers, stage.beat):
            process.start()
        for kill in range(outcome.figures["kills"]):
            run_id = publication.plan_started()
            rules = chance.randint(0, MOST_RULES)
            wait_until(partial(publication.has_tried, sql, run_id, rules), within_s=BEGUN_S)
            time.sleep(chance.uniform(0, MOST_S))
            for worker in stage.workers:
                worker.kill()
                worker.start()
            taken_s = wait_until(partial(publication.is_taken_again, sql, run_id), within_s=PUBLISHED_S)
            wait_until(partial(publication.is_over, sql, run_id), within_s=PUBLISHED_S)
            found = publication.held(sql, run_id)
            outcome.promise(f"plan {kill} is published once", kept=found.is_published_once)
            if found.attempts > 1:
                again_s.append(taken_s)
    outcome.figures |= {
        "kills_in_mid_plan": len(again_s),
        "taken_again_median_s": round(statistics.median(again_s), 1) if again_s else None,
        "taken_again_longest_s": round(max(again_s), 1) if again_s else None,
    }
    outcome.promise("a kill hit a plan", kept=bool(again_s))
    outcome.promise("a plan is taken up again soon", kept=max(again_s, default=0) <= TAKEN_AGAIN_S)
    if is_long:
        outcome.figures["last_plan_repeated_alike"] = publication.is_repeated_alike(run_id)
        outcome.promise("the same problem gives the same plan", kept=outcome.figures["last_plan_repeated_alike"])


if __name__ == "__main__":
    sys.exit(conduct("worker_killed", play, short_limit_s=300, long_limit_s=2400))
