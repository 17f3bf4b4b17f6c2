"""What a reader may see of a plan: own machines by name, others by class; cost as an index for the association."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from production.planning.schedule import Data, Tiers
from production.plans.selectors.problem import Snapshot

# What a reason may tell anybody who reads it. A name that is not here is told only of the reader's own things.
_HARMLESS = frozenset(
    {
        "at_min",
        "available_min",
        "ceiling",
        "classes",
        "closed_min",
        "due_min",
        "finish_min",
        "horizon_min",
        "least_g",
        "least_min",
        "longest_wait",
        "machine_class",
        "mass_g",
        "material",
        "process",
        "refusal_cost_fen",
        "release_min",
        "short_g",
        "waited_min",
    }
)


def tiers_for_association(tiers: Tiers, *, base_cost_fen: int) -> dict[str, int]:
    """The objective without money: cost is an index, 100 being the first rule's plan."""
    shown = tiers._asdict()
    cost_fen = shown.pop("cost_fen")
    return shown | {"cost_index": 100 * cost_fen // base_cost_fen if base_cost_fen else 100}


def reason_data(data: Data, *, reader: UUID, snapshot: Snapshot) -> Mapping[str, Any]:
    """A reason's data for the firm `reader`.

    Another firm's machine becomes its class. Another firm, its offers, fees, lots and order lines are left out.
    """
    shown: dict[str, Any] = {}
    for name, value in data:
        if name == "machine":
            machine = snapshot.machines.get(str(value))
            own = machine is not None and machine.firm_id == reader
            if machine is not None:
                shown[name if own else "machine_class"] = machine.code if own else machine.class_code
        elif name in _HARMLESS or _belongs(name, str(value), reader, snapshot):
            shown[name] = value
    return shown


def _belongs(name: str, key: str, reader: UUID, snapshot: Snapshot) -> bool:
    if name == "firm":
        return snapshot.firms.get(key) == reader
    if name in {"line", "lot"}:
        return any(key.startswith(line) and its.firm_id == reader for line, its in snapshot.lines.items())
    return False
