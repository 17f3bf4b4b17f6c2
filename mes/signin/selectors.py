"""What is asked of second factors before anybody is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from mes.signin.models import SecondFactor


@dataclass(frozen=True, slots=True)
class FactorState:
    """`version` counts the resets, from 1; `is_set_up`: a code is asked for."""

    version: int = 1
    is_set_up: bool = False


def factor_of(user_id: UUID) -> FactorState:
    """The state of a person's second factor, also of one who never had any."""
    row = SecondFactor.objects.filter(user_id=user_id).values_list("version", "confirmed_at").first()
    return FactorState() if row is None else FactorState(row[0], row[1] is not None)
