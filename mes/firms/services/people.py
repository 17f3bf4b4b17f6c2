"""Writes of people and their roles."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue, NotPermitted
from mes.firms.access import require
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, Role
from mes.firms.models import MOST_NAME, MOST_USERNAME, Firm, Membership, User


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
