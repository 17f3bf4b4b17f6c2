"""Writes audit rows: the last paragraph of each service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.models import AuditRow


def record(
    *,
    actor: Actor,
    verb: str,
    obj: models.Model,
    firm_id: UUID | None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """One audit row about `obj`, in the transaction of the act. `changes` maps field names to new values."""
    AuditRow.objects.create(
        at=DatabaseNow(),
        firm_id=firm_id,
        actor_user_id=actor.user_id,
        actor_firm_id=actor.firm_id,
        channel=str(actor.channel),
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=obj.pk,
        changes={name: plain(value) for name, value in (changes or {}).items()},
    )


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers with decimals, dates and keys become text."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
