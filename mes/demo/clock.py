"""The sample park's clock: it goes while the park is served and stands still otherwise. Command line: run or stand.

Only the owner of a demo's database may move it. A park that was killed could not stop its clock; it has stood since
the last sign of life.
"""

from __future__ import annotations

import os
import sys

import psycopg

RUN, STAND = "run", "stand"

_RUN = "UPDATE core_installation SET started_at = clock_timestamp() WHERE kind = 'demo' AND business_at IS NOT NULL"
_STAND = """
    UPDATE core_installation SET business_at = business_at + (%s - started_at), started_at = NULL
     WHERE kind = 'demo' AND started_at IS NOT NULL
"""
# Beat's routines and everything that somebody did leave the database's time.
_LAST_SIGN = """
    SELECT greatest(i.started_at, (SELECT max(finished_at) FROM core_routine), (SELECT max(at) FROM core_auditrow))
      FROM core_installation i WHERE i.started_at IS NOT NULL
"""


def run(owner_url: str) -> None:
    """Lets the clock go on from where it stands. One that still goes was never stopped: it is put right first."""
    with psycopg.connect(owner_url) as owner:
        last = owner.execute(_LAST_SIGN).fetchone()
        if last is not None:
            owner.execute(_STAND, last)
        owner.execute(_RUN)


def stand(owner_url: str) -> None:
    """Stops the clock."""
    with psycopg.connect(owner_url) as owner:
        now = owner.execute("SELECT clock_timestamp()").fetchone()
        owner.execute(_STAND, now)


if __name__ == "__main__":
    {RUN: run, STAND: stand}[sys.argv[1]](os.environ["DATABASE_OWNER_URL"])
