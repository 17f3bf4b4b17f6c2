"""Declared interests: which officer may have to do with a round, and whether several share one.

An interest hides its firm, and itself, from the person who has it: so several are compared as the exchange.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotPermitted
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


def has_interest(round_id: UUID) -> bool:
    """Whether the association's person at work has declared an interest in a firm of the round, or a supplier of it.

    Inside a wall of the association's people.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT round_has_barred_firm(%s)", [round_id])
        return bool(cursor.fetchone()[0])


def check_no_interest(*, actor: Actor, round_id: UUID) -> None:
    """Raises NotPermitted for an officer with an interest in the round. The system has none."""
    if not actor.is_system and has_interest(round_id):
        raise NotPermitted(_("You have declared an interest in a firm of this round."))
