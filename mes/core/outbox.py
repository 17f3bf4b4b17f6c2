"""The outbox: events are rows in the transaction of their cause, and are told afterwards, at least once.

Apps register handlers by topic when they start; a handler opens its own wall and may be called twice.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow, database_now
from mes.core.jobs import first_line
from mes.core.models import OutboxEvent
from mes.core.wall import wall

logger = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], None]
_handlers: dict[str, list[Handler]] = defaultdict(list)
MOST_ATTEMPTS = 10
CLAIM_S = 30
_BATCH = 100

# One event at a time, oldest first; what another deliverer is claiming is passed over.
_CLAIM = """
    UPDATE core_outboxevent
       SET attempts = attempts + 1, not_before = clock_timestamp() + make_interval(secs => %s)
     WHERE id = (
           SELECT id FROM core_outboxevent
            WHERE told_at IS NULL AND attempts < %s AND at <= %s
              AND (not_before IS NULL OR not_before <= clock_timestamp())
            ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
 RETURNING id
"""


def subscribe(topic: str, handler: Handler) -> None:
    """Registers `handler` for `topic`; it gets the event's payload."""
    if handler not in _handlers[topic]:
        _handlers[topic].append(handler)


def tell(*, topic: str, payload: Mapping[str, Any], firm_id: UUID | None = None, of_round: bool = False) -> None:
    """Adds an event to the present transaction. `of_round`: whose event it is, only round officers may see."""
    OutboxEvent.objects.create(at=DatabaseNow(), topic=topic, firm_id=firm_id, payload=dict(payload), of_round=of_round)


def deliver() -> int:
    """Tells the events that wait, oldest first, and returns how many were told.

    Each is claimed for half a minute before its handlers are called, so two deliverers tell it once between them unless
    the handlers take longer or their process dies. An event whose handler fails keeps its error and is tried again
    when its claim has run out, ten times in all.
    """
    told = 0
    with wall(DatabaseRole.PLANNER):
        until = database_now()
    for _turn in range(_BATCH):
        event = _claim(until)
        if event is None:
            break
        error = _handle(event)
        with wall(DatabaseRole.PLANNER):
            rows = OutboxEvent.objects.filter(pk=event.pk, told_at=None)
            if error:
                rows.update(error=error)
            else:
                told += rows.update(told_at=DatabaseNow(), error="")
    return told


def _claim(until: datetime) -> OutboxEvent | None:
    """The oldest event that waits since before `until`, held back from others for CLAIM_S seconds."""
    with wall(DatabaseRole.PLANNER), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CLAIM_S, MOST_ATTEMPTS, until])
        row = cursor.fetchone()
        return None if row is None else OutboxEvent.objects.get(pk=row[0])


def _handle(event: OutboxEvent) -> str:
    try:
        for handler in _handlers.get(event.topic, ()):
            handler(event.payload)
    except Exception as error:
        logger.exception("Event %s was not told", event.pk)
        return first_line(error)
    return ""
