"""Writes of a firm's webhook endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit, changes
from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.core.feed import feeds
from mes.core.locks import lock_name
from mes.firms.access import required_firm
from mes.hooks.choices import DisabledBecause, EndpointStatus
from mes.hooks.errors import EndpointDisabled, TooManyEndpoints
from mes.hooks.models import TEST_KIND, WebhookDelivery, WebhookEndpoint
from mes.hooks.services.addresses import check_url
from mes.hooks.services.collecting import stored

MOST_ENDPOINTS = 10


class EndpointChanges(TypedDict, total=False):
    """What changes; what is left out stays. `status`: active or disabled."""

    url: str
    kinds: list[str] | None
    status: str


@transaction.atomic
def webhook_endpoint_add(*, actor: Actor, url: str, kinds: Iterable[str] | None = None) -> WebhookEndpoint:
    """An address that is told of what changes from now on. `kinds` None: all that the actor's key may read.

    Raises InvalidValue, NotPermitted for a kind that the key may not read, TooManyEndpoints.
    """
    firm_id = required_firm(actor, "webhook.edit")
    lock_name(f"webhook-endpoints/{firm_id}")  # two at once are not both the last that may be
    if WebhookEndpoint.objects.filter(firm_id=firm_id).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    check_url(url, "/url")
    seen = changes.horizon()
    endpoint = WebhookEndpoint(firm_id=firm_id, url=url, kinds=_kinds(actor, kinds))
    endpoint.reached = stored(changes.end(seen), seen)
    _save(endpoint, is_new=True)
    audit.record(
        actor=actor, verb="webhook.add", obj=endpoint, firm_id=firm_id, changes={"kinds": endpoint.kinds, "url": url}
    )
    return endpoint


@transaction.atomic
def webhook_endpoint_change(*, actor: Actor, endpoint_id: UUID, wanted: EndpointChanges) -> WebhookEndpoint:
    """Another address or other kinds; switched off, or on again after it was disabled: then what waits is sent.

    Raises NotFound, InvalidValue, NotPermitted.
    """
    endpoint = _locked(actor, endpoint_id)
    before = {name: getattr(endpoint, name) for name in wanted}
    if "url" in wanted:
        check_url(wanted["url"], "/url")
        endpoint.url = wanted["url"]
    if "kinds" in wanted:
        endpoint.kinds = _kinds(actor, wanted["kinds"])
    if wanted.get("status") == EndpointStatus.DISABLED:
        endpoint.status, endpoint.disabled_because = EndpointStatus.DISABLED, DisabledBecause.FIRM
    elif wanted.get("status") == EndpointStatus.ACTIVE:
        endpoint.status, endpoint.disabled_because = EndpointStatus.ACTIVE, ""
        endpoint.failing_since, endpoint.failures, endpoint.rest_until = None, 0, None
    _save(endpoint)
    told = {name: audit.Change(old, getattr(endpoint, name)) for name, old in before.items()}
    audit.record(actor=actor, verb="webhook.change", obj=endpoint, firm_id=endpoint.firm_id, changes=told)
    return endpoint


@transaction.atomic
def webhook_endpoint_remove(*, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Nothing is sent there any more; its deliveries go with it. Raises NotFound, NotPermitted."""
    endpoint = _locked(actor, endpoint_id)
    told = audit.removed({"kinds": endpoint.kinds, "url": endpoint.url})
    audit.record(actor=actor, verb="webhook.remove", obj=endpoint, firm_id=endpoint.firm_id, changes=told)
    removed = WebhookEndpoint(**{field.attname: getattr(endpoint, field.attname) for field in endpoint._meta.fields})
    endpoint.delete()
    return removed


@transaction.atomic
def webhook_endpoint_rotate(*, actor: Actor, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """A new secret; for a day the one before signs as well. `now`: the database's time.

    Raises NotFound, NotPermitted.
    """
    endpoint = _locked(actor, endpoint_id)
    endpoint.version += 1
    endpoint.rotated_at = now
    _save(endpoint)
    told = {"version": audit.Change(endpoint.version - 1, endpoint.version)}
    audit.record(actor=actor, verb="webhook.rotate", obj=endpoint, firm_id=endpoint.firm_id, changes=told)
    return endpoint


@transaction.atomic
def webhook_endpoint_test(*, actor: Actor, endpoint_id: UUID, now: datetime) -> WebhookDelivery:
    """An event of no object, to see whether it arrives. Raises NotFound, NotPermitted, EndpointDisabled."""
    endpoint = _locked(actor, endpoint_id)
    _refuse_disabled(endpoint)
    delivery = WebhookDelivery.objects.create(
        firm_id=endpoint.firm_id,
        endpoint=endpoint,
        kind=TEST_KIND,
        object_id=endpoint.pk,
        changed_at=now,
        due_at=DatabaseNow(),
    )
    audit.record(actor=actor, verb="webhook.test", obj=endpoint, firm_id=endpoint.firm_id)
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def webhook_delivery_replay(*, actor: Actor, delivery_id: UUID) -> WebhookDelivery:
    """The same event once more, under an id of its own. Raises NotFound, NotPermitted, EndpointDisabled."""
    firm_id = required_firm(actor, "webhook.edit")
    old = WebhookDelivery.objects.select_related("endpoint").filter(firm_id=firm_id, pk=delivery_id).first()
    if old is None:
        raise NotFound
    _check_within(actor, old.endpoint)
    _refuse_disabled(old.endpoint)
    again = WebhookDelivery.objects.create(
        firm_id=firm_id,
        endpoint=old.endpoint,
        kind=old.kind,
        object_id=old.object_id,
        deleted=old.deleted,
        changed_at=old.changed_at,
        due_at=DatabaseNow(),
    )
    audit.record(actor=actor, verb="webhook.replay", obj=old, firm_id=firm_id)
    again.refresh_from_db()
    return again


def _locked(actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    firm_id = required_firm(actor, "webhook.edit")
    rows = WebhookEndpoint.objects.select_for_update(of=("self",)).filter(firm_id=firm_id, pk=endpoint_id)
    endpoint = rows.first()
    if endpoint is None:
        raise NotFound
    _check_within(actor, endpoint)
    return endpoint


def _check_within(actor: Actor, endpoint: WebhookEndpoint) -> None:
    """A limited key touches no endpoint that is sent more than it may read. Raises NotPermitted."""
    if actor.scopes is not None:
        known = feeds()
        sent = known if endpoint.kinds is None else endpoint.kinds
        if any(kind in known and f"{known[kind].resource}:read" not in actor.scopes for kind in sent):
            raise NotPermitted


def _kinds(actor: Actor, wanted: Iterable[str] | None) -> list[str] | None:
    """None, all kinds, is for those alone whose key may read all."""
    known = feeds()
    may = actor.scopes
    readable = sorted(kind for kind, feed in known.items() if may is None or f"{feed.resource}:read" in may)
    if wanted is None:
        return None if may is None else readable
    kinds = sorted(set(wanted))
    if not set(kinds) <= set(known):
        raise InvalidValue(_("There is no such kind."), pointer="/kinds")
    if not set(kinds) <= set(readable):
        raise NotPermitted
    return kinds


def _save(endpoint: WebhookEndpoint, *, is_new: bool = False) -> None:
    try:
        with transaction.atomic():
            endpoint.save(force_insert=is_new)
    except IntegrityError as error:
        raise InvalidValue(_("There is an endpoint with this address already."), pointer="/url") from error
    endpoint.refresh_from_db()


def _refuse_disabled(endpoint: WebhookEndpoint) -> None:
    if endpoint.status == EndpointStatus.DISABLED:
        raise EndpointDisabled
