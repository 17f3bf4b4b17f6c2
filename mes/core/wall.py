"""The request's side of the walls: one transaction with a working role and, for a firm, that firm's id.

`wall` opens it for a request, a task or a command; `switched` changes the role inside a service that writes for two
parties. Both use settings that end with the transaction: a session-level setting would leak through the pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from mes.core.actors import Actor, DatabaseRole


class WallBreached(RuntimeError):
    """A connection arrived with a role or a firm already set. It is never handed on."""


@contextmanager
def wall(role: DatabaseRole, firm_id: UUID | None = None, *, snapshot: bool = False) -> Iterator[None]:
    """One transaction under `role`. An exception rolls it back. `snapshot`: all its queries see one moment.

    Raises WallBreached when a role or firm is already set, ValueError when a firm's role lacks its firm.
    """
    if (role is DatabaseRole.FIRM) != (firm_id is not None):
        raise ValueError("The firm's role, and only it, needs a firm.")
    with transaction.atomic():
        if snapshot and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert_clean()
        enter(role, firm_id)
        yield
    if connection.in_atomic_block:  # only a test's transaction goes on here
        leave()


@contextmanager
def actor_wall(actor: Actor) -> Iterator[None]:
    """The wall that belongs to an actor."""
    with wall(actor.database_role, actor.firm_id):
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
        cursor.execute("SELECT session_user = current_user, current_setting('app.firm', true)")
        is_login, firm = cursor.fetchone()
    if not is_login or firm:
        raise WallBreached("The connection already carries a role or a firm.")


def enter(role: DatabaseRole, firm_id: UUID | None) -> None:
    """Sets role and firm for the present transaction."""
    if not connection.in_atomic_block:
        raise WallBreached("A wall needs a transaction.")
    _set(str(role), str(firm_id or ""))


def discard_connection() -> None:
    """Closes the connection for good: what came with a role set must not go back to the pool."""
    if connection.connection is not None and not connection.in_atomic_block:
        connection.connection.close()
        connection.close()


def leave() -> None:
    """Back to the login's own rights. Needed only where an outer transaction goes on."""
    _set("none", "")


def _set(role: str, firm: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true), set_config('app.firm', %s, true)", [role, firm])
