"""The outbox: events are rows in the transaction of their cause, and are told afterwards, at least once.

Apps register handlers by topic when they start; a handler opens its own wall and may be called twice.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow
from mes.core.models import OutboxEvent
from mes.core.wall import wall

logger = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], None]
_handlers: dict[str, list[Handler]] = defaultdict(list)
MOST_ATTEMPTS = 10
_BATCH = 100


def subscribe(topic: str, handler: Handler) -> None:
    """Registers `handler` for `topic`; it gets the event's payload."""
    if handler not in _handlers[topic]:
        _handlers[topic].append(handler)


def tell(*, topic: str, payload: Mapping[str, Any], firm_id: UUID | None = None) -> None:
    """Adds an event to the present transaction."""
    OutboxEvent.objects.create(at=DatabaseNow(), topic=topic, firm_id=firm_id, payload=dict(payload))


def deliver() -> int:
    """Tells the events that wait, oldest first, and returns how many were told. Safe to run twice at once.

    An event whose handler fails keeps its error and is tried again at the next call, ten times in all.
    """
    told = 0
    with wall(DatabaseRole.PLANNER):
        waiting = list(
            OutboxEvent.objects.filter(told_at=None, attempts__lt=MOST_ATTEMPTS).order_by("at", "id")[:_BATCH]
        )
    for event in waiting:
        error = _handle(event)
        with wall(DatabaseRole.PLANNER):
            rows = OutboxEvent.objects.filter(pk=event.pk, told_at=None)
            if error:
                rows.update(attempts=event.attempts + 1, error=error)
            else:
                told += rows.update(told_at=DatabaseNow(), error="")
    return told


def _handle(event: OutboxEvent) -> str:
    try:
        for handler in _handlers[event.topic]:
            handler(event.payload)
    except Exception as error:
        logger.exception("Event %s was not told", event.pk)
        return f"{type(error).__name__}: {error}"
    return ""
