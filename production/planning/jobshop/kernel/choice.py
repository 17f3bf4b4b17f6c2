"""What a step may do with the operations of a longest path, and which of it is best.

Arrays are passed one by one: a tuple of many costs more per call than the work of a candidate.
"""

from production.planning.jobshop.kernel.shapes import Array
from production.planning.kernel.compiler import kernel
from production.planning.kernel.generator import draw

FAR = 1 << 60
SCALE = 1 << 18
"""Keys are makespans times SCALE plus a second thought, which stays below."""

KEY, OPERATION, WAY, INDEX, TIES = 0, 1, 2, 3, 4
"""Fields of a choice; the second choice, any of the forbidden, has the same from OTHER on."""
OTHER = 5


@kernel
def clear(choice: Array) -> None:
    """Nothing chosen."""
    choice[KEY] = FAR
    choice[TIES] = 0
    choice[OTHER + TIES] = 0


@kernel
def choose(choice: Array, key: int, operation: int, way: int, index: int, state: Array) -> None:
    """Keeps the least key, equal ones by lot."""
    if key > choice[KEY]:
        return
    choice[TIES] = choice[TIES] + 1 if key == choice[KEY] else 1
    if choice[TIES] == 1 or draw(state, choice[TIES]) == 0:
        choice[KEY] = key
        choice[OPERATION] = operation
        choice[WAY] = way
        choice[INDEX] = index


@kernel
def choose_other(choice: Array, operation: int, way: int, index: int, state: Array) -> None:
    """One of the forbidden, by lot."""
    choice[OTHER + TIES] += 1
    if draw(state, choice[OTHER + TIES]) == 0:
        choice[OTHER + OPERATION] = operation
        choice[OTHER + WAY] = way
        choice[OTHER + INDEX] = index


@kernel
def elsewhere(
    path: Array,
    length: int,
    previous: Array,
    following: Array,
    alt_start: Array,
    alt_machine: Array,
    alt_time: Array,
    row: Array,
    sequence: Array,
    count: Array,
    machine: Array,
    time: Array,
    end: Array,
    rest: Array,
    until: Array,
    step: int,
    best: int,
    weight: int,
    choice: Array,
    state: Array,
) -> None:
    """Insertions on other machines, between what must come before and what must come after (Mastrolilli and
    Gambardella): those positions hold a best one, and none closes a cycle.

    What is shorter than the best plan counts alike; then less work counts, `weight` for each unit of time.
    """
    for at in range(length):
        operation = path[at]
        here = machine[operation]
        release = end[previous[operation]]
        follow = rest[following[operation]]
        for way in range(alt_start[operation], alt_start[operation + 1]):
            there = alt_machine[way]
            if there == here:
                continue
            takes = alt_time[way]
            second = max(0, min(SCALE - 1, SCALE // 2 + (takes - time[operation]) * weight))
            longest = release + takes + follow
            if max(longest, best - 1) * SCALE + second > choice[KEY]:
                continue
            first = row[there]
            low = first
            high = first + count[there]
            stop = high
            while low < high:  # the first that ends after the release
                middle = (low + high) >> 1
                if end[sequence[middle]] > release:
                    high = middle
                else:
                    low = middle + 1
            ending = low
            low = first
            high = stop
            while low < high:  # the first that leaves no more behind it than the job does
                middle = (low + high) >> 1
                if rest[sequence[middle]] > follow:
                    low = middle + 1
                else:
                    high = middle
            if low <= ending:
                index = low + draw(state, ending - low + 1)
            else:
                longest = FAR
                index = ending
                for place in range(ending, low + 1):
                    head = release
                    if place > first:
                        head = max(head, end[sequence[place - 1]])
                    tail = follow
                    if place < stop:
                        tail = max(tail, rest[sequence[place]])
                    if head + takes + tail < longest:
                        longest = head + takes + tail
                        index = place
            if until[way] > step and longest >= best:
                choose_other(choice, operation, way, index - first, state)
            else:
                choose(choice, max(longest, best - 1) * SCALE + second, operation, way, index - first, state)


@kernel
def behind(
    operation: int,
    passed: int,
    previous: Array,
    following: Array,
    before: Array,
    after: Array,
    time: Array,
    end: Array,
    rest: Array,
    spare: Array,
) -> int:
    """The longest path through the operation and the `passed` next on its machine, once it stands behind them."""
    finish = end[before[operation]]
    other = operation
    for _ in range(passed):
        other = after[other]
        finish = max(finish, end[previous[other]]) + time[other]
        spare[other] = finish
    finish = max(finish, end[previous[operation]]) + time[operation]
    tail = max(rest[after[other]], rest[following[operation]])
    longest = finish + tail
    tail += time[operation]
    while other != operation:
        tail = max(tail, rest[following[other]])
        longest = max(longest, spare[other] + tail)
        tail += time[other]
        other = before[other]
    return longest


@kernel
def within(
    path: Array,
    length: int,
    previous: Array,
    following: Array,
    alt_start: Array,
    alt_machine: Array,
    machine: Array,
    position: Array,
    before: Array,
    after: Array,
    time: Array,
    end: Array,
    rest: Array,
    spare: Array,
    until: Array,
    step: int,
    best: int,
    reach: int,
    choice: Array,
    state: Array,
) -> None:
    """Moves inside a block of the path, operations that stand on one machine in a row.

    To an end of the block, to the next place, or of the first and the last anywhere in it; no farther than `reach`.
    Seen from the other side (`rest` for `end` and so on) a move to the left is one to the right.
    """
    none = len(path) - 1
    first = 0
    while first < length:  # the path runs from its end to its start
        last = first
        while last + 1 < length and before[path[last]] == path[last + 1]:
            last += 1
        for at in range(first, last + 1):
            operation = path[at]
            way = alt_start[operation]
            while alt_machine[way] != machine[operation]:
                way += 1
            for side in range(2):
                room = at - first if side == 0 else last - at
                other_room = last - at if side == 0 else at - first
                other = operation
                neighbour = following[operation] if side == 0 else previous[operation]
                for passed in range(1, min(room, reach) + 1):
                    if side == 0:
                        other = after[other]
                        lost = neighbour != none and rest[other] < rest[neighbour]
                        if lost and end[other] - time[other] >= end[neighbour]:
                            break  # a path from the job's next operation may lead here
                    else:
                        other = before[other]
                        lost = neighbour != none and end[other] < end[neighbour]
                        if lost and rest[other] - time[other] >= rest[neighbour]:
                            break
                    if other_room > 0 and passed != room and passed != 1:
                        continue
                    if side == 0:
                        longest = behind(operation, passed, previous, following, before, after, time, end, rest, spare)
                        index = position[operation] + passed
                    else:
                        longest = behind(operation, passed, following, previous, after, before, time, rest, end, spare)
                        index = position[operation] - passed
                    if until[way] > step and longest >= best:
                        choose_other(choice, operation, way, index, state)
                    else:
                        key = max(longest, best - 1) * SCALE + SCALE // 2
                        choose(choice, key, operation, way, index, state)
        first = last + 1
