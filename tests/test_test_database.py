"""The test database itself: whom the suite is, what it may become, and that nothing outlives a test."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.models import Firm
from tests.database import TestDatabase, as_owner, close_connections, url_of
from tests.desk.lively_park import lively_park

Owner = psycopg.Connection[tuple[object, ...]]

MANY = 50


def contents(database: TestDatabase) -> dict[str, object]:
    """All rows of each table, and where each sequence stands."""
    with psycopg.connect(database.url("DATABASE_OWNER_URL")) as owner:
        tables = owner.execute("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^(pg_|inf)'")
        rows = {table: sorted(map(repr, owner.execute(f"SELECT * FROM {table}"))) for (table,) in tables.fetchall()}
        return rows | {"sequences": sorted(map(repr, owner.execute("SELECT * FROM pg_sequences")))}


def _roles() -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user, current_setting('role')")
        return tuple(cursor.fetchone())


@pytest.mark.django_db
def test_the_suite_is_the_webs_login_and_has_no_right_of_the_owner() -> None:
    assert _roles() == ("mes_web", "mes_web", "none")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("CREATE TABLE mine ()")


@pytest.mark.django_db
def test_rows_are_arranged_as_owner_inside_the_tests_transaction_and_the_role_is_put_back() -> None:
    with as_owner(), connection.cursor() as cursor:
        assert _roles() == ("mes_web", "mes_owner", "mes_owner")
        cursor.execute("CREATE TABLE arranged AS SELECT 1 AS answer")
        cursor.execute("GRANT SELECT ON arranged TO mes_web")
    assert _roles() == ("mes_web", "mes_web", "none")
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM arranged")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_an_error_while_arranging_puts_the_role_back() -> None:
    with pytest.raises(ZeroDivisionError), as_owner():
        raise ZeroDivisionError
    assert _roles() == ("mes_web", "mes_web", "none")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_committed_is_gone_in_the_next(turn: str, owner: Owner) -> None:
    owner.execute("CREATE TABLE committed AS SELECT %s AS turn", [turn])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT turn FROM committed")
        assert cursor.fetchone() == (turn,)


@pytest.mark.django_db(transaction=True)
def test_a_clone_that_was_written_to_is_as_a_fresh_one_again(test_database: TestDatabase) -> None:
    """Rows that cannot be deleted are in the lively park, and rows of migrations were changed."""
    test_database.filled(lively_park)
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL"), autocommit=True) as owner:
        owner.execute("DELETE FROM auth_permission")
        owner.execute("SELECT nextval('django_migrations_id_seq')")
    fresh = TestDatabase()
    fresh.create()
    written, wanted = contents(test_database), contents(fresh)
    close_connections()
    test_database.renew()
    fresh.drop()
    assert sum(rows != wanted[table] for table, rows in written.items()) > MANY
    assert contents(test_database) == wanted


@pytest.mark.django_db(transaction=True)
def test_what_was_filled_once_is_filled_with_the_same_again(test_database: TestDatabase) -> None:
    first, written = test_database.filled(lively_park), contents(test_database)
    first.firms.clear()
    close_connections()
    test_database.renew()
    again = test_database.filled(lively_park)
    with wall(DatabaseRole.STAFF):
        assert again.firms["A"] == Firm.objects.get(code="A")
    assert contents(test_database) == written


def test_processes_get_addresses_of_the_test_database(test_database: TestDatabase, worker_url: str) -> None:
    with psycopg.connect(worker_url) as worker:
        found = worker.execute("SELECT session_user, current_database()").fetchone()
    assert found == ("mes_worker", test_database.name)


def test_clones_of_dead_sessions_are_dropped_and_those_of_living_ones_are_not(test_database: TestDatabase) -> None:
    dead, living = TestDatabase(), TestDatabase()
    dead.create()
    dead.leave()
    living.create()
    with psycopg.connect(url_of("DATABASE_OWNER_URL", "postgres")) as server:
        names = {name for (name,) in server.execute("SELECT datname FROM pg_database").fetchall()}
    living.drop()
    assert dead.name not in names
    assert {test_database.name, living.name} <= names
