"""Walks the chain of seals and holds every audit row against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from psycopg import sql

from mes.core.actors import DatabaseRole
from mes.core.seals import DIGEST, GENESIS, HASH, LEAST_MONTHS, head
from mes.core.wall import wall

_MEMORY = "256MB"

_LINKS = sql.SQL("""
    SELECT number, own, linked, counted, purged FROM (
        SELECT s.number, s.hash = {hash} AND cardinality(s.row_keys) = cardinality(s.digests) AS own,
               s.previous = coalesce(lag(s.hash) OVER chain, %(genesis)s::bytea) AS linked,
               s.number = coalesce(lag(s.number) OVER chain, 0) + 1 AS counted,
               s.purged_to = coalesce(lag(s.purged_to) OVER chain, 0)
               OR (s.purged_to > coalesce(lag(s.purged_to) OVER chain, 0) AND s.purged_to < s.number
                   AND NOT EXISTS (SELECT FROM core_auditseal AS old WHERE old.number <= s.purged_to
                                      AND old.last_at >= s.at - make_interval(months => %(months)s))) AS purged
          FROM core_auditseal AS s WINDOW chain AS (ORDER BY s.number)) AS link
     WHERE NOT (own AND linked AND counted AND purged) ORDER BY number
""").format(hash=HASH)
_SEALED_ROWS = sql.SQL("""
    SELECT s.number, u.key, a.id IS NULL, a.verb, a.at
      FROM core_auditseal s CROSS JOIN unnest(s.row_keys, s.digests) AS u (key, digest)
      LEFT JOIN core_auditrow a ON a.id = u.key
     WHERE s.number > %(purged_to)s AND (a.id IS NULL OR {digest} <> u.digest)
     ORDER BY s.number, u.key
""").format(digest=DIGEST)
_INSERTED_ROWS = """
    SELECT a.id, a.verb, a.at FROM core_auditrow a
      JOIN (SELECT cluster, max(horizon) AS horizon FROM core_auditseal GROUP BY cluster) AS h USING (cluster)
     WHERE a.transaction < h.horizon::text::xid8
       AND NOT EXISTS (SELECT FROM (SELECT unnest(s.row_keys) AS key FROM core_auditseal s
                                     WHERE s.number > %(purged_to)s) AS sealed WHERE sealed.key = a.id)
     ORDER BY a.id
"""
_COUNTS = """
    SELECT coalesce(sum(cardinality(row_keys)) FILTER (WHERE number > %(purged_to)s), 0),
           coalesce(sum(cardinality(row_keys)) FILTER (WHERE number <= %(purged_to)s), 0)
      FROM core_auditseal
"""
_WAITING = """
    SELECT count(*) FROM core_auditrow a
      LEFT JOIN (SELECT cluster, max(horizon) AS horizon FROM core_auditseal GROUP BY cluster) AS h USING (cluster)
     WHERE h.horizon IS NULL OR a.transaction >= h.horizon::text::xid8
"""
_FAULTS = (
    "its hash is not that of its content",
    "it does not follow on the seal before",
    "a number before it is missing",
    "it says that rows were purged which were too young",
)


@dataclass(slots=True)
class Verified:
    """What was found. `rows`: held against seals; `waiting`: not sealed yet; `purged_to`: seals without their rows."""

    number: int
    hash: bytes
    purged_to: int = 0
    rows: int = 0
    purged_rows: int = 0
    waiting: int = 0
    findings: list[str] = field(default_factory=list)


def verify(*, kept_head: tuple[int, str] | None = None) -> Verified:
    """Names each row that was changed, removed or inserted below the seals, and each broken seal.

    `kept_head`: number and hash (hexadecimal) that were printed before and kept elsewhere. All is seen at one moment.
    """
    with wall(DatabaseRole.PLANNER, snapshot=True), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true), set_config('jit', 'off', true)", [_MEMORY])
        number, its_hash = head()
        found = Verified(number, its_hash)
        cursor.execute("SELECT coalesce(max(purged_to), 0) FROM core_auditseal")
        found.purged_to = cursor.fetchone()[0]
        of_rows = {"purged_to": found.purged_to}
        if kept_head is not None:
            found.findings += _against(cursor, *kept_head)
        cursor.execute(_LINKS, {"genesis": GENESIS, "months": LEAST_MONTHS})
        found.findings += _links(cursor)
        cursor.execute(_SEALED_ROWS, of_rows)
        found.findings += [
            f"row {key} of seal {seal} was removed"
            if gone
            else f"row {key} of seal {seal} was changed: {_row(verb, at)}"
            for seal, key, gone, verb, at in cursor
        ]
        cursor.execute(_INSERTED_ROWS, of_rows)
        found.findings += [f"row {key} was inserted below the seals: {_row(verb, at)}" for key, verb, at in cursor]
        cursor.execute(_COUNTS, of_rows)
        found.rows, found.purged_rows = map(int, cursor.fetchone())
        cursor.execute(_WAITING)
        found.waiting = cursor.fetchone()[0]
    return found


def _against(cursor: Any, number: int, kept: str) -> Iterator[str]:
    cursor.execute("SELECT encode(hash, 'hex') FROM core_auditseal WHERE number = %s", [number])
    row = cursor.fetchone() or ((GENESIS.hex(),) if number == 0 else None)
    if row is None:
        yield f"seal {number}: there is none, but its hash was kept"
    elif row[0] != kept.lower():
        yield f"seal {number}: its hash is not the one that was kept"


def _links(cursor: Any) -> Iterator[str]:
    for number, *sound in cursor:
        for fault, is_sound in zip(_FAULTS, sound, strict=True):
            if not is_sound:
                yield f"seal {number}: {fault}"


def _row(verb: str, at: Any) -> str:
    return f"{verb} at {at.isoformat()}"
