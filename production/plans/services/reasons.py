"""Why lines are late or without a place, and which data is bad, as their firms and the association may know it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from orders.sales.choices import Consent
from production.planning.schedule import Note, Schedule
from production.plans.selectors.envelopes import Want, envelopes_missing
from production.plans.selectors.problem import Snapshot
from production.plans.services.redaction import reason_data

NO_MACHINE = "no_machine"
OWN_PRODUCT = "own_product"  # it is made at home only, whatever the line's consent

Told = tuple[str, Mapping[str, Any]]
"""A code and its data."""


# What a note may tell the association. How a firm routes its own product is not in it.
_TOLD = frozenset(
    {
        "due_min",
        "firms",
        "from_min",
        "least_lot_pieces",
        "line",
        "machine",
        "machines",
        "pieces",
        "process",
        "release_min",
        "until_min",
    }
)


def notes_told(notes: Iterable[Note]) -> list[Mapping[str, Any]]:
    """Codes and data, with keys of the problem; for the association, or for the firm that is planned alone."""
    return [{"code": note.code, "data": {name: value for name, value in note.data if name in _TOLD}} for note in notes]


def reasons_told(*, schedule: Schedule, lines: Set[str], snapshot: Snapshot) -> dict[str, list[Told]]:
    """The chain of each of `lines` that has one; an unplaced line's own reason is the first of its chain."""
    chains: dict[str, list[Told]] = {}
    wants: dict[tuple[str, int], Want] = {}
    for reason in schedule.reasons:
        if reason.line not in lines:
            continue
        chain = chains.setdefault(reason.line, [])
        line = snapshot.lines[reason.line]
        shown = reason_data(reason.data, reader=line.firm_id, snapshot=snapshot)
        if reason.code == NO_MACHINE:
            codes = frozenset(shown["classes"].split())
            wants[reason.line, len(chain)] = Want(line.firm_id, line.product_id, shown["process"], codes)
        at_home = reason.code == "consent_never" and line.consent != Consent.NEVER
        chain.append((OWN_PRODUCT if at_home else reason.code, shown))
    missing = envelopes_missing(wants.values()) if wants else {}
    for (key, index), want in wants.items():
        code, shown = chains[key][index]
        chains[key][index] = (code, {**shown, **missing[want]})
    return chains
