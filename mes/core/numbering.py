"""Numbers per firm: a shared counter would tell a rival how much the others do."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from mes.core.ids import new_id


def next_number(*, firm_id: UUID, series: str) -> int:
    """The next number of a firm's series, from 1. Concurrent callers wait for each other and never get the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_numberseries AS s (id, firm_id, name, last) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (firm_id, name) DO UPDATE SET last = s.last + 1 RETURNING last",
            [new_id(), firm_id, series],
        )
        number: int = cursor.fetchone()[0]
    return number
