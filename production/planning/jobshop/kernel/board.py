"""Lays a plan on the board, moves one operation, and keeps the longest paths up to date."""

import numpy as np

from production.planning.jobshop.kernel.shapes import Array, Board, Memory, Shop
from production.planning.kernel.compiler import kernel

FIRST = np.int64(0)
"""Typed: for a literal, a kernel would be compiled once more."""


@kernel
def time_on(shop: Shop, operation: int, machine: int) -> int:
    """Least time of the operation there, -1 when it may not stand there."""
    least = -1
    for way in range(shop.alt_start[operation], shop.alt_start[operation + 1]):
        if shop.alt_machine[way] == machine and (least < 0 or shop.alt_time[way] < least):
            least = shop.alt_time[way]
    return least


@kernel
def lay(shop: Shop, board: Board, machine: Array, order: Array) -> int:
    """Puts each operation on its machine in the given order, which must respect the jobs; gives the makespan."""
    operations = len(board.order)
    board.count[:] = 0
    for index in range(operations):
        operation = order[index]
        on = machine[operation]
        board.order[index] = operation
        board.place[operation] = index
        board.machine[operation] = on
        board.time[operation] = time_on(shop, operation, on)
        board.position[operation] = board.count[on]
        board.sequence[shop.row[on] + board.count[on]] = operation
        board.count[on] += 1
    for on in range(len(board.count)):
        link(shop, board, on, FIRST)
    ends(shop, board, FIRST, operations - 1)
    rests(shop, board, operations - 1, FIRST)
    return makespan(shop, board)


@kernel
def link(shop: Shop, board: Board, machine: int, start: int) -> None:
    """Neighbours and positions of a machine's sequence from index `start` on."""
    none = len(board.order)
    row = shop.row[machine]
    count = board.count[machine]
    before = board.sequence[row + start - 1] if start > 0 else none
    for index in range(start, count):
        operation = board.sequence[row + index]
        board.position[operation] = index
        board.before[operation] = before
        board.after[before] = operation
        before = operation
    board.after[before] = none


@kernel
def ends(shop: Shop, board: Board, start: int, reach: int) -> None:
    """Finishes in topological order from place `start`; nothing changes beyond `reach` unless its past does."""
    none = len(board.order)
    index = start
    while index <= reach:
        operation = board.order[index]
        finish = max(board.end[shop.previous[operation]], board.end[board.before[operation]]) + board.time[operation]
        if finish != board.end[operation]:
            board.end[operation] = finish
            follower = shop.following[operation]
            if follower != none and board.place[follower] > reach:
                reach = board.place[follower]
            follower = board.after[operation]
            if follower != none and board.place[follower] > reach:
                reach = board.place[follower]
        index += 1


@kernel
def rests(shop: Shop, board: Board, start: int, reach: int) -> None:
    """The paths to the end of all, backwards from place `start`, as far as something changes and to `reach`."""
    none = len(board.order)
    index = start
    while index >= reach:
        operation = board.order[index]
        rest = max(board.rest[shop.following[operation]], board.rest[board.after[operation]]) + board.time[operation]
        if rest != board.rest[operation]:
            board.rest[operation] = rest
            leader = shop.previous[operation]
            if leader != none and board.place[leader] < reach:
                reach = board.place[leader]
            leader = board.before[operation]
            if leader != none and board.place[leader] < reach:
                reach = board.place[leader]
        index -= 1


@kernel
def makespan(shop: Shop, board: Board) -> int:
    """When the last machine is done."""
    longest = 0
    for machine in range(len(board.count)):
        if board.count[machine] > 0:
            last = board.end[board.sequence[shop.row[machine] + board.count[machine] - 1]]
            longest = max(longest, last)
    return longest


@kernel
def take_out(shop: Shop, board: Board, operation: int) -> None:
    """Closes the gap that the operation leaves on its machine."""
    machine = board.machine[operation]
    row = shop.row[machine]
    gap = board.position[operation]
    board.count[machine] -= 1
    for index in range(gap, board.count[machine]):
        board.sequence[row + index] = board.sequence[row + index + 1]
    link(shop, board, machine, gap)


@kernel
def put_in(shop: Shop, board: Board, operation: int, machine: int, index: int, time: int) -> None:
    """Opens a gap for the operation."""
    row = shop.row[machine]
    for moved in range(board.count[machine], index, -1):
        board.sequence[row + moved] = board.sequence[row + moved - 1]
    board.sequence[row + index] = operation
    board.count[machine] += 1
    board.machine[operation] = machine
    board.time[operation] = time
    link(shop, board, machine, index)


