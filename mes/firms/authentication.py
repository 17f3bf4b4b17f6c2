"""Finds the actor of a request: a key in the Authorization header, or the signed-in person.

Runs inside the request's transaction under the web's own login, which reads the sign-in columns and nothing else.
"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest

from mes.core.actors import OPEN, Actor, Channel, DatabaseRole
from mes.firms.keys import digest_of
from mes.firms.models import User
from mes.firms.selectors import sight_of

_SCHEME = "Bearer "


def actor_of_request(request: HttpRequest) -> Actor | None:
    """The actor, or None for an anonymous request.

    A key that is wrong, expired or revoked is anonymous too, and so are the people of a firm that was suspended.
    """
    header = request.headers.get("Authorization", "")
    if header.startswith(_SCHEME):
        return _actor_of_key(header.removeprefix(_SCHEME).strip())
    user = request.user
    return actor_of_user(user) if isinstance(user, User) and user.may_enter else None


def actor_of_user(user: User, *, channel: Channel = Channel.ADMIN) -> Actor:
    """The actor that a signed-in person is. Asked before his wall is entered, which would hide his own interests."""
    role = DatabaseRole.STAFF if user.firm_id is None else DatabaseRole.FIRM
    sight = OPEN if user.firm_id else sight_of(user)
    return Actor(role, channel, user_id=user.pk, firm_id=user.firm_id, roles=user.roles, sight=sight)


def _actor_of_key(key: str) -> Actor | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key_id, user_id, firm_id, roles, scopes FROM api_key_actor(%s)", [digest_of(key)])
        row = cursor.fetchone()
    if row is None:
        return None
    key_id, user_id, firm_id, roles, scopes = row
    return Actor(
        database_role=DatabaseRole.FIRM,
        channel=Channel.API,
        api_key_id=key_id,
        user_id=user_id,
        firm_id=firm_id,
        roles=frozenset(roles),
        scopes=None if scopes is None else frozenset(scopes),
    )
