"""Finds the actor of a request: a key in the Authorization header, or the signed-in person.

Runs inside the request's transaction under the web's own login, which reads the sign-in columns and nothing else.
"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest

from mes.core.actors import OPEN, Actor, Channel, DatabaseRole
from mes.firms.keys import CODE_PREFIX_LENGTH, code_as_read, digest_of, digest_of_code
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


def actor_of_user(user: User, *, channel: Channel | None = None) -> Actor:
    """The actor that a signed-in person is. Asked before his wall is entered, which would hide his own interests.

    `channel` None: the desk, or for a firm's person the account's pages.
    """
    if user.firm_id is None:
        role, usual, sight = DatabaseRole.STAFF, Channel.ADMIN, sight_of(user)
    else:
        role, usual, sight = DatabaseRole.FIRM, Channel.ACCOUNT, OPEN
    return Actor(role, channel or usual, user_id=user.pk, firm_id=user.firm_id, roles=user.roles, sight=sight)


def user_of_code(text: str) -> User | None:
    """The person whom a code lets in, used up by this; None for one that is wrong, expired, used or tried too often.

    A try counts only if the request's transaction is kept: answer it with a status below 400.
    """
    code = code_as_read(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_code_redeem(%s, %s)", [code[:CODE_PREFIX_LENGTH], digest_of_code(code)])
        user_id = cursor.fetchone()[0]
    return None if user_id is None else User.objects.get(pk=user_id)


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
