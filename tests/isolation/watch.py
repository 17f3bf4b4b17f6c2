"""What a call must leave alone, and what it must not tell: digests of all tables, and strings that are another's."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, models, transaction
from django.http import HttpResponseBase

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.core.walls import tenancy_of, walled_models
from tests.database import as_owner

# Tables that a refused or reading call may write to: how often and when somebody came, and nothing of what he saw.
TELEMETRY: dict[str, str] = {"django_session": "signing in and out"}
# The same of single columns, where the rest of the row must stay.
TELEMETRY_COLUMNS = {"firms_apikey": ("last_used_at", "last_used_from")}
# Headers that differ between two calls that are answered alike. Next-Updated-Since follows the server's oldest running
# transaction, which is anybody's.
OF_EACH_CALL = {
    "date", "x-request-id", "set-cookie", "ratelimit-remaining", "ratelimit-reset", "retry-after", "expires",
    "next-updated-since",
}  # fmt: skip
LEAST_CANARY = 4
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")

_WRITTEN = """
    SELECT relname, written FROM pg_class, LATERAL (SELECT pg_stat_get_xact_tuples_inserted(oid)
        + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid) AS written) AS counted
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s) AND written > 0
"""

_WORD = re.compile(r"[a-z_.]+|[0-9]+")


def state() -> dict[str, object]:
    """What the present transaction has written so far by table, undone writes too: differs as soon as a row is added,
    changed or deleted. A digest where some columns are telemetry. `digests` sees what others have committed besides.
    """
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(_WRITTEN, [[*_tables() - TELEMETRY_COLUMNS.keys()]])
        written: dict[str, object] = dict(cursor.fetchall())
        cursor.execute(" UNION ALL ".join(map(_digest_of, TELEMETRY_COLUMNS)))
        return written | dict(cursor.fetchall())


def digests() -> dict[str, str]:
    """A digest of each table's row versions, which takes some ten times as long."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(_digest_of, sorted(_tables()))))
        return dict(cursor.fetchall())


@cache
def _tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in walled_models()) - TELEMETRY.keys()


def _digest_of(table: str) -> str:
    return f"SELECT '{table}', {_digest(table)} FROM {table}"


def rows_of(firm_ids: list[UUID]) -> dict[str, str]:
    """A digest of the versions of some firms' rows, by table."""
    each = []
    for model in walled_models():
        columns = tenancy_of(model).firm_columns
        if columns:
            owned = " OR ".join(f"{column} = ANY(%(firms)s)" for column in columns)
            table = model._meta.db_table
            each.append(f"SELECT '{table}', {_digest(table)} FROM {table} WHERE {owned}")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each), {"firms": firm_ids})
        return dict(cursor.fetchall())


def _digest(table: str) -> str:
    """Of the rows' versions; of their values where some columns are telemetry."""
    if table not in TELEMETRY_COLUMNS:
        return "md5(coalesce(string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid), ''))"
    left_out = "".join(f" - '{column}'" for column in TELEMETRY_COLUMNS[table])
    return f"md5(coalesce(string_agg((to_jsonb({table}){left_out})::text, ' ' ORDER BY id), ''))"


def values_seen() -> set[str]:
    """All keys and texts that the present role reads, of all tables."""
    found: set[str] = set()
    for model in walled_models():
        columns = [field.column for field in model._meta.concrete_fields if may_tell(field)]
        for column in columns:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(f'SELECT DISTINCT "{column}" FROM "{model._meta.db_table}"')
                    found |= {str(value) for (value,) in cursor.fetchall() if value is not None}
            except DatabaseError:
                continue
    return found


def canaries_of(firm_id: UUID | None) -> frozenset[str]:
    """Keys and texts in the database that a firm (None: nobody) has no business to read."""
    with as_owner():
        everything = values_seen()
    if firm_id is None:
        return frozenset(filter(is_telling, everything))
    with wall(DatabaseRole.FIRM, firm_id):
        own = values_seen()
    return frozenset(filter(is_telling, everything - own))


def told(text: str, canaries: Set[str], *, sent: tuple[str, ...] = ()) -> set[str]:
    """Which canaries stand in a text, besides what the caller has sent itself."""
    keys, texts = _keys_and_texts(frozenset(canaries))
    found = {keys[key] for named in _UUID.findall(text) if (key := named.replace("-", "")) in keys}
    found |= {canary for canary in texts if canary in text}
    return {canary for canary in found if not any(canary in value for value in sent)}


@lru_cache(maxsize=64)
def _keys_and_texts(canaries: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    """Keys by their digits, and what else there is: a few sets are looked for in thousands of texts."""
    keys = {canary.replace("-", ""): canary for canary in canaries if is_key(canary)}
    return keys, [canary for canary in canaries if not is_key(canary)]


def shown(answer: HttpResponseBase, *, sent: str = "") -> tuple[int, dict[str, str], str]:
    """Status, headers and body without the request's id and what the caller sent: two such are compared."""
    content = getattr(answer, "content", b"").decode(errors="replace")
    content = content.replace(answer.get("X-Request-Id") or "no id", "")
    headers = {name: value for name, value in answer.items() if name.lower() not in OF_EACH_CALL}
    if sent and sent in content:
        headers.pop("Content-Length", None)
        content = content.replace(sent, "…")
    return answer.status_code, headers, content


def everything_of(answer: HttpResponseBase) -> str:
    """All that an answer tells, its headers too, and what is packed in it."""
    headers = " ".join(f"{name}: {value}" for name, value in answer.items())
    content = getattr(answer, "content", b"")
    if content.startswith(b"PK\x03\x04"):
        packed = zipfile.ZipFile(io.BytesIO(content))
        content = b"\n".join(packed.read(name) for name in packed.namelist())
    return f"{headers}\n{content.decode(errors='replace')}"


@contextmanager
def logged() -> Iterator[list[str]]:
    """What any logger of this process says within the block."""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.getMessage()} {record.exc_text or ''}")

    listener, root = Listener(level=logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(listener)
        root.setLevel(level)


def may_tell(field: models.Field[Any, Any]) -> bool:
    kinds = (models.UUIDField, models.CharField, models.TextField, models.ForeignKey)
    return isinstance(field, kinds) and not field.choices


def is_telling(value: str) -> bool:
    """Neither too short to be recognised, nor a word of a vocabulary, which stands for itself everywhere."""
    return len(value) >= LEAST_CANARY and not _WORD.fullmatch(value)


def is_key(value: str) -> bool:
    return _UUID.fullmatch(value) is not None
