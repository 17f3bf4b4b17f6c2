"""Seals audit rows into a chain of hashes, verifies the chain against the rows, and drops old rows from under it.

A seal takes the rows of transactions below the oldest one that runs, so no row can appear among them later; what
commits late is sealed late. Digests are computed in SQL over a canonical text of all columns of a row, by statements
that stand here and not in the database. Who can rewrite the whole chain can only be found out by a head that was
kept elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from mes.core import audit, jobs, schedule
from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotPermitted
from mes.core.ids import new_id
from mes.core.jobs import Lease
from mes.core.locks import lock_chain
from mes.core.models import AuditSeal
from mes.core.transactions import SETTLED_BELOW
from mes.core.wall import wall

SEAL = "audit.seal"
PURGE = "audit.purge"
ROWS_OF_A_SEAL = 10_000
LEAST_MONTHS = 6
DAYS_OF_A_MONTH = 31
GENESIS = bytes(32)


DIGEST = sql.SQL("""sha256(convert_to(jsonb_build_array(
    a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.firm_id, a.actor_user_id, a.actor_firm_id, a.channel,
    a.verb, a.object_type, a.object_id, a.changes, a.of_round, a.cluster, a.transaction::text)::text, 'UTF8'))""")
"""SQL: the digest of the audit row `a`."""

HASH = sql.SQL("""sha256(convert_to(jsonb_build_array(
    s.id, s.number, (extract(epoch FROM s.at) * 1000000)::bigint, s.cluster, s.horizon, s.purged_to,
    (extract(epoch FROM s.first_at) * 1000000)::bigint, (extract(epoch FROM s.last_at) * 1000000)::bigint,
    encode(s.previous, 'hex'),
    (SELECT encode(sha256(coalesce(string_agg(uuid_send(u.k) || u.d, ''::bytea ORDER BY u.n), ''::bytea)), 'hex')
       FROM unnest(s.row_keys, s.digests) WITH ORDINALITY AS u (k, d, n)))::text, 'UTF8'))""")
"""SQL: the hash of the seal `s`: of all its columns, its rows' keys and digests in order, and the hash before it."""

# The rows of the last transaction are taken together, so that the next seal begins behind it.
_SEAL = sql.SQL("""
    INSERT INTO core_auditseal (id, number, at, cluster, horizon, purged_to, first_at, last_at, row_keys, digests,
                                previous, hash)
    SELECT s.*, {hash} FROM (
        SELECT %(id)s::uuid AS id, %(number)s::bigint AS number, clock_timestamp() AS at,
               %(cluster)s::bigint AS cluster,
               max(a.transaction::text::bigint) + 1 AS horizon, %(purged_to)s::bigint AS purged_to,
               min(a.at) AS first_at, max(a.at) AS last_at,
               array_agg(a.id ORDER BY a.transaction, a.id) AS row_keys,
               array_agg({digest} ORDER BY a.transaction, a.id) AS digests, %(previous)s::bytea AS previous
          FROM (SELECT * FROM core_auditrow
                 WHERE cluster = %(cluster)s AND transaction >= %(floor)s::text::xid8
                   AND (%(is_elsewhere)s OR transaction < {settled})
                 ORDER BY transaction FETCH FIRST %(most)s ROWS WITH TIES) AS a
        HAVING count(*) > 0) AS s
    RETURNING cardinality(row_keys)
""").format(hash=HASH, digest=DIGEST, settled=sql.SQL(SETTLED_BELOW))
_SEAL_OF_A_PURGE = sql.SQL("""
    INSERT INTO core_auditseal (id, number, at, cluster, horizon, purged_to, first_at, last_at, row_keys, digests,
                                previous, hash)
    SELECT s.*, {hash} FROM (
        SELECT %(id)s::uuid AS id, %(number)s::bigint AS number, clock_timestamp() AS at, cluster, horizon,
               %(purged_to)s::bigint AS purged_to, NULL::timestamptz AS first_at, NULL::timestamptz AS last_at,
               ARRAY[]::uuid[] AS row_keys, ARRAY[]::bytea[] AS digests, %(previous)s::bytea AS previous
          FROM core_auditseal WHERE number = %(number)s - 1) AS s
""").format(hash=HASH)
# The servers whose rows stand here, this one and those of which a dump was restored, one step in the index for each.
_CLUSTERS = """
    WITH RECURSIVE found (cluster) AS (
        SELECT min(cluster) FROM core_auditrow
        UNION ALL
        SELECT (SELECT min(r.cluster) FROM core_auditrow r WHERE r.cluster > found.cluster)
          FROM found WHERE found.cluster IS NOT NULL)
    SELECT found.cluster, coalesce((SELECT s.horizon FROM core_auditseal s WHERE s.cluster = found.cluster
                                     ORDER BY s.number DESC LIMIT 1), 0),
           found.cluster <> (pg_control_system()).system_identifier
      FROM found WHERE found.cluster IS NOT NULL
"""


