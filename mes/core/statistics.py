"""When a sum over firms may be shown: no reader of it may learn what one firm has."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

LEAST_FIRMS = 5
MOST_SHARE = Decimal("0.6")
"""Of the whole, for the largest firm in it."""


def may_be_shown(shares: Collection[Decimal]) -> bool:
    """Whether the sum of the firms' shares (one positive number each) may be shown: enough firms, none too large."""
    return len(shares) >= LEAST_FIRMS and max(shares) <= MOST_SHARE * sum(shares)
