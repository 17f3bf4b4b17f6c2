"""The application's own scoping taken out, in all selectors and services at once: what the database's walls alone hold.

A firm's column in a filter is left out, whatever the model; `can` says yes and `require` lets by. The functions keep
their names and places, so that modules which imported them by name are patched too.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q, QuerySet

from mes.core import wall
from mes.core.actors import DatabaseRole
from mes.core.postgres import prepared
from mes.firms import access

FIRM_COLUMNS = {
    "firm", "firm_id", "giver", "giver_id", "doer", "doer_id", "supplier", "supplier_id", "seller", "seller_id",
}  # fmt: skip


def take_out(patch: pytest.MonkeyPatch) -> None:
    """Leaves only row-level security."""
    narrow = QuerySet._filter_or_exclude_inplace  # type: ignore[attr-defined]

    def wide(queryset: QuerySet[Any], negate: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if negate:
            return narrow(queryset, negate, args, kwargs)
        kept = {name: value for name, value in kwargs.items() if name not in FIRM_COLUMNS}
        return narrow(queryset, negate, tuple(map(_without_firms, args)), kept)

    patch.setattr(prepared, "_kept", {})  # those that were put together with the scoping in them
    patch.setattr(QuerySet, "_filter_or_exclude_inplace", wide)
    patch.setattr(access.can, "__code__", _can.__code__)
    patch.setattr(access.require, "__code__", _require.__code__)


def without_walls(patch: pytest.MonkeyPatch) -> None:
    """The control: firms work as the database's owner, whom no policy holds."""
    enter = wall._set

    def as_owner(role: str, **settings: str) -> None:
        enter("mes_owner" if role == DatabaseRole.FIRM else role, **settings)

    patch.setattr(wall, "_set", as_owner)


def _without_firms(condition: Any) -> Any:
    if not isinstance(condition, Q):
        return condition
    kept = Q(_connector=condition.connector, _negated=condition.negated)
    for child in condition.children:
        if isinstance(child, Q):
            kept.children.append(_without_firms(child))
        elif not (isinstance(child, tuple) and child[0] in FIRM_COLUMNS):
            kept.children.append(child)
    return kept


def _can(actor: Any, verb: str, obj: Any = None) -> bool:
    return True


def _require(actor: Any, verb: str, obj: Any = None) -> None:
    return None
