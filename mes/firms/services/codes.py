"""Ways in without e-mail: codes on paper, and the passwords that people set themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from mes.core import audit
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotFound, NotPermitted
from mes.firms.access import require
from mes.firms.errors import CannotEnter
from mes.firms.keys import CODE_PREFIX_LENGTH, digest_of_code, new_code
from mes.firms.models import CODE_LASTS, AccountCode, User


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as it is shown once, and its row."""

    code: str = field(repr=False)
    row: AccountCode


@transaction.atomic
def account_code_issue(*, actor: Actor, user_id: UUID, now: datetime) -> IssuedCode:
    """A code with which the person sets a password, valid for a week from `now` (the database's time), once.

    An earlier code is void from then on; so is the password that the person had, and each session with it. Raises
    NotFound for another firm's person, NotPermitted for a key that is limited, CannotEnter.
    """
    require(actor, "user.invite")
    if actor.scopes is not None:
        raise NotPermitted  # a limited key must not let in anybody who may do more
    side = Q() if actor.firm_id is None else Q(firm_id=actor.firm_id)
    user = User.objects.select_for_update(of=("self",)).filter(side, pk=user_id).first()
    if user is None:
        raise NotFound
    if not user.may_enter:
        raise CannotEnter

    code = new_code()
    AccountCode.objects.filter(user=user, used_at=None, ended_at=None).update(ended_at=now)
    row = AccountCode(created_at=now, user=user, firm_id=user.firm_id, by_association=actor.firm_id is None)
    row.prefix, row.digest = code[:CODE_PREFIX_LENGTH], digest_of_code(code)
    row.expires_at = now + CODE_LASTS
    row.save(force_insert=True)
    user.set_unusable_password()
    user.save(update_fields=["password"])

    changes = {"expires_at": row.expires_at}
    audit.record(actor=actor, verb="user.invite", obj=user, firm_id=user.firm_id, changes=changes)
    return IssuedCode(code, row)


@transaction.atomic
def password_set(*, actor: Actor, password: str) -> User:
    """The actor's own new password; every other session ends. Raises InvalidValue for one that is easily guessed."""
    own = Q(pk=actor.user_id)
    user = User.objects.select_for_update(of=("self",)).filter(own).first()
    if user is None:
        raise NotPermitted
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidValue(" ".join(error.messages), pointer="/password") from error
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(actor=actor, verb="user.set_password", obj=user, firm_id=user.firm_id)
    return user
