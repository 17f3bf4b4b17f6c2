"""Tests of scheduled work: the worker's login, which may take the planner's role as the web's may not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import pytest
from django.db import connection

from tests.database import close_connections


@contextmanager
def as_worker() -> Iterator[None]:
    """A block that connects as mes_worker, between two that do not. For tests that commit."""
    parts = urlsplit(os.environ["DATABASE_WORKER_URL"])
    close_connections()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "USER", unquote(parts.username or ""))
        patch.setitem(connection.settings_dict, "PASSWORD", unquote(parts.password or ""))
        yield
        close_connections()


@pytest.fixture
def worker_login(django_db_setup: None) -> Iterator[None]:
    """Connect this test as mes_worker. Ask for it before any other fixture that touches the database."""
    with as_worker():
        yield


@pytest.fixture
def worker_db(worker_login: None, db: None) -> None:
    """The database as mes_worker, rolled back after the test; takes the place of the mark `django_db`."""
