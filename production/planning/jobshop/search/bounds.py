"""Makespans that no plan can beat, each proved in whole numbers."""

import numpy as np

from production.planning.jobshop.instance import JobShop
from production.planning.jobshop.kernel.shapes import Array

PRICE_UNITS = 1 << 20
ROUNDS = 400
MOST_CELLS = 1 << 22


def job_bound(instance: JobShop) -> int:
    """The longest job, each operation at its fastest."""
    return max(sum(min(way.time for way in ways) for ways in job) for job in instance.jobs)


def work_bound(instance: JobShop) -> int:
    """The work that must be shared among machines, with what each must wait before and leave behind.

    Any prices of machines that add up to one prove a bound: each operation pays at least its cheapest way, and each
    machine is idle at least until the first operation that may stand there can come, and after the last. Good prices
    are found by raising those of overloaded machines; the bound is then computed in whole numbers.
    """
    operations = [ways for job in instance.jobs for ways in job]
    if len(operations) * instance.machines > MOST_CELLS:
        return 0
    heads, tails = _margins(instance)
    machines = np.flatnonzero(heads >= 0)
    far = int(sum(max(way.time for way in ways) for ways in operations)) + 1
    times = np.full((len(operations), instance.machines), far, dtype=np.int64)
    for number, ways in enumerate(operations):
        for way in ways:
            times[number, way.machine] = way.time
    times = times[:, machines]
    idle = (heads + tails)[machines]
    prices = np.full(len(machines), 1.0 / len(machines))
    best = 0
    for turn in range(ROUNDS):
        best = max(best, _proved(times, idle, prices))
        loads = _loads(times, idle, prices)
        top = loads.max()
        if top <= 0:
            break
        prices *= np.exp((loads / top - 1.0) * (8.0 / (8.0 + turn)))
        prices /= prices.sum()
    return best


def _margins(instance: JobShop) -> tuple[Array, Array]:
    """For each machine the least time before the first and after the last operation there; heads -1: never used."""
    heads = np.full(instance.machines, -1, dtype=np.int64)
    tails = np.full(instance.machines, -1, dtype=np.int64)
    for job in instance.jobs:
        least = [min(way.time for way in ways) for ways in job]
        head, total = 0, sum(least)
        for ways, time in zip(job, least, strict=True):
            tail = total - head - time
            for way in ways:
                heads[way.machine] = head if heads[way.machine] < 0 else min(heads[way.machine], head)
                tails[way.machine] = tail if tails[way.machine] < 0 else min(tails[way.machine], tail)
            head += time
    return heads, tails


def _proved(times: Array, idle: Array, prices: np.ndarray) -> int:
    """The bound that these prices prove, rounded to whole price units."""
    units = np.floor(prices * PRICE_UNITS).astype(np.int64)
    total = int(units.sum())
    if total == 0:
        return 0
    paid = sum(int(least) for least in (times * units).min(axis=1)) + int((idle * units).sum())
    return -(-paid // total)


def _loads(times: Array, idle: Array, prices: np.ndarray) -> np.ndarray:
    """Machines' loads when each operation takes its cheapest way, shared where ways cost nearly the same."""
    costs = times * prices
    cheapest = costs.min(axis=1, keepdims=True)
    close = costs <= cheapest * 1.02 + 1e-12
    shares = close / close.sum(axis=1, keepdims=True)
    loads: np.ndarray = (shares * times).sum(axis=0) + idle
    return loads
