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
    """A person with roles, of the association (no firm) or of one firm, whose code ends the user name: `chen@F01`.

    Raises NotPermitted when a firm makes people of the association, InvalidValue when a role belongs to the other
    side, a text is empty or too long, the user name is another side's, or it is taken.
    """
    require(actor, "user.create", firm_id=firm.pk if firm else None)
    if firm is None and actor.firm_id is not None:
        raise NotPermitted
    wanted = frozenset(roles)
    if not wanted <= (FIRM_ROLES if firm else ASSOCIATION_ROLES):
        raise InvalidValue(_("A role of the other side."), pointer="/roles")
    name = _whole_name(username, firm)
    check_text(full_name, MOST_NAME, "/full_name", may_be_empty=True)
    try:
        with transaction.atomic():
            user = User.objects.create_user(name, password, firm=firm, full_name=full_name)
    except IntegrityError as error:  # by somebody of the same side: no other's names end like this
        raise InvalidValue(_("The user name is taken."), pointer="/username") from error
    Membership.objects.bulk_create(Membership(user=user, firm=firm, role=role) for role in sorted(wanted))
    audit.record(actor=actor, verb="user.create", obj=user, firm_id=user.firm_id, changes={"roles": sorted(wanted)})
    return user


def _whole_name(given: str, firm: Firm | None) -> str:
    """The user name that `given`, with or without the firm's code, stands for."""
    own, at, code = given.partition("@")
    if firm is not None and not at:
        code = firm.code
    if (firm.code if firm else "") != code or (firm is None and at):
        raise InvalidValue(_("A firm's people are called name@CODE, the association's have no @."), pointer="/username")
    check_text(own, MOST_USERNAME - len(code) - 1, "/username")
    if any(character.isspace() for character in own):
        raise InvalidValue(_("A user name has no spaces."), pointer="/username")
    return f"{own}@{code}" if firm else own