def seal_next(*, most: int = ROWS_OF_A_SEAL) -> int:
    """Seals the next rows of each server; returns how many, 0 when all that may be sealed is. One caller at a time.

    `most`: rows of a seal, but for those of its last transaction, which it takes whole.
    """
    with wall(DatabaseRole.PLANNER), connection.cursor() as cursor:
        lock_chain()
        sealed = 0
        cursor.execute(_CLUSTERS)
        for cluster, floor, is_elsewhere in cursor.fetchall():
            where = {"cluster": cluster, "floor": floor, "is_elsewhere": is_elsewhere, "most": most}
            cursor.execute(_SEAL, _next_link() | where)
            row = cursor.fetchone()
            sealed += row[0] if row else 0
    return sealed


def seal_all() -> int:
    """Seals all rows that may be sealed; returns how many."""
    total = 0
    while sealed := seal_next():
        total += sealed
    return total


def head() -> tuple[int, bytes]:
    """Number and hash of the last seal, (0, 32 zero bytes) before the first. For the planner's role."""
    last = AuditSeal.objects.order_by("-number").values_list("number", "hash").first()
    return (0, GENESIS) if last is None else (last[0], bytes(last[1]))


def purge(*, actor: Actor, months: int | None = None) -> int:
    """Drops the rows of the oldest seals, as far as all of them are older than `months` (None: the setting).

    A seal and an audit row say so. Returns how many rows went. Raises InvalidValue below six months, NotPermitted.
    """
    if not actor.is_system:
        raise NotPermitted
    months = settings.AUDIT_MONTHS if months is None else months
    if months < LEAST_MONTHS:
        raise InvalidValue(_("Audit rows are kept for six months at least."), pointer="/months")
    with wall(DatabaseRole.PLANNER), connection.cursor() as cursor:
        lock_chain()
        link = _next_link()
        through = _oldest_through(months)
        if through <= link["purged_to"]:
            return 0
        cursor.execute("SELECT audit_rows_drop(%s)", [through])
        dropped: int = cursor.fetchone()[0]
        before, link["purged_to"] = link["purged_to"], through
        cursor.execute(_SEAL_OF_A_PURGE, link)
        told = {"rows": dropped, "seals": audit.Change(before, through), "months": months}
        audit.record(actor=actor, verb="audit.purge", obj=AuditSeal(pk=link["id"]), firm_id=None, changes=told)
    return dropped


def register() -> None:
    """Once for each process."""
    jobs.register(SEAL, _seal_job)
    jobs.register(PURGE, _purge_job)
    schedule.register(schedule.Schedule(SEAL, _("Seal the audit rows"), schedule.EveryMinutes(1)))
    schedule.register(schedule.Schedule(PURGE, _("Drop audit rows whose time is up"), schedule.MonthlyAt(hour=3)))


def _seal_job(lease: Lease) -> None:
    seal_all()
    with lease.committing():
        pass


def _purge_job(lease: Lease) -> None:
    purge(actor=system_actor())
    with lease.committing():
        pass


def _next_link() -> dict[str, Any]:
    last = AuditSeal.objects.order_by("-number").values("number", "hash", "purged_to").first()
    number, previous, purged_to = (0, GENESIS, 0) if last is None else (last["number"], last["hash"], last["purged_to"])
    return {"id": new_id(), "number": number + 1, "previous": bytes(previous), "purged_to": purged_to}


def _oldest_through(months: int) -> int:
    """The last number of the oldest seals without a younger row, and no more than the database lets go."""
    before = database_now() - timedelta(days=months * DAYS_OF_A_MONTH)
    younger = AuditSeal.objects.filter(last_at__gte=before).order_by("number").values_list("number", flat=True).first()
    if younger is not None:
        return younger - 1
    return head()[0]
