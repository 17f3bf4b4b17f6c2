"""What each firm gets of a line, and from whom: `allocation` where firms approve different suppliers.

By class, then in proportion to the commitment among those who compete for the same suppliers; where all take any
supplier it comes to what `allocation.allocate` gives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from procurement.award.network import Network, tight_ratio
from procurement.award.problem import Commitment


@dataclass(frozen=True, slots=True)
class Spread:
    """got: (firm, supplier) to kg. rest_kg: what nobody can take."""

    got: dict[tuple[str, str], int]
    rest_kg: int

    def of_firm(self, firm: str) -> int:
        """From all suppliers."""
        return sum(kg for (name, _), kg in self.got.items() if name == firm)


@dataclass(slots=True)
class _Taker:
    commitment: Commitment
    group: int
    bags: int = 0


def spread(delivered_kg: dict[str, int], bag_kg: int, commitments: Iterable[Commitment]) -> Spread:
    """Of one line: kg by supplier, whole bags, to the firms that are in."""
    supply = {key: kg // bag_kg for key, kg in sorted(delivered_kg.items()) if kg}
    ordered = sorted(commitments, key=lambda item: (item.priority, item.tie))
    approved = [tuple(key for key in supply if item.approved is None or key in item.approved) for item in ordered]
    groups = sorted(set(approved))
    takers = [_Taker(item, groups.index(names)) for item, names in zip(ordered, approved, strict=True)]
    network = Network(supply, groups)
    for _, members in groupby(takers, key=lambda taker: taker.commitment.priority):
        _fill(network, [(taker, taker.commitment.wanted_kg // bag_kg) for taker in members])
    by_tie = sorted(takers, key=lambda taker: taker.commitment.tie)
    rooms = [(taker, (taker.commitment.most_kg - taker.commitment.wanted_kg) // bag_kg) for taker in by_tie]
    _fill(network, rooms)
    rest = sum(network.free.values()) * bag_kg
    return Spread(_told(network, takers, bag_kg), rest)


def _fill(network: Network, claims: list[tuple[_Taker, int]]) -> None:
    """Each its claim, or those who compete for too little in proportion, largest remainder first."""
    left = [claim for claim in claims if claim[1]]
    while left:
        weights: dict[int, int] = {}
        for taker, claim in left:
            weights[taker.group] = weights.get(taker.group, 0) + claim
        ratio, tight = tight_ratio(network, weights)
        now = [claim for claim in left if not tight or claim[0].group in tight]
        for taker, claim in now:
            _take(network, taker, claim * ratio.numerator // ratio.denominator)
        remainders = [(-(claim * ratio.numerator % ratio.denominator), -claim) for _, claim in now]
        for at in sorted(range(len(now)), key=lambda at: (*remainders[at], at)):
            if remainders[at][0]:
                _take(network, now[at][0], 1)
        left = [claim for claim in left if tight and claim[0].group not in tight]


def _take(network: Network, taker: _Taker, bags: int) -> None:
    taker.bags += network.push(taker.group, bags)


def _told(network: Network, takers: list[_Taker], bag_kg: int) -> dict[tuple[str, str], int]:
    """Groups' bags to their members in order, so that few firms have two suppliers on a line."""
    left = [dict(row) for row in network.flow]
    got: dict[tuple[str, str], int] = {}
    for taker in takers:
        bags = taker.bags
        row = left[taker.group]
        for name in row:
            part = min(bags, row[name])
            if part:
                got[taker.commitment.firm, name] = part * bag_kg
                row[name] -= part
                bags -= part
    return got
