"""PostgreSQL as Django knows it, with connections from the pool that were just seen to work.

A restart of the server leaves a pool full of dead connections. The pool's own check sleeps one, two, four seconds
between them, so that a lone caller fails long after the server is back. Here a dead one is handed back and the next one
taken at once.

Instants are read by the interpreter's own parser: Django's loader takes many times as long, and a plan has thousands.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool

IN_UTC = "+00"


class InstantLoader(TimestamptzLoader):
    """Reads a timestamptz that the server writes in UTC, as it does for all of our connections.

    `timezone`: as Django names the zone of the session, in which it wants the instants.
    """

    timezone: tzinfo | None = None

    def load(self, data: Buffer) -> datetime:
        """What Django's loader returns, which is asked for whatever is written otherwise. Raises psycopg.DataError."""
        text = str(data, "ascii")
        if text.endswith(IN_UTC):
            try:
                return datetime.fromisoformat(text.removesuffix(IN_UTC)).replace(tzinfo=self.timezone)
            except ValueError:  # after the year 9999
                pass
        return super().load(data).replace(tzinfo=self.timezone)


@cache
def adapters_of(zone: tzinfo | None) -> AdaptersMap:
    """Django's adapters, with our loader for instants in `zone`."""
    adapters = AdaptersMap(get_adapters_template(settings.USE_TZ, zone))
    adapters.register_loader("timestamptz", type("ZonedLoader", (InstantLoader,), {"timezone": zone}))
    return adapters


class DatabaseWrapper(base.DatabaseWrapper):
    """Needs `OPTIONS["pool"]`; leave CONN_HEALTH_CHECKS off, which would add the pool's own check."""

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our loader."""
        return super().get_connection_params() | {"context": adapters_of(self.timezone)}

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
