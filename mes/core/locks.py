"""Advisory locks of the present transaction, taken in one order so that nobody waits in a circle.

Those who change a firm's live plan share its lock; who replaces the plan takes it alone. A row lock would not do:
checking rows and then inserting others lets a second transaction in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

_PUBLICATION = 1
_FIRM = 2
_CHAIN = 3
_ROUND = 4


def lock_publication() -> None:
    """One publication at a time."""
    _execute("SELECT pg_advisory_xact_lock(%s, 0)", [[_PUBLICATION]])


def lock_chain() -> None:
    """One new link of the chain of audit seals at a time."""
    _execute("SELECT pg_advisory_xact_lock(%s, 0)", [[_CHAIN]])


def share_firms(firm_ids: Iterable[UUID]) -> None:
    """For changes of single runs and proposals of these firms."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s, hashtext(%s))", _rows(firm_ids))


def lock_firms(firm_ids: Iterable[UUID]) -> None:
    """For replacing the live plan of these firms."""
    _execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", _rows(firm_ids))


def lock_name(name: str, *, shared: bool = False) -> None:
    """Whoever else asks for `name` waits: for what has no row to lock. Many may share it while nobody has it alone."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    _execute(f"SELECT {function}(hashtextextended(%s, 0))", [[name]])


def share_round(round_id: UUID) -> None:
    """For what firms and suppliers write into a round. Triggers of the database take the same lock."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s, hashtext(%s))", [[_ROUND, str(round_id)]])


def lock_round(round_id: UUID) -> None:
    """For moving a round: who holds it reads what is complete, and nobody writes beside."""
    _execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [[_ROUND, str(round_id)]])


def _rows(firm_ids: Iterable[UUID]) -> list[list[int | str]]:
    return [[_FIRM, str(firm_id)] for firm_id in sorted(set(firm_ids))]


def _execute(statement: str, rows: list[list[int | str]]) -> None:
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(statement, row)
