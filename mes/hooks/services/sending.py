"""Sends what is due, at least once, and of one object in order.

A sender leases an endpoint and sends to it one delivery after another, so a slow receiver keeps back nobody but itself.
What an answer means is written down only under the lease; a sender that died is followed by another, which sends
again. The schedule of a delivery that fails is that of Standard Webhooks, three days in all.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.apps import apps
from django.db import connection, connections, models
from django.utils import timezone

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now, stopwatch_s
from mes.core.feed import Feed, feeds
from mes.core.wall import wall
from mes.firms.choices import ENTERING_STATUSES
from mes.firms.models import Firm
from mes.hooks.choices import DeliveryState, DisabledBecause, EndpointStatus, Failure
from mes.hooks.models import TEST_KIND, WebhookDelivery, WebhookEndpoint
from mes.hooks.services.addresses import NotReached
from mes.hooks.services.posting import PATIENCE_S, post
from mes.hooks.services.signing import signatures

SENDERS = 4
TURN_S = 20.0
LEASE_S = 2 * PATIENCE_S + 10

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after a failed attempt the next one comes; after the last one the delivery is given up."""
FAILS_FOR = timedelta(days=3)
_JITTER = 0.1
_REST = timedelta(seconds=5)
_LONGEST_REST = timedelta(minutes=5)
_MOST_DOUBLINGS = 6

# The endpoint that has waited longest for something that is due and not behind an earlier event of its object.
_CLAIM = """
UPDATE hooks_webhookendpoint SET busy_until = clock_timestamp() + make_interval(secs => %s), token = token + 1
 WHERE id = (
    SELECT e.id FROM hooks_webhookendpoint AS e
     WHERE e.status <> 'disabled' AND (e.busy_until IS NULL OR e.busy_until < clock_timestamp())
       AND (e.rest_until IS NULL OR e.rest_until <= clock_timestamp())
       AND EXISTS (SELECT FROM hooks_webhookdelivery AS d WHERE d.endpoint_id = e.id AND d.state = 'waiting'
                      AND d.due_at <= clock_timestamp())
     ORDER BY e.busy_until NULLS FIRST, e.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, token
"""
_NEXT = """
SELECT d.id FROM hooks_webhookdelivery AS d
 WHERE d.endpoint_id = %s AND d.state = 'waiting' AND d.due_at <= clock_timestamp()
   AND NOT EXISTS (SELECT FROM hooks_webhookdelivery AS earlier
                    WHERE earlier.endpoint_id = d.endpoint_id AND earlier.object_id = d.object_id
                      AND earlier.state = 'waiting' AND (earlier.created_at, earlier.id) < (d.created_at, d.id))
 ORDER BY d.created_at, d.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send to an endpoint."""

    endpoint_id: UUID
    token: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. Neither: the firm may no longer be told."""

    status: int | None = None
    failure: Failure | None = None

    @property
    def arrived(self) -> bool:
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_gone(self) -> bool:
        return self.status == HTTPStatus.GONE


DROPPED = Outcome()


def send_due() -> int:
    """Sends what is due for some seconds, to a few endpoints at once; returns how many deliveries arrived."""
    with ThreadPoolExecutor(SENDERS) as pool:
        return sum(pool.map(lambda _number: _sender(), range(SENDERS)))


def _sender() -> int:
    until_s = stopwatch_s() + TURN_S
    arrived = 0
    try:
        while stopwatch_s() < until_s:
            lease = _claim()
            if lease is None:
                break
            arrived += _serve(lease, until_s)
    finally:
        connections.close_all()
    return arrived


def _claim() -> Lease | None:
    with wall(DatabaseRole.PLANNER), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_S])
        row = cursor.fetchone()
    return None if row is None else Lease(*row)


def _serve(lease: Lease, until_s: float) -> int:
    """Sends to one endpoint until nothing is due, an attempt fails, or the time is up; gives the lease back."""
    arrived = 0
    while stopwatch_s() < until_s:
        delivery = _next(lease)
        if delivery is None:
            break
        outcome = _attempt(delivery)
        if outcome is None:
            break
        if not _note(lease, delivery, outcome):
            return arrived
        arrived += outcome.arrived
        if not outcome.arrived and outcome is not DROPPED:
            break
    with _held(lease) as endpoint:
        if endpoint is not None:
            _update(endpoint, busy_until=None)
    return arrived


def _next(lease: Lease) -> WebhookDelivery | None:
    """The next delivery that may be sent, with the lease prolonged."""
    with _held(lease) as endpoint, connection.cursor() as cursor:
        if endpoint is None or endpoint.status == EndpointStatus.DISABLED:
            return None
        cursor.execute(_NEXT, [lease.endpoint_id])
        row = cursor.fetchone()
        if row is None:
            return None
        _update(endpoint, busy_until=database_now() + timedelta(seconds=LEASE_S))
        return WebhookDelivery.objects.get(pk=row[0])


def _attempt(delivery: WebhookDelivery) -> Outcome | None:
    """Judges under the firm's own wall whether it may be told, and tells it. None: the endpoint was switched off."""
    with wall(DatabaseRole.FIRM, delivery.firm_id):
        firm = Firm.objects.filter(pk=delivery.firm_id, status__in=ENTERING_STATUSES).exists()
        endpoint = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).first()
        if endpoint is None or endpoint.status == EndpointStatus.DISABLED:
            return None
        if not firm or not _is_seen(delivery):
            return DROPPED
        now = database_now()
    body = body_of(delivery)
    message_id = f"msg_{delivery.pk.hex}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "park-mes-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures(endpoint, message_id=message_id, at=now, body=body),
    }
    try:
        return _judged(post(endpoint.url, body=body, headers=headers))
    except NotReached as error:
        return Outcome(failure=error.failure)


