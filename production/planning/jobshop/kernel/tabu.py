"""A tabu walk: each step moves one operation of a longest path to where the path through it is estimated shortest."""

from typing import NamedTuple

import numpy as np

from production.planning.jobshop.kernel.board import makespan, move, remember
from production.planning.jobshop.kernel.shapes import Array, Board, Memory, Shop
from production.planning.kernel.compiler import kernel
from production.planning.kernel.generator import draw

FAR = 1 << 60
SCALE = 1 << 18


class Walk(NamedTuple):
    """Where a walk stands: until: [A] step until which a way is tabu, step: [1], stalled: [1] steps without a better
    plan, best: [1] makespan of the walk's best, path: [N] scratch."""

    until: Array
    step: Array
    stalled: Array
    best: Array
    path: Array


class Move(NamedTuple):
    """The move chosen: [5] value, operation, way, index, number of ties; and any other, drawn at random."""

    chosen: Array
    any_other: Array


def walk_for(shop: Shop) -> tuple[Walk, Move]:
    """A walk that has not begun."""
    one = np.zeros(1, dtype=np.int64)
    walk = Walk(
        until=np.zeros(len(shop.alt_machine), dtype=np.int64),
        step=one,
        stalled=one.copy(),
        best=np.full(1, FAR, dtype=np.int64),
        path=np.zeros(len(shop.previous), dtype=np.int64),
    )
    return walk, Move(np.zeros(5, dtype=np.int64), np.zeros(5, dtype=np.int64))


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
            if board.end[by_machine] == head and (operation == none or draw(state, 2) == 0):
                operation = by_machine
    return length


@kernel
def consider(found: Move, value: int, operation: int, way: int, index: int, state: Array) -> None:
    """Keeps the least value, equal ones by lot."""
    chosen = found.chosen
    if value > chosen[0]:
        return
    chosen[4] = chosen[4] + 1 if value == chosen[0] else 1
    if chosen[4] == 1 or draw(state, chosen[4]) == 0:
        chosen[0] = value
        chosen[1] = operation
        chosen[2] = way
        chosen[3] = index


@kernel
def consider_any(found: Move, operation: int, way: int, index: int, state: Array) -> None:
    """One of the forbidden, by lot."""
    chosen = found.any_other
    chosen[4] += 1
    if draw(state, chosen[4]) == 0:
        chosen[1] = operation
        chosen[2] = way
        chosen[3] = index


