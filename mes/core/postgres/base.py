"""PostgreSQL as Django knows it, with connections from the pool that were just seen to work.

A restart of the server leaves a pool full of dead connections. The pool's own check sleeps one, two, four seconds
between them, so that a lone caller fails long after the server is back. Here a dead one is handed back and the next one
taken at once; the server is asked only where its end of the line has said something.

Instants are read by the interpreter's own parser: Django's loader takes many times as long, and a plan has thousands.
"""

from __future__ import annotations

import select
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base, operations
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader
from psycopg_pool import ConnectionPool

IN_UTC = "+00"


class PreparingCursor(base.CursorMixin, psycopg.Cursor[Any]):
    """Has the server keep the plan of each statement that it executes, for as long as the connection lives."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """As the driver's, prepared."""
        return super().execute(query, params, prepare=True, **options)


class DatabaseOperations(operations.DatabaseOperations):
    """Tells what a PreparingCursor has executed, too, which keeps no text with values in it."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> Any:
        """As who looks at statements wants to read it."""
        if isinstance(cursor, PreparingCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


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


def _has_word_from_server(connection: psycopg.Connection[Any]) -> bool:
    """Whether something came that nobody asked for: of a server that is gone, at the least the end of the stream."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    """Needs `OPTIONS["pool"]`; leave CONN_HEALTH_CHECKS off, which would add the pool's own check."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our loader."""
        adapters = {"context": adapters_of(self.timezone)}
        # Only a PreparingCursor prepares: the others write values into the text, of which no two are alike.
        return super().get_connection_params() | adapters | {"prepare_threshold": 0}

    def preparing_cursor(self) -> Any:
        """A cursor for statements that come again and again."""
        self.ensure_connection()
        return self._prepare_cursor(PreparingCursor(self.connection))  # type: ignore[attr-defined]  # Django's own

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A working connection. Raises psycopg.OperationalError when none is to be had in the pool's `timeout`."""
        if not self.pool:  # to the server itself, not to a database
            return super().get_new_connection(conn_params)
        for _turn in range(self.pool.max_size + 1):
            connection = super().get_new_connection(conn_params)
            try:
                if _has_word_from_server(connection):
                    ConnectionPool.check_connection(connection)
            except psycopg.Error:
                self.pool.putconn(connection)  # it throws it away and makes another one
            else:
                return connection
        raise psycopg.OperationalError("The pool has dead connections only.")
