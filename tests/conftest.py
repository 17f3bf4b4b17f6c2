"""Fixtures of all tests. The suite connects as mes_web, to a clone of a template that was migrated as owner.

``make test`` starts the servers; elsewhere DATABASE_URL (login mes_web), DATABASE_WORKER_URL and DATABASE_OWNER_URL
must lead to a server that was provisioned for tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

import mes.celery  # noqa: F401 - jobs are rung through this application
from tests.database import TestDatabase, close_connections


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2 with the least work it does: hundreds of tests give somebody a password, and a quarter second each."""
    with pytest.MonkeyPatch.context() as patch:
        for cost, least in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, cost, least)
        yield


@pytest.fixture(scope="session")
def test_database() -> Iterator[TestDatabase]:
    """The session's own database."""
    database = TestDatabase()
    database.create()
    yield database
    database.drop()


@pytest.fixture(scope="session")
def django_db_setup(
    test_database: TestDatabase, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Lead Django to the session's database, and take out afterwards what tests committed.

    Django's own flush would need rights that mes_web lacks, and would take away what migrations wrote.
    """
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():

        def renew(_case: TransactionTestCase) -> None:
            close_connections()
            test_database.renew()

        close_connections()
        patch.setitem(connection.settings_dict, "NAME", test_database.name)
        patch.setattr(TransactionTestCase, "_fixture_teardown", renew)
        yield
        close_connections()


@pytest.fixture
def owner(django_db_setup: None, test_database: TestDatabase) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of its own as the owner, autocommit. It does not see what the test has not committed."""
    with psycopg.connect(test_database.url("DATABASE_OWNER_URL"), autocommit=True) as raw:
        raw.execute("SET lock_timeout = '10s'")
        yield raw


@pytest.fixture
def web_url(django_db_setup: None, test_database: TestDatabase) -> str:
    """Address of the test database for a process of its own with the web's login."""
    return test_database.url("DATABASE_URL")


@pytest.fixture
def worker_url(django_db_setup: None, test_database: TestDatabase) -> str:
    """Address of the test database for a process of its own with the worker's login."""
    return test_database.url("DATABASE_WORKER_URL")


@pytest.fixture
def worker_login(django_db_setup: None, test_database: TestDatabase) -> Iterator[None]:
    """This process works with the worker's login, which may take the planner's role. For tests that commit."""
    parts = urlsplit(test_database.url("DATABASE_WORKER_URL"))
    with pytest.MonkeyPatch.context() as patch:
        close_connections()
        patch.setitem(connection.settings_dict, "USER", parts.username)
        patch.setitem(connection.settings_dict, "PASSWORD", parts.password)
        yield
        close_connections()