@kernel
def other_machines(
    shop: Shop, board: Board, walk: Walk, found: Move, operation: int, settings: Array, state: Array
) -> None:
    """Insertions on other machines, between what must come before and what must come after (Mastrolilli and
    Gambardella): those positions hold a best one, and none closes a cycle."""
    release = board.end[shop.previous[operation]]
    follow = board.rest[shop.following[operation]]
    step = walk.step[0]
    for way in range(shop.alt_start[operation], shop.alt_start[operation + 1]):
        machine = shop.alt_machine[way]
        if machine == board.machine[operation]:
            continue
        time = shop.alt_time[way]
        bound = release + time + follow
        clip = walk.best[0] - settings[5]
        extra = (time - board.time[operation]) * settings[6]
        if max(bound, clip) * SCALE > found.chosen[0]:
            continue
        row = shop.row[machine]
        count = board.count[machine]
        low = 0
        high = count
        while low < high:  # the first that ends after the release
            middle = (low + high) >> 1
            if board.end[board.sequence[row + middle]] > release:
                high = middle
            else:
                low = middle + 1
        ending = low
        low = 0
        high = count
        while low < high:  # the first that leaves no more behind it than the job does
            middle = (low + high) >> 1
            if board.rest[board.sequence[row + middle]] > follow:
                low = middle + 1
            else:
                high = middle
        value = FAR
        worst = FAR
        index = -1
        ties = 0
        for place in range(min(ending, low), max(ending, low) + 1):
            head = release
            if place > 0:
                head = max(head, board.end[board.sequence[row + place - 1]])
            tail = follow
            push = 0
            if place < count:
                other = board.sequence[row + place]
                tail = max(tail, board.rest[other])
                push = max(0, head + time - board.end[other] + board.time[other])
            longest = head + time + tail
            second = max(0, min(SCALE - 1, SCALE // 2 + extra + push * settings[7]))
            key = max(longest, clip) * SCALE + second
            if key < value:
                ties = 1
                value = key
                worst = longest
                index = place
            elif key == value:
                ties += 1
                if draw(state, ties) == 0:
                    index = place
                    worst = longest
        if walk.until[way] > step and worst >= walk.best[0]:
            consider_any(found, operation, way, index, state)
        else:
            consider(found, value, operation, way, index, state)


@kernel
def value_to_the_right(shop: Shop, board: Board, operation: int, passed: int) -> int:
    """The longest path through the operation and those it passes on its machine, once it stands behind them."""
    none = len(board.order)
    end = board.end[board.before[operation]]
    other = operation
    for _ in range(passed):
        other = board.after[other]
        end = max(end, board.end[shop.previous[other]]) + board.time[other]
        board.spare[other] = end
    end = max(end, board.end[shop.previous[operation]]) + board.time[operation]
    rest = max(board.rest[board.after[other]], board.rest[shop.following[operation]])
    value = end + rest
    rest += board.time[operation]
    while other != operation and other != none:
        rest = max(rest, board.rest[shop.following[other]])
        value = max(value, board.spare[other] + rest)
        rest += board.time[other]
        other = board.before[other]
    return value


@kernel
def value_to_the_left(shop: Shop, board: Board, operation: int, passed: int) -> int:
    """As `value_to_the_right`, once it stands before them."""
    none = len(board.order)
    rest = board.rest[board.after[operation]]
    other = operation
    for _ in range(passed):
        other = board.before[other]
        rest = max(rest, board.rest[shop.following[other]]) + board.time[other]
        board.spare[other] = rest
    rest = max(rest, board.rest[shop.following[operation]]) + board.time[operation]
    end = max(board.end[board.before[other]], board.end[shop.previous[operation]])
    value = end + rest
    end += board.time[operation]
    while other != operation and other != none:
        end = max(end, board.end[shop.previous[other]])
        value = max(value, end + board.spare[other])
        end += board.time[other]
        other = board.after[other]
    return value


@kernel
def same_machine(
    shop: Shop, board: Board, walk: Walk, found: Move, operation: int, way: int, block: Array, state: Array
) -> None:
    """Moves inside the operation's block of the path: block[0] of it stand before, block[1] behind.

    To an end of the block, or of the first and the last to any place in it; what is farther than block[2] is left.
    """
    none = len(board.order)
    step = walk.step[0]
    other = operation
    for passed in range(1, min(block[1], block[2]) + 1):
        other = board.after[other]
        follower = shop.following[operation]
        if follower != none and board.rest[other] < board.rest[follower]:
            head = board.end[other] - board.time[other]
            if head >= board.end[follower]:
                break  # a path from the job's next operation may lead here
        if block[0] > 0 and passed != block[1] and passed != 1:
            continue
        value = value_to_the_right(shop, board, operation, passed)
        index = board.position[operation] + passed
        if walk.until[way] > step and value >= walk.best[0]:
            consider_any(found, operation, way, index, state)
        else:
            consider(found, max(value, walk.best[0] - block[3]) * SCALE + SCALE // 2, operation, way, index, state)
    other = operation
    for passed in range(1, min(block[0], block[2]) + 1):
        other = board.before[other]
        leader = shop.previous[operation]
        if leader != none and board.end[other] < board.end[leader]:
            tail = board.rest[other] - board.time[other]
            if tail >= board.rest[leader]:
                break
        if block[1] > 0 and passed != block[0] and passed != 1:
            continue
        value = value_to_the_left(shop, board, operation, passed)
        index = board.position[operation] - passed
        if walk.until[way] > step and value >= walk.best[0]:
            consider_any(found, operation, way, index, state)
        else:
            consider(found, max(value, walk.best[0] - block[3]) * SCALE + SCALE // 2, operation, way, index, state)


@kernel
def way_of(shop: Shop, board: Board, operation: int) -> int:
    """The way in which the operation is done now."""
    way = shop.alt_start[operation]
    while shop.alt_machine[way] != board.machine[operation] or shop.alt_time[way] != board.time[operation]:
        way += 1
    return way


@kernel
def walk_on(
    shop: Shop, board: Board, walk: Walk, found: Move, best: Memory, settings: Array, state: Array, steps: int
) -> int:
    """Takes up to `steps` steps; gives how many. Ends when stalled for settings[0] steps or at settings[1], a bound.

    settings[2]: how far an operation moves on its own machine; [3], [4]: least tenure and spread of the tabu.
    """
    value = makespan(shop, board)
    block = np.zeros(4, dtype=np.int64)
    block[2] = settings[2]
    block[3] = settings[5]
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
        found.chosen[0] = FAR
        found.chosen[4] = 0
        found.any_other[4] = 0
        length = longest_path(shop, board, walk, value, state)
        first = 0
        while first < length:  # the path runs from its end to its start
            machine = board.machine[walk.path[first]]
            last = first
            while (
                last + 1 < length
                and board.machine[walk.path[last + 1]] == machine
                and board.before[walk.path[last]] == walk.path[last + 1]
            ):
                last += 1
            for index in range(first, last + 1):
                operation = walk.path[index]
                other_machines(shop, board, walk, found, operation, settings, state)
                if last > first:
                    block[0] = last - index
                    block[1] = index - first
                    same_machine(shop, board, walk, found, operation, way_of(shop, board, operation), block, state)
            first = last + 1
        chosen = found.chosen
        if chosen[4] == 0:
            chosen = found.any_other
            if chosen[4] == 0:
                break  # a path of operations that can only stand where they are: nothing is shorter
        operation = chosen[1]
        way = chosen[2]
        left = way_of(shop, board, operation)
        if move(shop, board, operation, shop.alt_machine[way], chosen[3], shop.alt_time[way]):
            ways = shop.alt_start[operation + 1] - shop.alt_start[operation]
            walk.until[left] = (
                step + settings[3] + ways + draw(state, settings[4] + board.count[shop.alt_machine[left]] // 2)
            )
            value = makespan(shop, board)
        else:
            walk.until[way] = step + settings[3] + draw(state, settings[4])
    return taken