@kernel
def reorder(shop: Shop, board: Board, operation: int) -> int:
    """Mends the topological order around an operation just put in; gives the first place changed, -1 on a cycle.

    Everything between the operation's successors and its predecessors in the old order that hangs on a successor
    goes behind the last predecessor. On a cycle the order stays as it was.
    """
    none = len(board.order)
    old = board.place[operation]
    latest = -1  # place of the last predecessor
    leader = shop.previous[operation]
    if leader != none:
        latest = board.place[leader]
    leader = board.before[operation]
    if leader != none and board.place[leader] > latest:
        latest = board.place[leader]
    earliest = none  # place of the first successor
    follower = shop.following[operation]
    if follower != none:
        earliest = board.place[follower]
    follower = board.after[operation]
    if follower != none and board.place[follower] < earliest:
        earliest = board.place[follower]
    if latest < old < earliest:
        return old
    if latest < earliest:
        if old <= latest:
            for index in range(old, latest):
                board.order[index] = board.order[index + 1]
                board.place[board.order[index]] = index
            board.order[latest] = operation
            board.place[operation] = latest
            return old
        for index in range(old, earliest, -1):
            board.order[index] = board.order[index - 1]
            board.place[board.order[index]] = index
        board.order[earliest] = operation
        board.place[operation] = earliest
        return earliest
    return detour(shop, board, operation, earliest, latest)


@kernel
def detour(shop: Shop, board: Board, operation: int, earliest: int, latest: int) -> int:
    """`reorder` where a successor stands before a predecessor: parts what hangs on a successor from the rest."""
    none = len(board.order)
    start = min(earliest, board.place[operation])
    stop = max(latest, board.place[operation])
    # board.spare[:none] flags what hangs on the operation, board.spare[none:] gathers it.
    for index in range(start, stop + 1):
        board.spare[board.order[index]] = 0
    board.spare[operation] = 1
    hanging = 0
    for index in range(start, stop + 1):
        other = board.order[index]
        if other == operation:
            continue
        leader = shop.previous[other]
        hangs = leader == operation or (leader != none and board.place[leader] >= start and board.spare[leader] == 1)
        leader = board.before[other]
        hangs = hangs or leader == operation
        hangs = hangs or (leader != none and board.place[leader] >= start and board.spare[leader] == 1)
        if hangs:
            if other in (shop.previous[operation], board.before[operation]):
                return -1
            board.spare[other] = 1
            board.spare[none + hanging] = other
            hanging += 1
    write = start
    for index in range(start, stop + 1):
        other = board.order[index]
        if board.spare[other] == 0:
            board.order[write] = other
            board.place[other] = write
            write += 1
    board.order[write] = operation
    board.place[operation] = write
    for index in range(hanging):
        write += 1
        board.order[write] = board.spare[none + index]
        board.place[board.order[write]] = write
    return start


@kernel
def move(shop: Shop, board: Board, operation: int, machine: int, index: int, time: int) -> bool:
    """Moves an operation to `index` of the machine's sequence without it; False, and nothing changed, on a cycle."""
    none = len(board.order)
    old_machine = board.machine[operation]
    old_index = board.position[operation]
    old_time = board.time[operation]
    left = board.before[operation]
    right = board.after[operation]
    take_out(shop, board, operation)
    put_in(shop, board, operation, machine, index, time)
    start = reorder(shop, board, operation)
    if start < 0:
        take_out(shop, board, operation)
        put_in(shop, board, operation, old_machine, old_index, old_time)
        return False
    board.end[operation] = -1
    board.rest[operation] = -1
    first = board.place[operation]
    last = first
    if right != none:
        first = min(first, board.place[right])
        last = max(last, board.place[right])
    if board.after[operation] != none:
        last = max(last, board.place[board.after[operation]])
    ends(shop, board, first, last)
    first = board.place[operation]
    last = first
    if left != none:
        first = max(first, board.place[left])
        last = min(last, board.place[left])
    if board.before[operation] != none:
        last = min(last, board.place[board.before[operation]])
    rests(shop, board, first, last)
    return True


@kernel
def remember(board: Board, memory: Memory, value: int) -> None:
    """Copies the board's plan."""
    for index in range(len(board.order)):  # by hand: copying slices compiles for seconds
        memory.order[index] = board.order[index]
        memory.machine[index] = board.machine[index]
    memory.value[0] = value
