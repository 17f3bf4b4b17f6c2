"""The request's side of the walls: one transaction with a working role and, for a firm, that firm's id; for the
association's people, the firms from which they are barred and those that a read session opens.

`wall` opens it for a request, a task or a command; `switched` changes the role inside a service that writes for two
parties. Both use settings that end with the transaction: a session-level setting would leak through the pool.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from mes.core.actors import OPEN, Actor, DatabaseRole, Sight

_SETTINGS = ("app.firm", "app.barred_firms", "app.closed_firms", "app.round_closed_firms", "app.session_firms")
_SET = "SELECT set_config('role', %s, true), " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)
_CARRIED = "SELECT session_user = current_user, concat({})".format(
    ", ".join(f"current_setting('{name}', true)" for name in _SETTINGS)
)


class WallBreached(RuntimeError):
    """A connection arrived with a role or a firm already set. It is never handed on."""


@contextmanager
def wall(
    role: DatabaseRole, firm_id: UUID | None = None, *, snapshot: bool = False, sight: Sight = OPEN
) -> Iterator[None]:
    """One transaction under `role`. An exception rolls it back. `snapshot`: all its queries see one moment.

    `sight`: what is kept from the association's person, nothing unless given.

    Raises WallBreached when a role or firm is already set, ValueError when a firm's role lacks its firm.
    """
    if (role is DatabaseRole.FIRM) != (firm_id is not None):
        raise ValueError("The firm's role, and only it, needs a firm.")
    with transaction.atomic():
        if snapshot and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert_clean()
        enter(role, firm_id, sight)
        yield
    if connection.in_atomic_block:  # only a test's transaction goes on here
        leave()


@contextmanager
def actor_wall(actor: Actor) -> Iterator[None]:
    """The wall that belongs to an actor."""
    with wall(actor.database_role, actor.firm_id, sight=actor.sight):
        yield


@contextmanager
def switched(role: DatabaseRole) -> Iterator[None]:
    """Another role for a block inside a wall; a savepoint, so an error puts the role back by itself.

    Never yield or hand out a lazy queryset from inside: it would run under another role than it seems.
    Raises WallBreached outside a wall.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('role'), set_config('role', %s, true)", [str(role)])
            before = cursor.fetchone()[0]
        if before == "none":
            raise WallBreached("A role is changed inside a wall only.")
        yield
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', %s, true)", [before])


def assert_clean() -> None:
    """Raises WallBreached unless the connection is the login itself with no firm set."""
    with connection.cursor() as cursor:
        cursor.execute(_CARRIED)
        is_login, carried = cursor.fetchone()
    if not is_login or carried:
        raise WallBreached("The connection already carries a role or a firm.")


def enter(role: DatabaseRole, firm_id: UUID | None, sight: Sight = OPEN) -> None:
    """Sets role, firm and sight for the present transaction. Without its settings the staff's role sees no firm."""
    if not connection.in_atomic_block:
        raise WallBreached("A wall needs a transaction.")
    if role is not DatabaseRole.STAFF:
        _set(str(role), firm=str(firm_id or ""))
        return
    barred = _array(sight.barred_firms)
    _set(
        str(role),
        barred=barred,
        closed=barred if sight.sees_members else "",
        round_closed=barred if sight.sees_rounds else "",
        session=_array(sight.session_firms),
    )


def discard_connection() -> None:
    """Closes the connection for good: what came with a role set must not go back to the pool."""
    if connection.connection is not None and not connection.in_atomic_block:
        connection.connection.close()
        connection.close()


def leave() -> None:
    """Back to the login's own rights. Needed only where an outer transaction goes on."""
    _set("none")


def _set(
    role: str, *, firm: str = "", barred: str = "", closed: str = "", round_closed: str = "", session: str = ""
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SET, [role, firm, barred, closed, round_closed, session])


def _array(firms: Collection[UUID]) -> str:
    """As PostgreSQL reads an array; never empty."""
    return "{" + ",".join(sorted(map(str, firms))) + "}"
