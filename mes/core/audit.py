"""Writes audit rows: the last paragraph of each service.

What changed is told as old and new value. `changed` compares a row with what it is about to become, `states.move`
returns what it moved, `made` and `removed` tell the fields of a row that comes or goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models

from mes.core.actors import Actor
from mes.core.ids import new_id
from mes.core.tenancy import Office
from mes.core.walls import tenancy_of

# Nothing is returned: the exchange's role adds rows and reads none.
_INSERT = """
    INSERT INTO core_auditrow
           (id, at, firm_id, actor_user_id, actor_firm_id, channel, verb, object_type, object_id, changes,
            of_round)
    VALUES (%s, clock_timestamp(), %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
"""


class Change(NamedTuple):
    """A field before and after."""

    old: Any
    new: Any


def changed(row: models.Model | None, values: Mapping[str, Any]) -> dict[str, Change]:
    """Which fields `values` would change, with what they are now. No row: it is made, so all of them."""
    before = {name: None if row is None else getattr(row, name) for name in values}
    return {name: Change(before[name], new) for name, new in values.items() if row is None or before[name] != new}


def removed(values: Mapping[str, Any]) -> dict[str, Change]:
    """The fields of something that is no more."""
    return {name: Change(old, None) for name, old in values.items()}


def record(
    *,
    actor: Actor,
    verb: str,
    obj: models.Model,
    firm_id: UUID | None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """One audit row about `obj`, in the transaction of the act, read by the office whose affair `obj` is.

    `changes` maps names to a Change; any other value is new: there was nothing before. Never in it: a
    person's name, a customer, a selling price.
    """
    pairs = {
        name: value if isinstance(value, Change) else Change(None, value) for name, value in (changes or {}).items()
    }
    told = {name: [plain(pair.old), plain(pair.new)] for name, pair in pairs.items()}
    values = (
        new_id(),
        firm_id,
        actor.user_id,
        actor.firm_id,
        str(actor.channel),
        verb,
        obj._meta.label_lower,
        obj.pk,
        json.dumps(told),
        tenancy_of(type(obj)).office is Office.ROUND,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers with decimals, dates, keys and rows become text."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, Set):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
