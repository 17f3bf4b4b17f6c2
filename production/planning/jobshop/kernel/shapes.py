"""The flat arrays that the kernels share. Operations are numbered job by job; N stands for "none"."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.int64]


class Shop(NamedTuple):
    """What does not change. N operations, M machines, A ways to do an operation.

    previous, following: [N + 1] neighbours in the job, N where there is none.
    alt_start: [N + 1] where an operation's ways begin in alt_machine and alt_time, [A] each.
    row: [M + 1] where a machine's sequence begins; it has room for every operation that may stand there.
    """

    previous: Array
    following: Array
    alt_start: Array
    alt_machine: Array
    alt_time: Array
    row: Array


class Board(NamedTuple):
    """A plan and its longest paths.

    sequence: [A] operations machine by machine at `Shop.row`, count: [M] how many stand there.
    machine, time: [N + 1] where each operation is done and how long it takes; time[N] is 0.
    position: [N] index in its machine's sequence; before, after: [N + 1] neighbours there, N where there is none.
    end: [N + 1] earliest finish; rest: [N + 1] longest path from an operation's start to the end of all.
    order, place: [N] a topological order and its inverse; spare: [2 N] scratch.
    """

    sequence: Array
    count: Array
    machine: Array
    time: Array
    position: Array
    before: Array
    after: Array
    end: Array
    rest: Array
    order: Array
    place: Array
    spare: Array


class Memory(NamedTuple):
    """A plan to go back to: machine and topological order, [N] each; value: [1] its makespan."""

    machine: Array
    order: Array
    value: Array


def board_for(shop: Shop) -> Board:
    """An empty board."""
    operations = len(shop.previous) - 1

    def zeros(length: int) -> Array:
        return np.zeros(length, dtype=np.int64)

    return Board(
        sequence=zeros(len(shop.alt_machine)),
        count=zeros(len(shop.row) - 1),
        machine=zeros(operations + 1),
        time=zeros(operations + 1),
        position=zeros(operations),
        before=zeros(operations + 1),
        after=zeros(operations + 1),
        end=zeros(operations + 1),
        rest=zeros(operations + 1),
        order=zeros(operations),
        place=zeros(operations + 1),
        spare=zeros(2 * operations),
    )


def memory_for(shop: Shop) -> Memory:
    """A memory of nothing: its makespan is beyond all."""
    operations = len(shop.previous) - 1
    return Memory(
        machine=np.zeros(operations, dtype=np.int64),
        order=np.zeros(operations, dtype=np.int64),
        value=np.full(1, 1 << 60, dtype=np.int64),
    )
