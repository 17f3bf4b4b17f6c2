"""A round of pooled buying closes while 24 firms write without a pause, by the services and past them.

Each commitment that was acknowledged is in the demand, and nothing else is. Whoever freezes the round gets through.

    python -m tests.drills.round_close [--long]
"""

from __future__ import annotations

import sys

from tests.drills.outcome import Outcome, conduct
from tests.drills.topology import Topology

WRITERS = 24
SHORT, LONG = 2, 60


def play(stage: Topology, outcome: Outcome, is_long: bool) -> None:
    from tests.factories import MONDAY
    from tests.rounds.race import by_service, by_sql, run
    from tests.rounds.work import a_user_of_resin

    with stage.sql() as sql:
        sql.execute("DELETE FROM core_installation")
        sql.execute(
            "INSERT INTO core_installation (id, kind, business_at, started_at)"
            " VALUES (1, 'demo', %s, clock_timestamp())",
            [MONDAY],
        )
    firms = [a_user_of_resin(f"F{number:02}") for number in range(1, WRITERS + 1)]
    rounds = LONG if is_long else SHORT
    for way, write in (("services", by_service), ("sql", by_sql)):
        ended = [run(f"{way}-{number}", firms, write) for number in range(rounds)]
        broken = sum(not one.is_exact for one in ended)
        outcome.figures[way] = {
            "rounds": rounds,
            "writers": WRITERS,
            "accepted": sum(one.acknowledged for one in ended),
            "refused": sum(one.refused for one in ended),
            "broken": broken,
        }
        outcome.promise(f"each acknowledged commitment is in the demand ({way})", kept=broken == 0)


if __name__ == "__main__":
    sys.exit(conduct("round_close", play, short_limit_s=180, long_limit_s=1800))
