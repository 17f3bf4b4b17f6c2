"""Why lines are late or without a place, as their firms and the association may know it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from orders.sales.choices import Consent
from production.planning.schedule import Schedule
from production.plans.selectors.envelopes import Want, envelopes_missing
from production.plans.selectors.problem import Snapshot
from production.plans.services.redaction import reason_data

NO_MACHINE = "no_machine"
OWN_PRODUCT = "own_product"  # it is made at home only, whatever the line's consent

Told = tuple[str, Mapping[str, Any]]
"""A code and its data."""


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
