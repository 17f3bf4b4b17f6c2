"""Instants are read as Django reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg.postgres import types
from psycopg.pq import Format

from mes.core.postgres.base import InstantLoader

pytestmark = pytest.mark.django_db
INSTANT = types["timestamptz"].oid

WRITTEN = (
    b"2026-07-05 16:00:00+00",
    b"2026-07-05 16:00:00.5+00",
    b"2026-07-05 16:00:00.123456+00",
    b"0001-01-01 00:00:00+00",
    b"9999-12-31 23:59:59.999999+00",
    b"2026-07-06 00:00:00+08",
    b"2026-07-05 21:30:00.25+05:30",
)
NOT_READ = (b"infinity", b"-infinity", b"10000-01-01 00:00:00+00", b"0044-03-15 00:00:00+00 BC")


def loaders() -> tuple[InstantLoader, BaseTzLoader]:
    with connection.cursor() as cursor:
        made = type("Ours", (InstantLoader,), {"timezone": connection.timezone})(INSTANT, cursor.connection)
        theirs = type("Theirs", (BaseTzLoader,), {"timezone": connection.timezone})(INSTANT, cursor.connection)
    return made, theirs


@pytest.mark.parametrize("written", WRITTEN)
def test_what_the_server_writes_is_read_as_django_reads_it(written: bytes) -> None:
    ours, theirs = loaders()
    found, wanted = ours.load(memoryview(written)), theirs.load(memoryview(written))
    assert (found, found.tzinfo) == (wanted, wanted.tzinfo)


@pytest.mark.parametrize("written", NOT_READ)
def test_what_python_has_no_instant_for_is_refused_as_by_django(written: bytes) -> None:
    for loader in loaders():
        with pytest.raises(psycopg.DataError):
            loader.load(memoryview(written))


def test_connections_read_with_it() -> None:
    with connection.cursor() as cursor:
        assert issubclass(cursor.connection.adapters.get_loader(INSTANT, Format.TEXT), InstantLoader)
        cursor.execute("SELECT timestamptz '2026-07-06 00:00:00.25+08', tstzrange('2026-07-05 16:00+00', NULL)")
        given, period = cursor.fetchone()
    midnight = datetime(2026, 7, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert (given, given.tzinfo) == (midnight.replace(microsecond=250_000), UTC)
    assert (period.lower, period.upper) == (midnight, None)
