"""The sample park's clock goes while the park is served, and only its owner moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from mes.demo import clock
from tests.database import TestDatabase

pytestmark = pytest.mark.django_db(transaction=True)

ZERO = datetime(2026, 7, 5, 16, tzinfo=UTC)
Sql = psycopg.Connection[tuple[object, ...]]


def installed(owner: Sql, kind: str = "demo", **ago: timedelta) -> None:
    """A clock row; `started` so long ago when it is given."""
    owner.execute(
        "INSERT INTO core_installation (id, kind, business_at, started_at)"
        " VALUES (1, %s, %s, clock_timestamp() - %s::interval)",
        [kind, None if kind == "production" else ZERO, ago.get("started")],
    )


def since_zero(owner: Sql) -> timedelta:
    row = owner.execute("SELECT business_now() - %s", [ZERO]).fetchone()
    assert row is not None
    assert isinstance(row[0], timedelta)
    return row[0]


def stands(owner: Sql) -> bool:
    return since_zero(owner) == since_zero(owner)


@pytest.fixture
def url(test_database: TestDatabase) -> str:
    return test_database.url("DATABASE_OWNER_URL")


def test_it_goes_from_where_it_stood_and_stands_where_it_was_stopped(owner: Sql, url: str) -> None:
    installed(owner)
    assert since_zero(owner) == timedelta(0)
    clock.run(url)
    first = since_zero(owner)
    assert timedelta(0) < first < since_zero(owner)
    clock.stand(url)
    assert stands(owner)
    stood = since_zero(owner)
    assert stood > first
    clock.run(url)
    assert since_zero(owner) > stood


def test_one_that_nobody_stopped_has_stood_since_the_last_sign_of_life(owner: Sql, url: str) -> None:
    installed(owner, started=timedelta(hours=5))
    owner.execute(
        "INSERT INTO core_routine (id, name, finished_at, duration_ms, error)"
        " VALUES (gen_random_uuid(), 'core.tell', clock_timestamp() - interval '3 hours', 1, '')"
    )
    assert since_zero(owner) > timedelta(hours=5)
    clock.run(url)
    assert timedelta(hours=2) <= since_zero(owner) < timedelta(hours=2, minutes=5)


def test_without_a_sign_of_life_nothing_has_happened(owner: Sql, url: str) -> None:
    installed(owner, started=timedelta(hours=5))
    clock.run(url)
    assert since_zero(owner) < timedelta(minutes=5)


@pytest.mark.parametrize("kind", ["production", "test"])
def test_another_databases_clock_is_left_alone(owner: Sql, url: str, kind: str) -> None:
    installed(owner, kind)
    query = "SELECT business_at, started_at FROM core_installation"
    before = owner.execute(query).fetchone()
    clock.run(url)
    clock.stand(url)
    assert owner.execute(query).fetchone() == before
