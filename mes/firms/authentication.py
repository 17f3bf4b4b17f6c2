"""Finds the actor of a request: a key in the Authorization header, or the signed-in person.

Runs inside the request's transaction under the web's own login, which reads the sign-in columns and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.http import HttpRequest

from mes.core.actors import OPEN, Actor, Channel, DatabaseRole
from mes.core.addresses import client_address
from mes.core.clock import stopwatch_s
from mes.firms.keys import CODE_PREFIX_LENGTH, code_as_read, digest_of_code, digests_of
from mes.firms.models import User
from mes.firms.selectors import sight_of

NOTED_EACH_S = 60.0
MOST_NOTED = 10_000

_SCHEME = "Bearer "
_noted_s: dict[UUID, float] = {}


@dataclass(frozen=True, slots=True)
class _Use:
    """`fresh_digest`: the key's digest under the pepper of today, where another one is stored."""

    key_id: UUID
    address: str | None
    fresh_digest: str | None


def actor_of_request(request: HttpRequest) -> Actor | None:
    """The actor, or None for an anonymous request.

    A key that is wrong, expired or revoked is anonymous too, and so are the people of a firm that was suspended.
    """
    header = request.headers.get("Authorization", "")
    if header.startswith(_SCHEME):
        return _actor_of_key(request, header.removeprefix(_SCHEME).strip())
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


def note_use(request: HttpRequest) -> None:
    """Notes when and from where the request's key was used, also by a refused call; at most once a minute per key.

    For after the request's transaction. A process asks the database only when it may have something new for it.
    """
    use: _Use | None = getattr(request, "use_of_key", None)
    if use is None:
        return
    noted_s = _noted_s.get(use.key_id)
    if use.fresh_digest is None and noted_s is not None and stopwatch_s() - noted_s < NOTED_EACH_S:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_key_used(%s, %s, %s)", [use.key_id, use.address, use.fresh_digest])
    if len(_noted_s) >= MOST_NOTED:
        _noted_s.clear()
    _noted_s[use.key_id] = stopwatch_s()


def _actor_of_key(request: HttpRequest, key: str) -> Actor | None:
    digests, address = digests_of(key), client_address(request)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key_id, program_id, user_id, firm_id, roles, scopes, digest FROM api_key_actor(%s, %s)",
            [digests, address],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    key_id, program_id, user_id, firm_id, roles, scopes, digest = row
    use = _Use(key_id, address, fresh_digest=None if digest == digests[0] else digests[0])
    request.use_of_key = use  # type: ignore[attr-defined]
    return Actor(
        database_role=DatabaseRole.FIRM,
        channel=Channel.API,
        api_key_id=key_id,
        program_id=program_id,
        user_id=user_id,
        firm_id=firm_id,
        roles=frozenset(roles),
        scopes=None if scopes is None else frozenset(scopes),
    )
