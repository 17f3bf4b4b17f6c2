"""Walks the chain of seals and holds every audit row against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from mes.core.actors import DatabaseRole
from mes.core.seals import DIGEST, GENESIS, HASH, LEAST_MONTHS, head
from mes.core.wall import wall

_MEMORY = "256MB"

# The server takes a digest for as cheap as a comparison, and would leave all of them to one core.
_SET_UP = """
    SELECT set_config('work_mem', %s, true), set_config('jit', 'off', true),
           set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true),
           set_config('min_parallel_table_scan_size', '0', true)
"""

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
# What the seals say of rows that must be there.
_SEALED = sql.SQL("""(SELECT s.number, u.key, u.digest
                          FROM core_auditseal s CROSS JOIN unnest(s.row_keys, s.digests) AS u (key, digest)
                         WHERE s.number > %(purged_to)s)""")
# Each row's digest is computed once. No full join, so that the server may share the rows among its cores.
_ROWS = sql.SQL("""
    SELECT sealed.number, a.id, false, a.verb, a.at
      FROM core_auditrow a
      LEFT JOIN {sealed} AS sealed ON sealed.key = a.id
      LEFT JOIN (SELECT cluster, max(horizon)::text::xid8 AS horizon FROM core_auditseal GROUP BY cluster) AS h
             ON h.cluster = a.cluster
     WHERE CASE WHEN sealed.key IS NULL THEN a.transaction < h.horizon ELSE {digest} <> sealed.digest END
     ORDER BY 1, 2
""").format(sealed=_SEALED, digest=DIGEST)
_GONE = sql.SQL("""
    SELECT sealed.number, sealed.key, true, NULL, NULL FROM {sealed} AS sealed
     WHERE NOT EXISTS (SELECT FROM core_auditrow a WHERE a.id = sealed.key)
     ORDER BY 1, 2
""").format(sealed=_SEALED)
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
        cursor.execute(_SET_UP, [_MEMORY])
        number, its_hash = head()
        found = Verified(number, its_hash)
        cursor.execute("SELECT coalesce(max(purged_to), 0) FROM core_auditseal")
        found.purged_to = cursor.fetchone()[0]
        of_rows = {"purged_to": found.purged_to}
        if kept_head is not None:
            found.findings += _against(cursor, *kept_head)
        cursor.execute(_LINKS, {"genesis": GENESIS, "months": LEAST_MONTHS})
        found.findings += _links(cursor)
        for differences in (_ROWS, _GONE):
            cursor.execute(differences, of_rows)
            found.findings += [_fault(*row) for row in cursor]
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


def _fault(seal: int | None, key: UUID, is_gone: bool, verb: str, at: datetime) -> str:  # noqa: FBT001 - a column
    if is_gone:
        return f"row {key} of seal {seal} was removed"
    what = "was inserted below the seals" if seal is None else f"of seal {seal} was changed"
    return f"row {key} {what}: {verb} at {at.isoformat()}"
