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
        "closed_min",
        "due_min",
        "finish_min",
        "from_min",
        "horizon_min",
        "late_min",
        "later_min",
        "least_lot_pieces",
        "least_min",
        "longest_wait",
        "mass_g",
        "material",
        "overtime_min",
        "pieces",
        "process",
        "release_min",
        "shifts",
        "short_g",
        "waited_min",
    }
)


# Keys of classes in the problem name the firms' approvals behind a plus sign.
_CLASSES = frozenset({"classes", "machine_class"})
_LOAD = frozenset({"waited_min", "closed_min"})


def tiers_for_association(tiers: Tiers, *, base_cost_fen: int) -> dict[str, int]:
    """The objective without money: cost is an index, 100 being the first rule's plan."""
    shown = tiers._asdict()
    cost_fen = shown.pop("cost_fen")
    return shown | {"cost_index": 100 * cost_fen // base_cost_fen if base_cost_fen else 100}


def reason_data(data: Data, *, reader: UUID, snapshot: Snapshot) -> Mapping[str, Any]:
    """A reason's data for the firm `reader`.

    Another firm's machine becomes its class, without how long it is taken: that would tell its load. Another firm, its
    offers, fees, lots and order lines are left out. Machine classes appear without the approvals of who has them.
    """
    shown: dict[str, Any] = {}
    machines = [snapshot.machines.get(str(value)) for name, value in data if name == "machine"]
    is_others = any(machine is None or machine.firm_id != reader for machine in machines)
    for name, value in data:
        if name == "machine":
            machine = snapshot.machines.get(str(value))
            own = machine is not None and machine.firm_id == reader
            if machine is not None:
                shown[name if own else "machine_class"] = machine.code if own else machine.class_code
        elif name in _CLASSES:
            shown.setdefault(name, " ".join(sorted({key.partition("+")[0] for key in str(value).split()})))
        elif name in _LOAD and is_others:
            continue
        elif name == "pool":
            firm_code, _colon, code = str(value).partition(":")
            if snapshot.firms.get(firm_code) == reader:
                shown[name] = code
        elif name in _HARMLESS or _belongs(name, str(value), reader, snapshot):
            shown[name] = value
    return shown


def _belongs(name: str, key: str, reader: UUID, snapshot: Snapshot) -> bool:
    if name == "firm":
        return snapshot.firms.get(key) == reader
    if name == "lines":
        return all(_belongs("line", one, reader, snapshot) for one in key.split())
    if name in {"line", "lot"}:
        return any(key.startswith(line) and its.firm_id == reader for line, its in snapshot.lines.items())
    return False
