"""Endpoints, events and turns of the routine. For tests that commit, with the worker's login."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.models import Firm
from mes.hooks import services
from mes.hooks.models import WebhookDelivery, WebhookEndpoint
from production.machines.models import Machine
from tests.api.test_changes import settle
from tests.factories import a_firm, an_owner

Owner = psycopg.Connection[tuple[object, ...]]


def an_endpoint(url: str, firm: Firm | None = None, **fields: Any) -> WebhookEndpoint:
    firm = firm or a_firm()
    actor = an_owner(firm)
    settle()  # what was written before is none of its events, also while others on this server write
    with wall(DatabaseRole.FIRM, firm.pk):
        return services.webhook_endpoint_add(actor=actor, url=url, **fields)


def collected() -> int:
    """What was committed becomes deliveries."""
    settle()
    return services.collect()


def turn() -> int:
    """A turn of the routine; how many deliveries arrived."""
    collected()
    return services.send_due()


def changed(machine: Machine, permille: int) -> None:
    with wall(DatabaseRole.FIRM, machine.firm_id):
        Machine.objects.filter(pk=machine.pk).update(efficiency_permille=permille)


def make_due(owner: Owner, *, rested_only: bool = False) -> None:
    """The pauses are over: of the endpoints alone, or of the deliveries as well."""
    owner.execute("UPDATE hooks_webhookendpoint SET rest_until = NULL")
    if not rested_only:
        owner.execute("UPDATE hooks_webhookdelivery SET due_at = now() WHERE state = 'waiting'")


def deliveries() -> list[WebhookDelivery]:
    with wall(DatabaseRole.PLANNER):
        return list(WebhookDelivery.objects.order_by("created_at", "pk"))


def endpoint(key: UUID) -> WebhookEndpoint:
    with wall(DatabaseRole.PLANNER):
        return WebhookEndpoint.objects.get(pk=key)
