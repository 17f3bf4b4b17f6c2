"""Short ways to ask the database what a role may do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from psycopg import errors

from mes.core.actors import DatabaseRole
from mes.core.tenancy import THE_FIRM, Right
from mes.core.walls import tenancy_of, walled_models

DENIED = "permission denied"
REFUSED = "row-level security"


def right_of(model: type[models.Model], role: str) -> Right | None:
    return next((right for right in tenancy_of(model).rights if right.role == role and right.privileges), None)


def firm_scoped() -> list[type[models.Model]]:
    """Models of which a firm reads or writes some rows and not others."""
    found = []
    for model in walled_models():
        right = right_of(model, DatabaseRole.FIRM)
        if right is not None and THE_FIRM in right.condition:
            found.append(model)
    return found


def asked(statement: str, parameters: Sequence[Any] = ()) -> int | str:
    """The first number of the answer or the count of rows touched; in words when the database refuses."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.fetchone()[0]) if cursor.description else cursor.rowcount
    except DatabaseError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            return REFUSED if REFUSED in str(error) else DENIED
        if isinstance(error, IntegrityError):
            return str(error).split("\n")[0]
        raise


def count_of(table: str) -> int | str:
    return asked(f'SELECT count(*) FROM "{table}"')


@contextmanager
def role_alone(role: str) -> Iterator[None]:
    """A working role without any firm: what a programmer's slip would leave."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), set_config('role', %s, true)", [role])
        before = cursor.fetchone()[0]
        yield
        cursor.execute("SELECT set_config('role', %s, true)", [before])
