"""Reads the change feed (`mes.core.feed` writes it), and drops what nobody reads any more.

**Nothing is skipped.** A transaction that began early may commit late. So a reader gets only rows of transactions
below the oldest one that is running (`pg_snapshot_xmin`), in the order of their numbers: all of those have ended, and
whatever commits later has a higher number than any cursor that was handed out.

**Instants** (`updated_since`) cannot promise that by themselves: a late commit carries an earlier `at`. So lists
hand out the instant to ask from next. Where no other transaction holds a number at the moment, it is the beginning
of the request: whoever writes later, does so after it. Else it is the beginning of the firm's last transaction y that
is below the oldest running one x: y began before it got its number, x got a higher one after that, and writes
later still. This rests on the server's clock not going back; the feed's order does not.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mes.core import jobs, schedule
from mes.core.errors import DomainError
from mes.core.jobs import Lease
from mes.core.models import Change
from mes.core.sealed import seal, unseal

CURSOR_LIFE = timedelta(days=30)
TOMBSTONE_LIFE = CURSOR_LIFE + timedelta(days=1)
"""A day longer than a cursor: a tombstone's time is that of its writing, which may be some time before its commit."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_NIL = UUID(int=0)
_PURPOSE = "changes"
PURGE = "changes.purge"
Row = TypeVar("Row", bound=Model)


class CursorExpired(DomainError):
    """The cursor is older than what is kept of deleted objects, or of another database."""

    code = "cursor_expired"
    status = HTTPStatus.GONE
    text = _("The cursor is too old. Read everything again, with start=beginning.")


@dataclass(frozen=True, slots=True)
class Horizon:
    """What has certainly ended: transactions below `below`. `place`: this server and database."""

    below: int
    now: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Position:
    """After this row of the feed. Deleted objects of transactions below `quiet_below` were never told to the reader."""

    xid: int
    kind: str = ""
    object_id: UUID = _NIL
    quiet_below: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """An object that became otherwise, or is gone."""

    kind: str
    object_id: UUID
    at: datetime
    deleted: bool
    xid: int


def horizon() -> Horizon:
    """The present one."""
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        below, now, place = cursor.fetchone()
    return Horizon(int(below), now, place)


def beginning(seen: Horizon) -> Position:
    """Before everything that exists; what was deleted earlier is passed over."""
    return Position(xid=0, quiet_below=seen.below)


def end(seen: Horizon) -> Position:
    """After everything until now."""
    return Position(xid=seen.below)


def page(
    *, firm_id: UUID, kinds: Collection[str], after: Position, seen: Horizon, limit: int
) -> tuple[list[Told], Position]:
    """At most `limit` objects of the firm and of everybody, each once as it is last, and the position after them."""
    values: dict[str, Any] = {
        "firm": firm_id,
        "kinds": list(kinds),
        "xid": str(after.xid),
        "kind": after.kind,
        "object": after.object_id,
        "quiet": str(after.quiet_below),
        "below": str(seen.below),
        "limit": limit,
    }
    owners = ("c.firm_id = %(firm)s", "c.firm_id IS NULL")
    halves = " UNION ALL ".join(_HALF.format(owner=owner) for owner in owners)
    with connection.cursor() as cursor:
        cursor.execute(f"{halves} ORDER BY xid, kind, object_id LIMIT %(limit)s", values)
        rows = [Told(kind, key, at, deleted, int(xid)) for kind, key, at, deleted, xid in cursor.fetchall()]
    if len(rows) < limit:
        return rows, end(seen)
    last = rows[-1]
    return rows, Position(last.xid, last.kind, last.object_id, after.quiet_below)


def cursor_of(position: Position, seen: Horizon) -> str:
    """The position as a text that only `position_of` reads, dated now."""
    facts = [seen.place, position.xid, position.kind, position.object_id.hex, position.quiet_below]
    return seal(json.dumps([*facts, int(seen.now.timestamp())]).encode(), purpose=_PURPOSE)


def position_of(text: str, seen: Horizon) -> Position:
    """The position that a cursor names. Raises ValueError for any other text, CursorExpired."""
    place, xid, kind, object_id, quiet_below, issued_s = json.loads(unseal(text, purpose=_PURPOSE))
    if place != seen.place or issued_s < (seen.now - CURSOR_LIFE).timestamp():
        raise CursorExpired
    return Position(xid, kind, UUID(object_id), quiet_below)


def changed_since(rows: QuerySet[Row], *, kind: str, firm_id: UUID | None, since: datetime | None) -> QuerySet[Row]:
    """Those of `rows`, of this kind, that became otherwise for the firm at or after `since`; None: all."""
    if since is None:
        return rows
    mine = Q(firm_id=firm_id) | Q(firm_id=None)
    return rows.filter(Exists(Change.objects.filter(mine, kind=kind, object_id=OuterRef("pk"), at__gte=since)))


def safe_instant(*, firm_id: UUID, asked: datetime | None) -> datetime:
    """From when to ask next, if the rows are read after this call. `asked`: from when the reader asks now."""
    with connection.cursor() as cursor:
        cursor.execute(_SAFE, [firm_id])
        quiet_at, begun_at = cursor.fetchone()
    found: list[datetime] = [moment for moment in (quiet_at, begun_at, asked) if moment is not None]
    return max(found, default=BEGINNING)


def purge() -> int:
    """Drops rows that a later one of their object replaces, and old tombstones; returns how many. Planner's role."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
        folded = cursor.rowcount
        cursor.execute(_FORGET, [TOMBSTONE_LIFE.days])
        return int(folded + cursor.rowcount)


def register() -> None:
    """Once for each process."""
    jobs.register(PURGE, _purge_job)
    schedule.register(schedule.Schedule(PURGE, _("Drop what the change feed no longer needs"), schedule.DailyAt(4)))


def _purge_job(lease: Lease) -> None:
    with lease.committing():
        purge()


_HORIZON = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, clock_timestamp(), s.system_identifier || '/' || d.oid
  FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database()
"""

# The later row of two is that with the higher id: who writes an object, holds its lock.
_HALF = """
(SELECT c.kind, c.object_id, c.at, c.deleted, c.xid FROM core_change AS c
  WHERE {owner} AND c.kind = ANY(%(kinds)s::text[])
    AND (c.xid, c.kind, c.object_id) > (%(xid)s::xid8, %(kind)s::text, %(object)s::uuid) AND c.xid < %(below)s::xid8
    AND NOT (c.deleted AND c.xid < %(quiet)s::xid8)
    AND NOT EXISTS (
        SELECT FROM core_change AS n WHERE n.object_id = c.object_id AND n.kind = c.kind
           AND n.firm_id IS NOT DISTINCT FROM c.firm_id AND n.id > c.id AND n.xid < %(below)s::xid8)
  ORDER BY c.xid, c.kind, c.object_id LIMIT %(limit)s)
"""
_FOLD = """
DELETE FROM core_change AS c WHERE EXISTS (
    SELECT FROM core_change AS n WHERE n.object_id = c.object_id AND n.kind = c.kind
       AND n.firm_id IS NOT DISTINCT FROM c.firm_id AND n.id > c.id)
"""
_FORGET = "DELETE FROM core_change WHERE deleted AND at < clock_timestamp() - make_interval(days => %s)"

# A transaction holds the lock of its own number from the moment that it has one until it has ended for all to see.
_SAFE = """
SELECT CASE WHEN NOT EXISTS (
           SELECT FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted
              AND pid IS DISTINCT FROM pg_backend_pid()) THEN now() END,
       (SELECT begun_at FROM core_change
         WHERE firm_id = %s AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid DESC LIMIT 1)
"""
