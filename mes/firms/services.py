"""Writes of firms, people and keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text, check_whole_number
from mes.core.clock import DatabaseNow
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.firms.access import require
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, SCOPES, Role
from mes.firms.keys import PREFIX_LENGTH, digest_of, new_key
from mes.firms.models import (
    MOST_CODE,
    MOST_GATE_M,
    MOST_NAME,
    MOST_SORT_KEY,
    MOST_USERNAME,
    ApiKey,
    Firm,
    Membership,
    User,
)


@transaction.atomic
def firm_create(
    *,
    actor: Actor,
    code: str,
    name_zh: str,
    name_en: str = "",
    sort_key: str = "",
    gate_m: tuple[int, int] = (0, 0),
) -> Firm:
    """A new member firm. `gate_m` is its gate's place, metres east and north of the park's origin.

    Raises InvalidValue with a pointer to the field: a text that is empty or too long, a gate out of reach, a code that
    is taken.
    """
    require(actor, "firm.create")
    for pointer, text, longest in (("/code", code, MOST_CODE), ("/name_zh", name_zh, MOST_NAME)):
        check_text(text, longest, pointer)
    check_text(name_en, MOST_NAME, "/name_en", may_be_empty=True)
    check_text(sort_key, MOST_SORT_KEY, "/sort_key", may_be_empty=True)
    for pointer, metres in zip(("/gate_east_m", "/gate_north_m"), gate_m, strict=True):
        check_whole_number(metres, MOST_GATE_M, pointer, least=-MOST_GATE_M)
    firm = Firm(code=code, name_zh=name_zh, name_en=name_en, sort_key=sort_key)
    firm.gate_east_m, firm.gate_north_m = gate_m
    try:
        with transaction.atomic():
            firm.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidValue(_("There is a firm with this code."), pointer="/code") from error
    audit.record(actor=actor, verb="firm.create", obj=firm, firm_id=firm.pk, changes={"code": code})
    return firm


@transaction.atomic
def user_create(
    *,
    actor: Actor,
    username: str,
    password: str | None,
    firm: Firm | None,
    roles: Iterable[Role],
    full_name: str = "",
) -> User:
    """A person with roles, of the association (no firm) or of one firm.

    Raises NotPermitted when a firm makes people of the association, InvalidValue when a role belongs to the other
    side, a text is empty or too long, or the user name is taken.
    """
    require(actor, "user.create", firm_id=firm.pk if firm else None)
    if firm is None and actor.firm_id is not None:
        raise NotPermitted
    wanted = frozenset(roles)
    if not wanted <= (FIRM_ROLES if firm else ASSOCIATION_ROLES):
        raise InvalidValue(_("A role of the other side."), pointer="/roles")
    check_text(username, MOST_USERNAME, "/username")
    check_text(full_name, MOST_NAME, "/full_name", may_be_empty=True)
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password, firm=firm, full_name=full_name)
    except IntegrityError as error:  # the name may be taken by somebody whom the actor does not see
        raise InvalidValue(_("The user name is taken."), pointer="/username") from error
    Membership.objects.bulk_create(Membership(user=user, firm=firm, role=role) for role in sorted(wanted))
    changes = {"username": username, "roles": sorted(wanted)}
    audit.record(actor=actor, verb="user.create", obj=user, firm_id=user.firm_id, changes=changes)
    return user


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
    audit.record(actor=actor, verb="api_key.issue", obj=row, firm_id=user.firm_id, changes={"label": label})
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
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        audit.record(actor=actor, verb="api_key.revoke", obj=row, firm_id=row.firm_id, changes={"label": row.label})
    return row
