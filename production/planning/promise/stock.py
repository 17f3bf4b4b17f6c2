"""Material that nobody needs: available to promise."""

from collections.abc import Iterable
from dataclasses import dataclass

from production.planning.problem import MaterialArrival


@dataclass(frozen=True, slots=True)
class Take:
    """A batch of `lot` takes `grams` of a material from a firm's stock at a minute."""

    lot: str
    firm: str
    material: str
    at_min: int
    grams: int


def free_arrivals(arrivals: Iterable[MaterialArrival], takes: Iterable[Take]) -> tuple[MaterialArrival, ...]:
    """What the takes leave, as arrivals: at each minute no more than the balance never falls below afterwards.

    Cumulative available-to-promise: free(t) = min over u >= t of (arrived(u) - taken(u)), and each row is what it
    has grown by. Material that arrives and is taken at the same minute is there.
    """
    changes: dict[tuple[str, str], dict[int, int]] = {}
    for arrival in arrivals:
        there = changes.setdefault((arrival.firm, arrival.material), {})
        at_min = max(arrival.at_min, 0)
        there[at_min] = there.get(at_min, 0) + arrival.grams
    for take in takes:
        there = changes.setdefault((take.firm, take.material), {})
        at_min = max(take.at_min, 0)
        there[at_min] = there.get(at_min, 0) - take.grams
    found = []
    for (firm, material), there in sorted(changes.items()):
        for at_min, grams in _growth(there):
            found.append(MaterialArrival(f"{firm}:{material}:{at_min}", firm, material, at_min, grams))
    return tuple(found)


def _growth(changes: dict[int, int]) -> list[tuple[int, int]]:
    minutes = sorted(changes)
    balance, balances = 0, []
    for at_min in minutes:
        balance += changes[at_min]
        balances.append(balance)
    for index in range(len(balances) - 2, -1, -1):
        balances[index] = min(balances[index], balances[index + 1])
    free, growth = 0, []
    for at_min, lowest in zip(minutes, balances, strict=True):
        if lowest > free:
            growth.append((at_min, lowest - free))
            free = lowest
    return growth
