"""The routines that beat rings every few seconds, and what is known of their last turn.

They need no lease: each may run twice at once without harm. Their names are the tasks' names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mes.core.actors import DatabaseRole
from mes.core.clock import stopwatch_s
from mes.core.ids import new_id
from mes.core.jobs import first_line
from mes.core.wall import wall

TITLES: Mapping[str, str | Promise] = {
    "core.sweep": _("Ring for jobs that wait, give up on lost ones"),
    "core.tick": _("Add the scheduled jobs that are due"),
    "core.tell": _("Tell what has happened"),
    "hooks.deliver": _("Send webhooks"),
}

_NOTE = """
INSERT INTO core_routine (id, created_at, name, finished_at, duration_ms, error)
VALUES (%s, clock_timestamp(), %s, clock_timestamp(), %s, %s)
ON CONFLICT (name) DO UPDATE
   SET finished_at = excluded.finished_at, duration_ms = excluded.duration_ms, error = excluded.error
"""


@contextmanager
def recorded(name: str) -> Iterator[None]:
    """Notes how long the block took and how it ended. An error goes on to the caller."""
    began_s = stopwatch_s()
    try:
        yield
    except Exception as error:
        _note(name, began_s, first_line(error))
        raise
    _note(name, began_s, "")


def _note(name: str, began_s: float, error: str) -> None:
    duration_ms = round(1000 * (stopwatch_s() - began_s))
    with wall(DatabaseRole.PLANNER), connection.cursor() as cursor:
        cursor.execute(_NOTE, [new_id(), name, duration_ms, error])
