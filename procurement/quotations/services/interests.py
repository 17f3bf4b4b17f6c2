"""Declared interests of several officers, compared by a service that one of them calls.

An interest hides its firm, and itself, from the person who has it: so this reads as the exchange.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from mes.core.actors import DatabaseRole
from mes.core.wall import switched
from mes.firms.models import DeclaredInterest


def interests_of(officers: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The firms in which each officer has an interest now."""
    found: dict[UUID, set[UUID]] = {officer: set() for officer in officers}
    with switched(DatabaseRole.EXCHANGE):
        rows = DeclaredInterest.objects.filter(user_id__in=officers, ended_at=None)
        for user_id, firm_id in rows.values_list("user_id", "firm_id"):
            found[user_id].add(firm_id)
    return found
