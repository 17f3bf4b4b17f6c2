"""When a sum over firms may be shown: no reader of it, or of several, may learn what one firm has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
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
    changed = [change for change in _changes(earlier, later) if change]
    return not changed or may_be_shown(changed)


def _changes(earlier: Shares, later: Shares) -> list[Decimal]:
    return [abs(later.get(firm, Decimal()) - earlier.get(firm, Decimal())) for firm in {*earlier, *later}]


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


def may_be_shown_to_each(shares: Collection[Decimal]) -> bool:
    """Whether the sum may be shown to the firms themselves: what is left may be, whoever takes away his own.

    It is hardest where the reader is the second largest: the largest then has the most of the rest.
    """
    largest = sorted((share for share in shares if share), reverse=True)
    return len(largest) > LEAST_FIRMS and largest[0] <= MOST_SHARE * (sum(largest) - largest[1])


class SumsTold:
    """The sums of one series that have been told, in their order, to firms that have a part in them.

    A reader may know all sums told, his own shares, and when a firm's share is what it was in another sum. No sum and
    no difference of two tells him of a firm, by may_be_shown_to_each; and however he adds up sums and takes them from
    each other, what is left is never one other firm's. So that this can be decided quickly, sums that follow from
    others (over the two-element field) are withheld as well.
    """

    def __init__(self) -> None:
        self._told: list[Shares] = []
        self._told_before: list[Shares] = []
        self._decided: dict[frozenset[tuple[Any, Decimal]], bool] = {}
        self._unknowns: dict[tuple[Any, Decimal], int] = {}  # a firm's share, new each time it changes, as a bit
        self._spans: dict[frozenset[Any], list[int]] = {}  # by two firms: the sums told, without what they have

    def may_have_been_told(self, shares: Shares) -> None:
        """A sum of an earlier series: none of this one may tell of a firm by its difference from it."""
        positive = {firm: share for firm, share in shares.items() if share}
        if may_be_shown_to_each(positive.values()) and positive not in self._told_before:
            self._told_before.append(positive)

    def tell(self, shares: Shares) -> bool:
        """Whether the sum of the next period may be told; if so, it has been told from now on."""
        positive = {firm: share for firm, share in shares.items() if share}
        key = frozenset(positive.items())
        if key not in self._decided:  # what was withheld stays so, for more has been told since
            self._decided[key] = self._may_tell(positive) and self._joins(positive)
            if self._decided[key]:
                self._told.append(positive)
        return self._decided[key]

    def _may_tell(self, shares: Shares) -> bool:
        if not may_be_shown_to_each(shares.values()):
            return False
        others = [other for other in self._told_before + self._told if other != shares]
        return all(may_be_shown_to_each(_changes(other, shares)) for other in others)

    def _joins(self, shares: Shares) -> bool:
        """Keeps the sum if all sums are still independent when the shares of any two firms are known, or says no.

        Then a combination of sums with no other firm in it than the reader and one more is empty.
        """
        for unknown in shares.items():
            self._unknowns.setdefault(unknown, 1 << len(self._unknowns))
        rests = {}
        for pair in map(frozenset, combinations({firm for firm, _share in self._unknowns}, 2)):
            if pair not in self._spans:
                self._spans[pair] = []
                for told in self._told:
                    self._spans[pair].append(self._rest(pair, told))
            rests[pair] = self._rest(pair, shares)
            if not rests[pair]:
                return False
        for pair, rest in rests.items():
            self._spans[pair].append(rest)
        return True

    def _rest(self, pair: frozenset[Any], shares: Shares) -> int:
        """What the sum has of other firms and does not follow from the sums before it."""
        rest = sum(self._unknowns[unknown] for unknown in shares.items() if unknown[0] not in pair)
        for told in self._spans[pair]:
            rest = min(rest, rest ^ told)
        return rest
