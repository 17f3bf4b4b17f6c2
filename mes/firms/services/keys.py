"""Writes of programs' keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.firms.access import require
from mes.firms.choices import SCOPES
from mes.firms.keys import PREFIX_LENGTH, digest_of, new_key
from mes.firms.models import ApiKey, User


@transaction.atomic
def api_key_issue(
    *, actor: Actor, user: User, label: str, expires_at: datetime | None = None, scopes: Iterable[str] | None = None
) -> str:
    """Makes a key that acts for `user` and returns it, the only time that it can be seen. `scopes` None: all of them.

    Raises NotFound for another firm's person, InvalidValue for one of the association, an unknown scope or an end that
    is over already.
    """
    require(actor, "api_key.issue", firm_id=user.firm_id)
    if user.firm_id is None:
        raise InvalidValue(_("A key acts for a firm's person."), pointer="/user")
    wanted = None if scopes is None else sorted(set(scopes))
    if wanted is not None and not set(wanted) <= SCOPES:
        raise InvalidValue(_("There is no such scope."), pointer="/scopes")
    if actor.scopes is not None and (wanted is None or not set(wanted) <= actor.scopes):
        raise NotPermitted  # a limited key must not make one that may do more
    key = new_key()
    row = ApiKey(created_at=DatabaseNow(), firm_id=user.firm_id, user=user, label=label, scopes=wanted)
    row.prefix, row.digest, row.expires_at = key[:PREFIX_LENGTH], digest_of(key), expires_at
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # it would end before it begins, by the database's clock
        raise InvalidValue(_("The key would be over already."), pointer="/expires_at") from error
    changes = {"prefix": row.prefix, "scopes": wanted, "expires_at": expires_at}
    audit.record(actor=actor, verb="api_key.issue", obj=row, firm_id=user.firm_id, changes=changes)
    return key


@transaction.atomic
def api_key_revoke(*, actor: Actor, api_key_id: UUID, now: datetime) -> ApiKey:
    """Ends a key at once; `now` is the database's time. A key that has ended stays as it is.

    Raises NotFound for another firm's key.
    """
    require(actor, "api_key.revoke")
    if actor.firm_id is None:
        raise NotFound
    own = ApiKey.objects.select_for_update(of=("self",)).filter(pk=api_key_id, firm_id=actor.firm_id)
    row = own.first()
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        changes = audit.changed(row, {"revoked_at": now})
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        audit.record(actor=actor, verb="api_key.revoke", obj=row, firm_id=row.firm_id, changes=changes)
    return row
