"""First plans, one operation after the other, and plans between two plans."""

import numpy as np

from production.planning.jobshop.kernel.shapes import Array, Board, Memory, Shop
from production.planning.kernel.compiler import kernel
from production.planning.kernel.generator import COIN, draw

PARTS = np.int64(64)  # typed: for a literal, `draw` would be compiled once more


@kernel
def dispatch(shop: Shop, plan: Memory, free: Array, ready: Array, queue: Array, habit: Array, state: Array) -> int:
    """A plan by a greedy rule with chance: next is the operation that would finish first; gives its makespan.

    habit: in 64ths, what [0] the work left of the job and [1] chance, up to an operation's double time, weigh.
    free: [M], ready: [N], queue: [N] scratch. Fills plan.machine and plan.order.
    """
    none = len(plan.order)
    free[:] = 0
    waiting = 0  # jobs that are not done: the next operation of each stands in queue, when it may start in ready
    for operation in range(none):
        if shop.previous[operation] == none:
            queue[waiting] = operation
            ready[operation] = 0
            waiting += 1
    behind = plan.machine  # work behind and with each operation, until its machine is known
    for operation in range(none - 1, -1, -1):
        least = shop.alt_time[shop.alt_start[operation]]
        for way in range(shop.alt_start[operation], shop.alt_start[operation + 1]):
            least = min(least, shop.alt_time[way])
        follower = shop.following[operation]
        behind[operation] = least + (behind[follower] if follower != none else 0)
    longest = 0
    for number in range(none):
        chosen = -1
        key = 0
        chosen_way = 0
        chosen_end = 0
        for index in range(waiting):
            operation = queue[index]
            soonest = -1
            soonest_way = 0
            for way in range(shop.alt_start[operation], shop.alt_start[operation + 1]):
                end = max(ready[operation], free[shop.alt_machine[way]]) + shop.alt_time[way]
                if soonest < 0 or end < soonest or (end == soonest and draw(state, COIN) == 0):
                    soonest = end
                    soonest_way = way
            worth = soonest * PARTS - habit[0] * behind[operation]
            if habit[1] > 0:
                worth += habit[1] * draw(state, 2 * shop.alt_time[soonest_way] + 1)
            if chosen < 0 or worth < key:
                chosen = index
                key = worth
                chosen_way = soonest_way
                chosen_end = soonest
        operation = queue[chosen]
        plan.order[number] = operation
        plan.machine[operation] = shop.alt_machine[chosen_way]
        free[shop.alt_machine[chosen_way]] = chosen_end
        follower = shop.following[operation]
        if follower == none:
            waiting -= 1
            queue[chosen] = queue[waiting]
        else:
            queue[chosen] = follower
            ready[follower] = chosen_end
        longest = max(longest, chosen_end)
    plan.value[0] = longest
    return longest


@kernel
def sort_by(keys: Array, order: Array, spare: Array) -> None:
    """Sorts `order`, which holds 0 to n - 1, by key and then by number: merges runs of growing width."""
    count = len(order)
    for index in range(count):
        order[index] = index
    width = 1
    while width < count:
        for start in range(0, count, 2 * width):
            left = start
            middle = min(start + width, count)
            right = middle
            stop = min(start + 2 * width, count)
            for index in range(start, stop):
                if left < middle and (right >= stop or keys[order[left]] <= keys[order[right]]):
                    spare[index] = order[left]
                    left += 1
                else:
                    spare[index] = order[right]
                    right += 1
        for index in range(count):
            order[index] = spare[index]
        width *= 2


@kernel
def heads_of(board: Board, heads: Array) -> None:
    """When each operation of the board starts."""
    for operation in range(len(board.order)):
        heads[operation] = board.end[operation] - board.time[operation]


@kernel
def between(
    first: Memory,
    second: Memory,
    heads: Array,
    other_heads: Array,
    share: int,
    child: Memory,
    spare: Array,
    state: Array,
) -> int:
    """A plan on the way from `first` to `second`: each pair that both have in one order stays in it.

    share: of 64, how far. Machines are taken from the second with that chance, starts are mixed with that weight.
    Gives how many operations stand on other machines than in the first.
    """
    moved = 0
    count = len(child.order)
    for operation in range(count):
        child.machine[operation] = first.machine[operation]
        if first.machine[operation] != second.machine[operation] and draw(state, PARTS) < share:
            child.machine[operation] = second.machine[operation]
            moved += 1
        spare[operation] = (PARTS - share) * heads[operation] + share * other_heads[operation]
    sort_by(spare[:count], child.order, spare[count:])
    return moved
