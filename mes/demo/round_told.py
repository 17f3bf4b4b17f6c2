"""The round's figures as the JSON file and the card tell them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mes.demo.figures import rounded
from mes.demo.round_figures import RoundFigures

TONNES_PLACES, GAP_PLACES, PERCENT_PLACES = 1, 6, 2


def told(figures: RoundFigures) -> Mapping[str, Any]:
    """Plain values, rounded, in a fixed order."""
    return {
        "firms": figures.firms,
        "suppliers": figures.suppliers,
        "tonnes": float(rounded(figures.tonnes, TONNES_PLACES)),
        "gap": float(rounded(figures.gap, GAP_PLACES)),
        "greedy_extra_pct": float(rounded(figures.greedy_extra_pct, PERCENT_PLACES)),
    }


def lines(shown: Mapping[str, Any]) -> Iterator[str]:
    """The card's section."""
    yield f"bought             {shown['tonnes']} t for {shown['firms']} firms from {shown['suppliers']} suppliers"
    yield (
        f"award              at most {shown['gap'] * 100:.2f} % above what is proved to be lowest;"
        f" line by line and greedily it would cost {shown['greedy_extra_pct']} % more"
    )
