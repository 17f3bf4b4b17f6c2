"""Small job shops, and all their plans."""

from __future__ import annotations

from itertools import product
from random import Random

from production.planning.jobshop.instance import JobShop, Way

SMALL = "3 3\n2 2 1 3 2 4 1 3 5\n2 1 1 2 2 2 6 3 2\n2 2 2 2 3 3 2 1 4 2 4\n"


def random_shop(seed: int, *, jobs: int = 3, steps: int = 2, machines: int = 3, longest: int = 9) -> JobShop:
    """The same for the same seed; each operation has one to three ways."""
    chance = Random(seed)

    def ways() -> tuple[Way, ...]:
        chosen = sorted(chance.sample(range(machines), chance.randint(1, min(3, machines))))
        return tuple(Way(machine, chance.randint(1, longest)) for machine in chosen)

    return JobShop(machines, tuple(tuple(ways() for _ in range(steps)) for _ in range(jobs)))


def least_makespan(shop: JobShop) -> int:
    """By trying every order of the operations on every choice of machines, each begun as early as it can be."""
    return min(
        _shortest(shop, chosen, [0] * len(shop.jobs), [0] * len(shop.jobs), [0] * shop.machines)
        for chosen in product(*(product(*job) for job in shop.jobs))
    )


def _shortest(
    shop: JobShop, chosen: tuple[tuple[Way, ...], ...], done: list[int], ready: list[int], free: list[int]
) -> int:
    best = None
    for job, ways in enumerate(chosen):
        if done[job] == len(ways):
            continue
        way = ways[done[job]]
        end = max(ready[job], free[way.machine]) + way.time
        kept = ready[job], free[way.machine]
        done[job] += 1
        ready[job] = free[way.machine] = end
        found = _shortest(shop, chosen, done, ready, free)
        done[job] -= 1
        ready[job], free[way.machine] = kept
        best = found if best is None else min(best, found)
    return max(ready) if best is None else best
