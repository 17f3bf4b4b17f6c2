"""A firm's programs add endpoints at the same time: no more than it may have are made."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep

import pytest
from django.db import connection, connections

from mes.core.actors import Actor, DatabaseRole
from mes.core.wall import actor_wall, wall
from mes.hooks.errors import TooManyEndpoints
from mes.hooks.models import WebhookEndpoint
from mes.hooks.services import webhook_endpoint_add
from mes.hooks.services.endpoints import MOST_ENDPOINTS
from tests.factories import a_firm, an_owner

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def add(actor: Actor, name: str) -> None:
    webhook_endpoint_add(actor=actor, url=f"https://erp.example.com/{name}")


def added_beside(actor: Actor) -> str:
    """What a second program is told."""
    try:
        with actor_wall(actor):
            add(actor, "beside")
    except TooManyEndpoints as refusal:
        return refusal.code
    finally:
        connections.close_all()
    return "made"


def let_it_come(beside: Future[str]) -> None:
    """Until the other one waits for the lock of this one, or is through without it."""
    with connection.cursor() as cursor:
        while not beside.done():
            cursor.execute(WAITING)
            if cursor.fetchone() != (0,):
                return
            sleep(0.01)


def test_the_last_endpoint_is_made_once() -> None:
    firm = a_firm()
    actor = an_owner(firm)
    with actor_wall(actor):
        for number in range(MOST_ENDPOINTS - 1):
            add(actor, str(number))
    with ThreadPoolExecutor(1) as pool:
        with actor_wall(actor):
            add(actor, "last")
            beside = pool.submit(added_beside, actor)
            let_it_come(beside)
        assert beside.result() == "too_many_endpoints"
    with wall(DatabaseRole.FIRM, firm.pk):
        assert WebhookEndpoint.objects.count() == MOST_ENDPOINTS
