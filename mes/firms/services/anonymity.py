"""Takes a person's name out of the system. What the person did stays, under a key."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.errors import NotAllowedInState, NotFound
from mes.firms.access import require
from mes.firms.models import User

GONE = "gone-"
_HEX_BYTES = 8


@transaction.atomic
def user_anonymise(*, actor: Actor, user_id: UUID) -> User:
    """Blanks the name of a person whose account has ended; sessions end, keys are revoked and lose their labels.

    Audit rows hold the person's key alone, so they and their seals stay as they are. It cannot be undone.
    Raises NotPermitted, NotFound, NotAllowedInState for an account that is active or was made anonymous before.
    """
    require(actor, "user.anonymise")
    user = User.objects.select_for_update(of=("self",)).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    if user.is_active or user.username.startswith(GONE):
        raise NotAllowedInState(_("Only an account that has ended is made anonymous, and once."))
    user.username, user.full_name, user.last_login = GONE + secrets.token_hex(_HEX_BYTES), "", None
    user.set_unusable_password()
    user.save(update_fields=["username", "full_name", "last_login", "password"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_keys_of_gone_end(%s)", [user.pk])
        keys = cursor.fetchone()[0]
    audit.record(actor=actor, verb="user.anonymise", obj=user, firm_id=user.firm_id, changes={"keys": keys})
    return user
