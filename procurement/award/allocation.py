"""What several claims get of one quantity: by class, then in proportion, exact to the bag.

The same for an award line, for a delivery that is short and for one that brings too much. Who asks first, and in which
order the claims are told, means nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from procurement.award.errors import AwardError


@dataclass(frozen=True, slots=True)
class Claim:
    """claim_kg: what was locked. most_kg: what is taken if there is too much. Both whole bags.

    priority: class; a lower number comes first. tie: decides between equals, fixed when the round is frozen.
    """

    key: str
    claim_kg: int
    most_kg: int
    tie: str
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Allocation:
    """kg: by the claims' keys, each named. rest_kg: what nobody takes."""

    kg: dict[str, int]
    rest_kg: int


def allocate(kg: int, bag_kg: int, claims: Iterable[Claim]) -> Allocation:
    """Too little: a class is served whole before the next, and the class that is cut shares in proportion to what was
    locked, by largest remainder. Too much: each gets its claim, and shares the rest in proportion to its room.

    Raises AwardError for what is not whole bags or below nothing, for a key or a tie that is there twice.
    """
    ordered = sorted(claims, key=lambda claim: (claim.priority, claim.tie))
    _check(kg, bag_kg, ordered)
    got = {claim.key: 0 for claim in ordered}
    left = kg // bag_kg
    for _, group in groupby(ordered, key=lambda claim: claim.priority):
        left -= _give(got, left, [(claim.key, claim.claim_kg // bag_kg) for claim in group])
    rooms = [
        (claim.key, (claim.most_kg - claim.claim_kg) // bag_kg) for claim in sorted(ordered, key=lambda item: item.tie)
    ]
    left -= _give(got, left, rooms)
    return Allocation({key: bags * bag_kg for key, bags in got.items()}, left * bag_kg)


def _give(got: dict[str, int], bags: int, claims: list[tuple[str, int]]) -> int:
    """Adds to each what it gets of the bags; gives how many went."""
    wanted = sum(claim for _, claim in claims)
    weights = [claim for _, claim in claims]
    parts = weights if wanted <= bags else in_proportion(bags, weights)
    for (key, _), part in zip(claims, parts, strict=True):
        got[key] += part
    return sum(parts)


def in_proportion(bags: int, weights: list[int]) -> list[int]:
    """Whole bags in proportion to the weights, by largest remainder; of equal remainders the first come first.

    A larger weight never gets less than a smaller one, and nobody a bag more or less than its proportion.
    """
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    parts = [bags * weight // total for weight in weights]
    first = sorted(range(len(weights)), key=lambda at: (-(bags * weights[at] % total), -weights[at], at))
    for at in first[: bags - sum(parts)]:
        parts[at] += 1
    return parts


def _check(kg: int, bag_kg: int, claims: list[Claim]) -> None:
    if bag_kg < 1:
        raise AwardError("bag_kg", f"must be at least 1, not {bag_kg}")
    if kg < 0 or kg % bag_kg:
        raise AwardError("kg", f"{kg} is not whole bags of {bag_kg}")
    for claim in claims:
        if not 0 <= claim.claim_kg <= claim.most_kg or claim.claim_kg % bag_kg or claim.most_kg % bag_kg:
            raise AwardError(f"Claim[{claim.key}]", f"{claim.claim_kg} to {claim.most_kg} are not whole bags")
    for name, keys in (("key", [item.key for item in claims]), ("tie", [item.tie for item in claims])):
        if len(set(keys)) != len(keys):
            raise AwardError(f"Claim.{name}", "is there twice")
