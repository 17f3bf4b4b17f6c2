"""How long a million audit rows take to be sealed and verified, on embedded servers of its own.

    python -m mes.embedded run --for test -- python -m tests.benchmarks.audit > docs/benchmarks/audit.json

Prints JSON: what ran, on what, with versions, the load of the machine when it began, and seconds. The rows come in a
thousand transactions. The chain is verified three times as it is, and once after one row was changed by the owner.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg

TRANSACTIONS, ROWS_OF_EACH = 1000, 1000
TURNS = 3
SEED = 1

_ROWS = """
    INSERT INTO core_auditrow (id, at, firm_id, actor_user_id, actor_firm_id, channel, verb, object_type, object_id,
                               changes)
    SELECT gen_random_uuid(), clock_timestamp(), f.id, gen_random_uuid(), f.id, 'api', 'line.change',
           'sales.salesorderline', gen_random_uuid(),
           jsonb_build_object('pieces', jsonb_build_array(n, n + 5),
                              'due_at', jsonb_build_array('2026-03-02T00:00:00+00:00', '2026-03-05T00:00:00+00:00'))
      FROM generate_series(1, %s) AS n, (SELECT gen_random_uuid() AS id) AS f
"""


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began_s = perf_counter()
    answer = act()
    return round(perf_counter() - began_s, 2), answer


def _fill(owner: psycopg.Connection[Any]) -> None:
    for _number in range(TRANSACTIONS):
        owner.execute(_ROWS, [ROWS_OF_EACH])
    owner.execute("ANALYZE core_auditrow")


def _change_one(owner: psycopg.Connection[Any]) -> str:
    skipped = random.Random(SEED).randrange(TRANSACTIONS * ROWS_OF_EACH)
    row = owner.execute("SELECT id FROM core_auditrow ORDER BY id OFFSET %s LIMIT 1", [skipped]).fetchone()
    assert row is not None
    owner.execute("UPDATE core_auditrow SET actor_user_id = gen_random_uuid() WHERE id = %s", row)
    return str(row[0])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    from django.db import connection

    from mes.core.seals import seal_all
    from mes.core.seals_verify import verify
    from tests.database import TestDatabase

    load = os.getloadavg()
    database = TestDatabase()
    database.create()
    login = urlsplit(database.url("DATABASE_WORKER_URL"))
    connection.settings_dict |= {"NAME": database.name, "USER": login.username, "PASSWORD": login.password}
    with psycopg.connect(database.url("DATABASE_OWNER_URL"), autocommit=True) as owner:
        version = owner.execute("SHOW server_version").fetchone()
        assert version is not None
        _fill(owner)
        seal_s, rows = _timed(seal_all)
        sound = [_timed(verify) for _turn in range(TURNS)]
        assert all(found.findings == [] and found.rows == rows for _seconds, found in sound)
        changed = _change_one(owner)
        changed_s, found = _timed(verify)
        assert len(found.findings) == 1
        assert changed in found.findings[0]
    connection.close()
    connection.close_pool()
    database.drop()
    report = {
        "what": "audit rows sealed in one go, then the chain verified; PostgreSQL as the launcher starts it",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": [round(value, 1) for value in load],
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": version[0],
        "rows": rows,
        "seals": found.number,
        "seal_s": seal_s,
        "verify_s": {"median": statistics.median(took for took, _found in sound), "most": max(s for s, _ in sound)},
        "verify_with_one_row_changed_s": changed_s,
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
