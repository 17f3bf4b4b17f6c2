"""Reads of a firm's endpoints and of what was sent to them."""

from __future__ import annotations

from uuid import UUID

from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from mes.firms.access import require
from mes.hooks.models import WebhookDelivery, WebhookEndpoint


def endpoints_of_firm(*, actor: Actor) -> list[WebhookEndpoint]:
    """The firm's endpoints, the oldest first. Raises NotPermitted without the verb, as the others."""
    return list(WebhookEndpoint.objects.filter(firm_id=_reader(actor)).order_by("created_at", "pk"))


def endpoint_get(*, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """One endpoint. Raises NotFound."""
    row = WebhookEndpoint.objects.filter(firm_id=_reader(actor), pk=endpoint_id).first()
    if row is None:
        raise NotFound
    return row


def deliveries_page(
    *, actor: Actor, endpoint_id: UUID, limit: int, after: MomentKey | None = None, state: str | None = None
) -> list[WebhookDelivery]:
    """What was sent or waits, by time and key. Raises NotFound for another firm's endpoint."""
    endpoint = endpoint_get(actor=actor, endpoint_id=endpoint_id)
    rows = WebhookDelivery.objects.filter(endpoint=endpoint)
    return page_after(rows if state is None else rows.filter(state=state), by="created_at", after=after, limit=limit)


def delivery_get(*, actor: Actor, delivery_id: UUID) -> WebhookDelivery:
    """One delivery. Raises NotFound."""
    row = WebhookDelivery.objects.filter(firm_id=_reader(actor), pk=delivery_id).first()
    if row is None:
        raise NotFound
    return row


def _reader(actor: Actor) -> UUID:
    require(actor, "webhook.edit")
    if actor.firm_id is None:
        raise NotPermitted
    return actor.firm_id