def body_of(delivery: WebhookDelivery) -> bytes:
    """The event as it is sent: what changed and where to read it, never what is in it."""
    address = (
        f"/api/v1/webhook-endpoints/{delivery.object_id}"
        if delivery.kind == TEST_KIND
        else feeds()[delivery.kind].address(delivery.object_id)
    )
    word = "test" if delivery.kind == TEST_KIND else "deleted" if delivery.deleted else "updated"
    event = {
        "type": f"{delivery.kind}.{word}",
        "timestamp": timezone.localtime(delivery.changed_at).isoformat(),
        "data": {
            "id": str(delivery.object_id),
            "kind": delivery.kind,
            "address": address,
            "deleted": delivery.deleted,
        },
    }
    return json.dumps(event, separators=(",", ":")).encode()


def _is_seen(delivery: WebhookDelivery) -> bool:
    """Whether the firm sees the object now. That one is gone it may be told if the feed said so to this firm."""
    if delivery.kind == TEST_KIND or delivery.deleted:
        return True
    model = _models_by_kind().get(delivery.kind)
    return model is not None and model._base_manager.filter(pk=delivery.object_id).exists()


def _models_by_kind() -> dict[str, type[models.Model]]:
    found = ((model, getattr(model, "feed", None)) for model in apps.get_models())
    return {feed.kind: model for model, feed in found if isinstance(feed, Feed)}


def _judged(status: int) -> Outcome:
    outcome = Outcome(status=status)
    if outcome.arrived:
        return outcome
    is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return Outcome(status=status, failure=Failure.REDIRECT if is_redirect else Failure.STATUS)


def _note(lease: Lease, delivery: WebhookDelivery, outcome: Outcome) -> bool:
    """Writes down what became of the attempt; False when the lease is another's by now, who has sent it too."""
    with _held(lease) as endpoint:
        if endpoint is None:
            return False
        now = database_now()
        rows = WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
        if outcome is DROPPED:
            rows.update(state=DeliveryState.DROPPED, finished_at=now)
            return True
        attempts = delivery.attempts + 1
        told = {"attempts": attempts, "last_at": now, "last_status": outcome.status}
        if outcome.arrived:
            rows.update(**told, last_failure="", state=DeliveryState.DELIVERED, finished_at=now)
            _update(endpoint, **_well(endpoint))
            return True
        rows.update(**told, last_failure=outcome.failure or "", **_after_failure(attempts, now))
        _update(endpoint, **_ill(endpoint, outcome, now))
        return True


def _after_failure(attempts: int, now: datetime) -> dict[str, object]:
    if attempts > len(SCHEDULE):
        return {"state": DeliveryState.GIVEN_UP, "finished_at": now}
    pause = SCHEDULE[attempts - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads the load
    return {"due_at": now + pause}


def _well(endpoint: WebhookEndpoint) -> dict[str, object]:
    status = EndpointStatus.ACTIVE if endpoint.status == EndpointStatus.FAILING else endpoint.status
    return {"status": status, "failing_since": None, "failures": 0, "rest_until": None}


def _ill(endpoint: WebhookEndpoint, outcome: Outcome, now: datetime) -> dict[str, object]:
    """The endpoint after a failure: it rests for seconds, then minutes; after three days it is disabled."""
    since = endpoint.failing_since or now
    rest = min(_REST * 2 ** min(endpoint.failures, _MOST_DOUBLINGS), _LONGEST_REST)
    found: dict[str, object] = {"failures": endpoint.failures + 1, "failing_since": since, "rest_until": now + rest}
    if endpoint.status == EndpointStatus.DISABLED:
        return found
    if outcome.is_gone or now - since >= FAILS_FOR:
        because = DisabledBecause.GONE if outcome.is_gone else DisabledBecause.FAILURES
        return found | {"status": EndpointStatus.DISABLED, "disabled_because": because}
    return found | {"status": EndpointStatus.FAILING}


@contextmanager
def _held(lease: Lease) -> Iterator[WebhookEndpoint | None]:
    """The endpoint, locked under the planner's role, as long as the lease is this sender's."""
    with wall(DatabaseRole.PLANNER):
        rows = WebhookEndpoint.objects.select_for_update(of=("self",))
        yield rows.filter(pk=lease.endpoint_id, token=lease.token).first()


def _update(endpoint: WebhookEndpoint, **fields: object) -> None:
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**fields)
