"""State machines: a table of allowed moves beside the choices, and a compare-and-set update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Func
from django.utils.translation import gettext as _

from mes.core.audit import Change, changed
from mes.core.errors import NotAllowedInState, StaleState

Moves = Mapping[str, frozenset[str]]


def table(**moves: tuple[str, ...]) -> Moves:
    """A table of moves: each state with those that may follow it. A state that is named only as a goal is final."""
    goals = {goal for targets in moves.values() for goal in targets}
    return {state: frozenset(moves.get(state, ())) for state in {*moves, *goals}}


def move(obj: models.Model, to: str, *, moves: Moves, field: str = "status", **changes: Any) -> dict[str, Change]:
    """Moves `obj` to state `to`, writing `changes` with it, if it is still in the state that was read.

    Returns what was changed, for the audit. Raises NotAllowedInState when the table has no such move, StaleState when
    somebody was faster.
    """
    now = getattr(obj, field)
    if to not in moves.get(now, frozenset()):
        described: Any = type(obj)._meta.get_field(field)
        words = dict(described.flatchoices)
        known = {"now": words.get(now, now), "to": words.get(to, to)}
        raise NotAllowedInState(_("A move from %(now)s to %(to)s is not allowed.") % known)
    values = {field: to, **changes}
    told = changed(obj, {name: value for name, value in values.items() if not isinstance(value, Func)})
    if type(obj)._base_manager.filter(pk=obj.pk, **{field: now}).update(**values) != 1:
        raise StaleState
    for name, value in values.items():
        setattr(obj, name, value)
    return told


def diagram(moves: Moves) -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    lines = [f"    {state} --> {goal}" for state in sorted(moves) for goal in sorted(moves[state])]
    return "\n".join(["stateDiagram-v2", *lines])
