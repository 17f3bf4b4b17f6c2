"""Makes deliveries of what the change feed tells: each endpoint has its own place in it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q

from mes.core import changes
from mes.core.actors import DatabaseRole
from mes.core.changes import Horizon, Position, Told
from mes.core.clock import DatabaseNow
from mes.core.feed import feeds
from mes.core.wall import wall
from mes.hooks.choices import DeliveryState, EndpointStatus
from mes.hooks.models import WebhookDelivery, WebhookEndpoint

PAGE = 500
MOST_WAITING = 5000
"""An endpoint with so many events on their way reads no more of the feed, which keeps them and folds them."""


def collect() -> int:
    """Reads the feed for each endpoint that is not disabled; returns how many deliveries were added."""
    with wall(DatabaseRole.PLANNER):
        waiting = Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING))
        rows = WebhookEndpoint.objects.exclude(status=EndpointStatus.DISABLED).annotate(waiting=waiting)
        keys = list(rows.filter(waiting__lt=MOST_WAITING).values_list("pk", flat=True))
    return sum(_collect_for(key) for key in keys)


def _collect_for(endpoint_id: UUID) -> int:
    """One page for one endpoint, whose row is held meanwhile, so that two collectors do not tell twice."""
    with wall(DatabaseRole.PLANNER):
        locked = WebhookEndpoint.objects.select_for_update(of=("self",), skip_locked=True)
        endpoint = locked.filter(pk=endpoint_id).exclude(status=EndpointStatus.DISABLED).first()
        if endpoint is None:
            return 0
        seen = changes.horizon()
        after = _position(endpoint, seen)
        kinds = list(feeds()) if endpoint.kinds is None else endpoint.kinds
        told, reached = changes.page(firm_id=endpoint.firm_id, kinds=kinds, after=after, seen=seen, limit=PAGE)
        WebhookDelivery.objects.bulk_create(_delivery(endpoint, row) for row in told)
        if stored(reached, seen) != endpoint.reached:
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(reached=stored(reached, seen))
    return len(told)


def _delivery(endpoint: WebhookEndpoint, row: Told) -> WebhookDelivery:
    return WebhookDelivery(
        firm_id=endpoint.firm_id,
        endpoint=endpoint,
        kind=row.kind,
        object_id=row.object_id,
        deleted=row.deleted,
        changed_at=row.at,
        due_at=DatabaseNow(),
    )


def _position(endpoint: WebhookEndpoint, seen: Horizon) -> Position:
    """Where the endpoint is. One of a database that was restored elsewhere begins now."""
    place, xid, kind, object_id = endpoint.reached
    if place != seen.place:
        return changes.end(seen)
    return Position(xid, kind, UUID(object_id))


def stored(position: Position, seen: Horizon) -> list[str | int]:
    """A place in the feed as an endpoint keeps it."""
    return [seen.place, position.xid, position.kind, str(position.object_id)]
