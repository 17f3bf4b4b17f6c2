"""Blocks of int64: building them table by table, and looking at a table as rows and columns."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.int64]


def build_block(head: int, numbers: Mapping[int, int], tables: Mapping[int, Block]) -> Block:
    """A block with a head of `head` values: `numbers` as they are, and of each table where it begins."""
    size = head + sum(table.size for table in tables.values())
    block = np.zeros(size, np.int64)
    for place, number in numbers.items():
        block[place] = number
    at = head
    for place, table in tables.items():
        block[place] = at
        block[at : at + table.size] = table.ravel()
        at += table.size
    return block


def table_of(block: Block, place: int, rows: int, columns: int) -> Block:
    """A table of a block as rows and columns; writing to it writes to the block."""
    at = int(block[place])
    return block[at : at + rows * columns].reshape(rows, columns)


def table(rows: Sequence[Sequence[int]], columns: int) -> Block:
    """Rows as an array, also when there are none."""
    return np.array(rows, np.int64).reshape(len(rows), columns)
