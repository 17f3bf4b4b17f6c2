"""The two clocks.

`business_now` rules due dates, rounds and a plan's zero; only a database that was created as demo or test may
shift it. `database_now` rules leases, sessions, keys and the outbox, and is never shifted. Both are read from the
database, so that all processes agree. Doors read a clock once and pass `now` down; what races a deadline reads it
again after the lock.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """SQL expression: the database's clock at the moment of the statement (not of the transaction)."""

    template = "clock_timestamp()"
    output_field = DateTimeField()


class BusinessNow(Func):
    """SQL expression: the park's time at the moment of the statement, for deadlines that are checked after a lock."""

    template = "business_now()"
    output_field = DateTimeField()


def business_now() -> datetime:
    """The park's time, aware, as the clock row of this database defines it."""
    return _read("SELECT business_now()")


def database_now() -> datetime:
    """The database's own time, aware."""
    return _read("SELECT clock_timestamp()")


def _read(sql: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    now: datetime = row[0]
    return now


def stopwatch_s() -> float:
    """Seconds of a steady clock without a meaning of its own: for measuring how long something took."""
    return time.perf_counter()
