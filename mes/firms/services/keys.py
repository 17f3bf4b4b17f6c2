"""Writes of programs' keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.clock import DatabaseNow
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.firms.access import require
from mes.firms.choices import SCOPES
from mes.firms.keys import PREFIX_LENGTH, digest_of, new_key
from mes.firms.models import ApiKey, User
from mes.firms.models.keys import MOST_LABEL, MOST_NETWORKS

BOTH_ALIVE = timedelta(days=7)
"""How long a key that was replaced goes on unless its owner says otherwise."""


class KeyChanges(TypedDict, total=False):
    """What of a key may change."""

    label: str
    networks: Sequence[str]


@transaction.atomic
def api_key_issue(
    *,
    actor: Actor,
    user: User,
    label: str,
    expires_at: datetime | None = None,
    scopes: Iterable[str] | None = None,
    networks: Sequence[str] = (),
) -> str:
    """Makes a key that acts for `user` and returns it, the only time that it can be seen. `scopes` None: all of them.

    `networks`: where calls with it may come from, as 192.0.2.0/24; none: from anywhere. Raises NotFound for another
    firm's person, InvalidValue for one of the association, an unknown scope or network, or an end that is over already.
    """
    require(actor, "api_key.issue")
    if user.firm_id is None:
        raise InvalidValue(_("A key acts for a firm's person."), pointer="/user")
    require(actor, "api_key.issue", user)
    wanted = None if scopes is None else sorted(set(scopes))
    if wanted is not None and not set(wanted) <= SCOPES:
        raise InvalidValue(_("There is no such scope."), pointer="/scopes")
    _check_within(actor, wanted)
    row = ApiKey(firm_id=user.firm_id, user=user, label=label, scopes=wanted, expires_at=expires_at)
    row.networks, row.program_id = _read(networks), row.pk
    key = _insert(row)
    changes = {"prefix": row.prefix, "scopes": wanted, "networks": row.networks, "expires_at": expires_at}
    audit.record(actor=actor, verb="api_key.issue", obj=row, firm_id=user.firm_id, changes=changes)
    return key


@transaction.atomic
def api_key_rotate(
    *,
    actor: Actor,
    api_key_id: UUID,
    now: datetime,
    old_ends_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A new key with the label, person, scopes and networks of an old one, which ends at `old_ends_at`, else in a week.

    The new one ends at `expires_at`, else when the old one would have. `now` is the database's time. Raises NotFound
    for another firm's key, NotAllowedInState for one that has ended, NotPermitted where a limited key would make one
    that may do more, InvalidValue where the old one would live longer than before or be over already.
    """
    require(actor, "api_key.rotate")
    old = _own(actor, api_key_id)
    _check_within(actor, old.scopes)
    end = old.expires_at
    if old.revoked_at is not None or (end is not None and end <= now):
        raise NotAllowedInState(_("The key has ended."))
    if old_ends_at is not None and (old_ends_at <= now or (end is not None and old_ends_at > end)):
        raise InvalidValue(_("The old key ends between now and its own end."), pointer="/old_ends_at")
    row = ApiKey(firm_id=old.firm_id, user_id=old.user_id, label=old.label, scopes=old.scopes, networks=old.networks)
    row.program_id, row.expires_at = old.program_id, expires_at or end
    key = _insert(row)
    old.expires_at = old_ends_at or min(now + BOTH_ALIVE, end or now + BOTH_ALIVE)
    old.save(update_fields=["expires_at"])
    changes = {"label": old.label, "old": old.prefix, "old_ends_at": old.expires_at.isoformat()}
    audit.record(actor=actor, verb="api_key.rotate", obj=row, firm_id=row.firm_id, changes=changes)
    return key


@transaction.atomic
def api_key_change(*, actor: Actor, api_key_id: UUID, changes: KeyChanges) -> ApiKey:
    """Another label, other networks. Raises NotFound for another firm's key, InvalidValue with a pointer, NotPermitted
    where a limited key would change one that may do more.
    """
    require(actor, "api_key.change")
    row = _own(actor, api_key_id)
    _check_within(actor, row.scopes)
    if "label" in changes:
        check_text(changes["label"], MOST_LABEL, "/label")
    networks = _read(changes["networks"]) if "networks" in changes else row.networks
    told = audit.changed(row, {"networks": networks})
    row.label, row.networks = changes.get("label", row.label), networks
    row.save(update_fields=["label", "networks"])
    audit.record(actor=actor, verb="api_key.change", obj=row, firm_id=row.firm_id, changes=told)
    return row


@transaction.atomic
def api_key_revoke(*, actor: Actor, api_key_id: UUID, now: datetime) -> ApiKey:
    """Ends a key at once; `now` is the database's time. A key that has ended stays as it is.

    Raises NotFound for another firm's key.
    """
    require(actor, "api_key.revoke")
    row = _own(actor, api_key_id)
    if row.revoked_at is None:
        changes = audit.changed(row, {"revoked_at": now})
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        audit.record(actor=actor, verb="api_key.revoke", obj=row, firm_id=row.firm_id, changes=changes)
    return row


def _own(actor: Actor, api_key_id: UUID) -> ApiKey:
    """The firm's key, locked. Raises NotFound."""
    if actor.firm_id is None:
        raise NotFound
    row = ApiKey.objects.select_for_update(of=("self",)).filter(pk=api_key_id, firm_id=actor.firm_id).first()
    if row is None:
        raise NotFound
    return row


def _check_within(actor: Actor, scopes: Iterable[str] | None) -> None:
    """A limited key neither makes nor changes one that may do more. Raises NotPermitted."""
    if actor.scopes is not None and (scopes is None or not actor.scopes.issuperset(scopes)):
        raise NotPermitted


def _read(networks: Sequence[str]) -> list[str] | None:
    """The networks as they are kept; None for anywhere. Raises InvalidValue with a pointer."""
    if len(networks) > MOST_NETWORKS:
        raise InvalidValue(_("Too many networks."), pointer="/networks")
    found = []
    for index, text in enumerate(networks):
        try:
            found.append(str(ip_network(text)))
        except ValueError as error:
            wrong = _("A network is wanted, as 192.0.2.0/24 or 2001:db8::/48.")
            raise InvalidValue(wrong, pointer=f"/networks/{index}") from error
    return found or None


def _insert(row: ApiKey) -> str:
    """Gives the row a key and returns the key. Raises InvalidValue for an end that is over already."""
    key = new_key()
    row.created_at, row.prefix, row.digest = DatabaseNow(), key[:PREFIX_LENGTH], digest_of(key)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # it would end before it begins, by the database's clock
        raise InvalidValue(_("The key would be over already."), pointer="/expires_at") from error
    return key
