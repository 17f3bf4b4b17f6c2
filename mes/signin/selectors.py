"""What is asked of second factors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection

from mes.core.actors import Actor
from mes.core.errors import NotFound
from mes.signin.models import SecondFactor

_REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class FactorState:
    """`version` counts the resets, from 1; `is_set_up`: a code is asked for."""

    version: int = 1
    is_set_up: bool = False


def factor_of(user_id: UUID) -> FactorState:
    """The state of a person's second factor, also of one who never had any. Outside any wall: the web's login asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version, is_set_up FROM second_factor_state(%s)", [user_id])
        row = cursor.fetchone()
    return FactorState() if row is None else FactorState(*row)


def is_required() -> bool:
    """Whether each of the association's people has to have one in this installation."""
    return settings.STAFF_SECOND_FACTOR == _REQUIRED


def own_factor(*, actor: Actor) -> SecondFactor:
    """That of the actor, one of the association's, which is set up. Raises NotFound."""
    row = None
    if actor.firm_id is None and actor.user_id is not None:
        row = SecondFactor.objects.filter(user_id=actor.user_id, confirmed_at__isnull=False).first()
    if row is None:
        raise NotFound
    return row
