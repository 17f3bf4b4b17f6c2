"""PostgreSQL as Django knows it, with connections from the pool that were just seen to work.

A restart of the server leaves a pool full of dead connections. The pool's own check sleeps one, two, four seconds
between them, so that a lone caller fails long after the server is back. Here a dead one is handed back and the next one
taken at once.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Needs `OPTIONS["pool"]`; leave CONN_HEALTH_CHECKS off, which would add the pool's own check."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A working connection. Raises psycopg.OperationalError when none is to be had in the pool's `timeout`."""
        if not self.pool:  # to the server itself, not to a database
            return super().get_new_connection(conn_params)
        for _turn in range(self.pool.max_size + 1):
            connection = super().get_new_connection(conn_params)
            try:
                ConnectionPool.check_connection(connection)
            except psycopg.Error:
                self.pool.putconn(connection)  # it throws it away and makes another one
            else:
                return connection
        raise psycopg.OperationalError("The pool has dead connections only.")
