"""Which officer may have to do with a round's award: one without an interest in its firms or in those it asked."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from mes.core.actors import Actor
from mes.core.errors import NotPermitted


def has_interest(round_id: UUID) -> bool:
    """Whether the association's person at work has declared an interest in a firm of the round, or a supplier of it.

    Inside a wall of the association's people.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT round_has_barred_firm(%s)", [round_id])
        return bool(cursor.fetchone()[0])


def check_no_interest(actor: Actor, round_id: UUID) -> None:
    """Raises NotPermitted for an officer with an interest in the round. The system has none."""
    if not actor.is_system and has_interest(round_id):
        raise NotPermitted(_("You have declared an interest in a firm of this round."))
