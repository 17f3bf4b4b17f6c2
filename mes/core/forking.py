"""Keeps a forked process from speaking through its parent's database connections.

A pool that was opened before a fork is one set of sockets in two processes: one firm's rows could land in another's
answer. So a child forgets what it inherited. It closes nothing, because closing would say good-bye to the server on
the parent's behalf.
"""

from __future__ import annotations

import os
from typing import Any

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

# What a child forgot is kept here: were it collected, its sockets would be closed with a message to the server.
_inherited: list[Any] = []


def forget_connections_after_fork() -> None:
    """Registers the hook; once per process."""
    os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    # Django has no public way to its pools.
    pools: dict[str, Any] = DatabaseWrapper._connection_pools  # type: ignore[attr-defined]  # noqa: SLF001
    _inherited.extend(pools.values())
    pools.clear()
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            _inherited.append(connection.connection)
            connection.connection = None
            connection.in_atomic_block = False
            connection.savepoint_ids = []
            connection.run_on_commit = []
            connection.needs_rollback = False
