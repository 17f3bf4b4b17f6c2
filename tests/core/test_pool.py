"""Connections after the database server was away: dead ones are never handed out, and a lost server is found again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import OperationalError, connection

from tests.core.gate import Gate
from tests.core.work import at_once
from tests.database import close_connections

THREADS = 6
pytestmark = pytest.mark.django_db(transaction=True)


def backend(_number: int = 0) -> int:
    """The server's process for this thread's connection, held until all threads have one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() FROM pg_sleep(0.2)")
        return int(cursor.fetchone()[0])


def end_all(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    owner.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE usename = 'mes_web' AND datname = current_database()"  # not those of tests that run beside
    )


def test_a_pool_full_of_dead_connections_serves_the_next_caller(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    before = set(at_once(THREADS, backend))
    assert len(before) > 2  # the pool's own check would have slept past its patience of 3 s by the third
    connection.close()
    end_all(owner)
    assert backend() not in before


@pytest.fixture
def gate() -> Iterator[Gate]:
    """The only way to the database; open."""
    settings = connection.settings_dict
    gate = Gate(os.environ["DATABASE_URL"])
    with pytest.MonkeyPatch.context() as patch:
        close_connections()
        patch.setitem(settings, "PORT", urlsplit(gate.url).port)
        patch.setitem(
            settings, "OPTIONS", {**settings["OPTIONS"], "pool": {**settings["OPTIONS"]["pool"], "timeout": 1}}
        )
        gate.open()
        yield gate
        close_connections()
        gate.shut()


def test_a_server_that_was_away_for_long_is_found_as_soon_as_it_is_back(gate: Gate) -> None:
    backend()
    connection.close()
    gate.shut()
    for _try in range(4):  # by itself the pool would now wait four seconds before it asks again
        with pytest.raises(OperationalError):
            backend()
    gate.open()
    assert backend()
