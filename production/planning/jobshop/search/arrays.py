"""From the instance to the kernels' arrays."""

import numpy as np

from production.planning.jobshop.instance import JobShop
from production.planning.jobshop.kernel.shapes import Array, Shop


def shop_of(instance: JobShop) -> Shop:
    """Operations numbered job by job."""
    operations = instance.operations
    previous: list[int] = []
    following: list[int] = []
    alt_start, alt_machine, alt_time = [0], list[int](), list[int]()
    for job in instance.jobs:
        for index, ways in enumerate(job):
            number = len(previous)
            previous.append(number - 1 if index > 0 else operations)
            following.append(number + 1 if index < len(job) - 1 else operations)
            alt_machine += [way.machine for way in ways]
            alt_time += [way.time for way in ways]
            alt_start.append(len(alt_machine))
    room = np.bincount(np.array(alt_machine), minlength=instance.machines)

    def array(values: list[int]) -> Array:
        return np.array(values, dtype=np.int64)

    return Shop(
        previous=array([*previous, operations]),
        following=array([*following, operations]),
        alt_start=array(alt_start),
        alt_machine=array(alt_machine),
        alt_time=array(alt_time),
        row=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(room, dtype=np.int64)]),
    )
