"""When a sum over firms may be shown: no reader of it, or of several, may learn what one firm has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

LEAST_FIRMS = 5
MOST_SHARE = Decimal("0.6")
"""Of the whole, for the largest firm in it."""

Shares = Mapping[Any, Decimal]
"""What each firm has, by the firm."""


def may_be_shown(shares: Collection[Decimal]) -> bool:
    """Whether the sum of the firms' shares (one positive number each) may be shown: enough firms, none too large."""
    return len(shares) >= LEAST_FIRMS and max(shares) <= MOST_SHARE * sum(shares)


def may_be_compared(earlier: Shares, later: Shares) -> bool:
    """Whether one sum subtracted from the other tells of no firm: what changed is itself a sum that may be shown."""
    changes = [abs(later.get(firm, Decimal()) - earlier.get(firm, Decimal())) for firm in {*earlier, *later}]
    changed = [change for change in changes if change]
    return not changed or may_be_shown(changed)


def shown_of(periods: Sequence[Shares]) -> list[bool]:
    """For each period of a series, the earliest first, whether its sum may be shown.

    A period is withheld when its own sum tells of a firm, or its difference from a period that is shown.
    """
    shown: list[Shares] = []
    told = []
    for shares in periods:
        positive = {firm: share for firm, share in shares.items() if share}
        told.append(may_be_shown(positive.values()) and all(may_be_compared(other, positive) for other in shown))
        if told[-1]:
            shown.append(positive)
    return told
