"""A tabu walk: each step moves one operation of a longest path to where the path through it is estimated shortest."""

from typing import NamedTuple

import numpy as np

from production.planning.jobshop.kernel.board import makespan, move, remember
from production.planning.jobshop.kernel.choice import (
    FAR,
    INDEX,
    OPERATION,
    OTHER,
    TIES,
    WAY,
    clear,
    elsewhere,
    within,
)
from production.planning.jobshop.kernel.shapes import Array, Board, Memory, Shop
from production.planning.kernel.compiler import kernel
from production.planning.kernel.generator import COIN, draw


class Walk(NamedTuple):
    """Where a walk stands: until: [A] step until which a way is tabu, step: [1], stalled: [1] steps without a better
    plan, best: [1] makespan of the walk's best; path: [N + 1] and choice: [10] are scratch."""

    until: Array
    step: Array
    stalled: Array
    best: Array
    path: Array
    choice: Array


def walk_for(shop: Shop) -> Walk:
    """A walk that has not begun."""
    one = np.zeros(1, dtype=np.int64)
    return Walk(
        until=np.zeros(len(shop.alt_machine), dtype=np.int64),
        step=one,
        stalled=one.copy(),
        best=np.full(1, FAR, dtype=np.int64),
        path=np.zeros(len(shop.previous), dtype=np.int64),
        choice=np.zeros(2 * OTHER, dtype=np.int64),
    )


@kernel
def longest_path(shop: Shop, board: Board, walk: Walk, value: int, state: Array) -> int:
    """A longest path, drawn at random where paths part; gives its length in operations."""
    none = len(board.order)
    seen = 0
    operation = none
    for machine in range(len(board.count)):
        if board.count[machine] > 0:
            last = board.sequence[shop.row[machine] + board.count[machine] - 1]
            if board.end[last] == value:
                seen += 1
                if draw(state, seen) == 0:
                    operation = last
    length = 0
    while operation != none:
        walk.path[length] = operation
        length += 1
        head = board.end[operation] - board.time[operation]
        by_job = shop.previous[operation]
        by_machine = board.before[operation]
        operation = none
        if head > 0:
            if board.end[by_job] == head:
                operation = by_job
            if board.end[by_machine] == head and (operation == none or draw(state, COIN) == 0):
                operation = by_machine
    return length


@kernel
def way_of(shop: Shop, board: Board, operation: int) -> int:
    """The way in which the operation is done now."""
    way = shop.alt_start[operation]
    while shop.alt_machine[way] != board.machine[operation] or shop.alt_time[way] != board.time[operation]:
        way += 1
    return way


@kernel
def walk_on(shop: Shop, board: Board, walk: Walk, best: Memory, settings: Array, state: Array, steps: int) -> int:
    """Takes up to `steps` steps; gives how many. Ends when stalled for settings[0] steps or at settings[1], a bound.

    settings[2]: how far an operation moves on its own machine; [3], [4]: least tenure and spread of the tabu;
    [5]: what a unit of work weighs among moves of one value.
    """
    choice = walk.choice
    value = makespan(shop, board)
    taken = 0
    while taken < steps:
        if value < walk.best[0]:
            walk.best[0] = value
            walk.stalled[0] = 0
            if value < best.value[0]:
                remember(board, best, value)
        if value <= settings[1] or walk.stalled[0] >= settings[0]:
            break
        taken += 1
        walk.step[0] += 1
        walk.stalled[0] += 1
        step = walk.step[0]
        clear(choice)
        length = longest_path(shop, board, walk, value, state)
        elsewhere(
            walk.path,
            length,
            shop.previous,
            shop.following,
            shop.alt_start,
            shop.alt_machine,
            shop.alt_time,
            shop.row,
            board.sequence,
            board.count,
            board.machine,
            board.time,
            board.end,
            board.rest,
            walk.until,
            step,
            walk.best[0],
            settings[5],
            choice,
            state,
        )
        within(
            walk.path,
            length,
            shop.previous,
            shop.following,
            shop.alt_start,
            shop.alt_machine,
            board.machine,
            board.position,
            board.before,
            board.after,
            board.time,
            board.end,
            board.rest,
            board.spare,
            walk.until,
            step,
            walk.best[0],
            settings[2],
            choice,
            state,
        )
        chosen = 0
        if choice[TIES] == 0:
            chosen = OTHER
            if choice[OTHER + TIES] == 0:
                break  # a path of operations that can only stand where they are: nothing is shorter
        operation = choice[chosen + OPERATION]
        way = choice[chosen + WAY]
        left = way_of(shop, board, operation)
        if move(shop, board, operation, shop.alt_machine[way], choice[chosen + INDEX], shop.alt_time[way]):
            ways = shop.alt_start[operation + 1] - shop.alt_start[operation]
            spread = settings[4] + board.count[shop.alt_machine[left]] // 2
            walk.until[left] = step + settings[3] + ways + draw(state, spread)
            value = makespan(shop, board)
        else:
            walk.until[way] = step + settings[3] + draw(state, settings[4])
    return taken
