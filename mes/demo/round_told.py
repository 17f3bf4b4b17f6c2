"""The round's figures as the JSON file and the card tell them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mes.demo.figures import rounded
from mes.demo.round_figures import RoundFigures

TONNES_PLACES, GAP_PLACES, PERCENT_PLACES = 1, 6, 2


def told(figures: RoundFigures) -> Mapping[str, Any]:
    """Plain values, rounded, in a fixed order; what no key of this run has a part in."""
    low, mid, high = figures.saving
    return {
        "firms": figures.firms,
        "tonnes": float(rounded(figures.tonnes, TONNES_PLACES)),
        "gap": float(rounded(figures.gap, GAP_PLACES)),
        "greedy_extra_pct": float(rounded(figures.greedy_extra_pct, PERCENT_PLACES)),
        "ledger_sum_fen": figures.ledger_sum_fen,
        "saving_pct": float(mid),
        "saving_band": [float(low), float(high)],
        "coverage_pct": figures.coverage_pct,
    }


def lines(figures: RoundFigures) -> Iterator[str]:
    """The card's section."""
    low, mid, high = figures.saving
    tonnes = rounded(figures.tonnes, TONNES_PLACES)
    yield f"bought             {tonnes} t for {figures.firms} firms from {figures.suppliers} suppliers"
    yield (
        f"award              at most {rounded(figures.gap * 100, GAP_PLACES - 2)} % dearer than what is proved lowest;"
        f" the greedy one {rounded(figures.greedy_extra_pct, PERCENT_PLACES)} % dearer than it"
    )
    yield (
        f"deliveries         {figures.loads} loads, {figures.claims} claims settled;"
        f" ledgers sum to {figures.ledger_sum_fen} fen"
    )
    yield (
        f"saving             {mid} % ({low} to {high}), {figures.coverage_pct} % of spend evidenced;"
        f" {'told to all members' if figures.is_told else 'withheld from members: it would tell of a firm'}"
    )
