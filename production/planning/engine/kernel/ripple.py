"""Runs on and off machines, and all the times that follow from it."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, lot_at, machine_at, node_at, path_at, step_at
from production.planning.engine.kernel.hours import run_from
from production.planning.engine.kernel.journal import (
    load_at,
    note,
    shift_in,
    shift_out,
    touch_load,
    touch_lot,
    touch_node,
)
from production.planning.engine.kernel.timing import gather, handed_over, ready_on, time_run
from production.planning.kernel.compiler import inner

NO_LIMIT = 1 << 60
EVERY_RUN = 1 << 30
"""For `settle`: any tardiness, any number of runs."""


@inner
def push(p: Block, n: int, at: int) -> None:
    """Queues node n to be timed again, in the order of `at`."""
    if p[p[c.P_QUEUED] + n]:
        return
    p[p[c.P_QUEUED] + n] = 1
    heap = p[c.P_HEAP]
    i = p[c.P_HEAP_SIZE]
    p[c.P_HEAP_SIZE] = i + 1
    key = (at << c.NUMBER_BITS) | n
    while i > 0:
        up = (i - 1) >> 1
        if p[heap + up] <= key:
            break
        p[heap + i] = p[heap + up]
        i = up
    p[heap + i] = key


@inner
def pop(p: Block) -> int:
    """The queued node that begins first."""
    heap = p[c.P_HEAP]
    size = p[c.P_HEAP_SIZE] - 1
    p[c.P_HEAP_SIZE] = size
    n = p[heap] & c.NUMBER
    key = p[heap + size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and p[heap + down + 1] < p[heap + down]:
            down += 1
        if p[heap + down] >= key:
            break
        p[heap + i] = p[heap + down]
        i = down
    p[heap + i] = key
    p[p[c.P_QUEUED] + n] = 0
    return n


@inner
def push_place(p: Block, machine: int, i: int) -> None:
    """Queues the run at place i of a machine, when there is one."""
    if i < p[p[c.P_COUNT] + machine]:
        row = machine * p[c.P_ROOM] + i
        push(p, p[p[c.P_SEQ] + row], p[p[c.P_BEGINS] + row])


@inner
def take_off(p: Block, n: int) -> None:
    """Takes node n off its machine; the next one there is timed again."""
    node = node_at(p, n)
    machine, i = p[node + c.ND_MACHINE], p[p[c.P_PLACE] + n]
    row = note(p, c.TAKEN_OFF, n)
    p[row + 2] = machine
    p[row + 3] = i
    p[c.P_SETUP] -= p[node + c.ND_SETUP]
    shift_out(p, machine, i)
    push_place(p, machine, i)


@inner
def put_on(p: Block, n: int, i: int) -> bool:
    """Puts node n on its machine at place i; n and the next one are timed again. False when the machine is full."""
    node = node_at(p, n)
    machine = p[node + c.ND_MACHINE]
    if p[p[c.P_COUNT] + machine] + 1 >= p[c.P_ROOM]:
        return False
    p[node + c.ND_SETUP] = 0
    p[node + c.ND_FINISH] = -1
    shift_in(p, machine, i, n)
    note(p, c.PUT_ON, n)
    push(p, n, p[node + c.ND_START])
    push_place(p, machine, i + 1)
    return True


@inner
def busy_before(g: Block, p: Block, machine: int, i: int) -> tuple[int, int]:
    """(until when a machine is busy before its place i, what it is set up for then)."""
    if i == 0:
        return 0, g[machine_at(g, machine) + c.MC_FAMILY]
    row = machine * p[c.P_ROOM] + i - 1
    before = node_at(p, p[p[c.P_SEQ] + row])
    return p[p[c.P_ENDS] + row], g[step_at(g, p[before + c.ND_AT_STEP]) + c.ST_FAMILY]


@inner
def late_min(g: Block, line: int, finish: int) -> int:
    """Minutes that count as late when a line is finished then."""
    row = line_at(g, line)
    late = finish - g[row + c.LN_DUE]
    return late + g[row + c.LN_LATE_FIXED] if late > 0 else 0


@inner
def weigh(g: Block, p: Block, line: int) -> None:
    """Brings a line's lateness and cost, and the totals, up to its lots."""
    row, load = line_at(g, line), load_at(p, line)
    finish = g[row + c.LN_FINISH]
    fen = 0
    lot = p[load + c.LD_HEAD]
    while lot >= 0:
        at = lot_at(p, lot)
        finish = max(finish, p[at + c.LT_FINISH])
        fen += p[at + c.LT_FEN]
        lot = p[at + c.LT_NEXT]
    if p[load + c.LD_LOTS] > 1:
        fen += (p[load + c.LD_LOTS] - 1) * g[row + c.LN_SPLIT]
    late = late_min(g, line, finish)
    if p[load + c.LD_PIECES] < g[row + c.LN_PIECES]:
        late = 0
        if g[row + c.LN_REFUSAL] >= 0 and p[load + c.LD_PIECES] == 0:
            fen += g[row + c.LN_REFUSAL]
        else:
            late = max(0, g[c.G_HORIZON] - g[row + c.LN_DUE]) + 2 * g[row + c.LN_LATE_FIXED] + 1
    if g[row + c.LN_WORTH] >= 0:
        fen += (late * g[row + c.LN_WORTH] + 59) // 60
        late = 0
    tardy = late * g[row + c.LN_PRIORITY]
    p[c.P_TARDY] += tardy - p[load + c.LD_TARDY]
    p[c.P_FEN] += fen - p[load + c.LD_FEN]
    p[load + c.LD_FINISH] = finish
    p[load + c.LD_TARDY] = tardy
    p[load + c.LD_FEN] = fen


@inner
def finish_lot(g: Block, p: Block, lot: int) -> None:
    """Works out when a lot is finished, and what that means for its line."""
    row = lot_at(p, lot)
    last_step = g[path_at(g, p[row + c.LT_PATH]) + c.PT_STEPS] - 1
    finish = 0
    n = p[row + c.LT_HEAD]
    while n >= 0:
        node = node_at(p, n)
        if p[node + c.ND_STEP] == last_step:
            finish = max(finish, p[node + c.ND_FINISH])
        n = p[node + c.ND_NEXT]
    if finish != p[row + c.LT_FINISH]:
        touch_lot(p, lot)
        p[row + c.LT_FINISH] = finish
        touch_load(p, p[row + c.LT_LINE])
        weigh(g, p, p[row + c.LT_LINE])


@inner
def push_followers(g: Block, p: Block, n: int) -> None:
    """Queues the runs of the next step that wait for batches of node n, or brings the lot's finish up to it."""
    node = node_at(p, n)
    lot, step = p[node + c.ND_LOT], p[node + c.ND_STEP]
    path = path_at(g, p[lot_at(p, lot) + c.LT_PATH])
    first, last = p[node + c.ND_FIRST], p[node + c.ND_LAST]
    p[node + c.ND_FINISH] = 0
    if step == g[path + c.PT_STEPS] - 1:
        p[node + c.ND_FINISH] = handed_over(g, p, lot, step, first, last, False) + g[path + c.PT_TRIP]
        finish_lot(g, p, lot)
        return
    whole = (
        last - first == p[lot_at(p, lot) + c.LT_BATCHES] or g[step_at(g, p[node + c.ND_AT_STEP]) + c.ST_TRANSFER] == 0
    )
    k = p[node + c.ND_NEXT]
    while k >= 0 and p[node_at(p, k) + c.ND_STEP] <= step + 1:
        after = node_at(p, k)
        is_fed = whole or (p[after + c.ND_FIRST] < last and p[after + c.ND_LAST] > first)
        if is_fed and p[after + c.ND_STEP] == step + 1 and p[p[c.P_PLACE] + k] >= 0:
            push(p, k, p[after + c.ND_START])
        k = p[after + c.ND_NEXT]


@inner
def retime_plain(g: Block, p: Block, n: int) -> bool:
    """As `retime`, for plain nodes."""
    node = node_at(p, n)
    place = p[node + c.ND_MACHINE] * p[c.P_ROOM] + p[p[c.P_PLACE] + n]
    at = p[node + c.ND_LAG]
    if p[node + c.ND_BEFORE] >= 0:
        at += p[node_at(p, p[node + c.ND_BEFORE]) + c.ND_END]
    if p[p[c.P_PLACE] + n] > 0:
        at = max(at, p[p[c.P_ENDS] + place - 1])
    work, end = run_from(g, p[node + c.ND_CAL], at, p[node + c.ND_MINUTES])
    if work == p[node + c.ND_WORK] and end == p[node + c.ND_END] and p[node + c.ND_FINISH] >= 0:
        return True
    if end > g[c.G_HORIZON]:
        return False
    touch_node(p, n)
    p[node + c.ND_START] = work
    p[node + c.ND_WORK] = work
    p[node + c.ND_END] = end
    p[p[c.P_BEGINS] + place] = work
    p[p[c.P_ENDS] + place] = end
    if p[node + c.ND_TAIL] >= 0:
        p[node + c.ND_FINISH] = end + p[node + c.ND_TAIL]
        finish_lot(g, p, p[node + c.ND_LOT])
    else:
        push_followers(g, p, n)
    return True


@inner
def retime(g: Block, p: Block, n: int) -> bool:
    """Times node n again and queues what depends on it. False when there is no time for it."""
    node = node_at(p, n)
    if p[node + c.ND_CAL] >= 0:
        return retime_plain(g, p, n)
    machine, i = p[node + c.ND_MACHINE], p[p[c.P_PLACE] + n]
    busy, before = busy_before(g, p, machine, i)
    gather(g, p, n)
    start, work, end, setup = time_run(g, p, n, ready_on(g, p, n), busy, before)
    if end >= c.FAR:
        return False
    is_same = work == p[node + c.ND_WORK] and end == p[node + c.ND_END] and p[node + c.ND_FINISH] >= 0
    if is_same and start == p[node + c.ND_START] and setup == p[node + c.ND_SETUP]:
        return True
    touch_node(p, n)
    p[c.P_SETUP] += setup - p[node + c.ND_SETUP]
    p[node + c.ND_START] = start
    p[node + c.ND_WORK] = work
    p[node + c.ND_END] = end
    p[node + c.ND_SETUP] = setup
    row = machine * p[c.P_ROOM] + i
    p[p[c.P_BEGINS] + row] = start
    p[p[c.P_ENDS] + row] = end
    if not is_same:
        push_followers(g, p, n)
    return True


@inner
def next_or_push(p: Block, n: int, at: int) -> int:
    """Node n when nothing that is queued begins before it; else it is queued as well, -1."""
    if p[p[c.P_QUEUED] + n]:
        return -1
    if p[c.P_HEAP_SIZE] == 0 or (at << c.NUMBER_BITS | n) < p[p[c.P_HEAP]]:
        return n
    push(p, n, at)
    return -1


@inner
def settle(g: Block, p: Block, most_tardy: int, most_runs: int) -> bool:
    """Times again whatever is queued, and what follows from it.

    False when some run has no time, when tardiness has passed `most_tardy`, or when more than `most_runs` were timed
    (the order of runs leads in a circle): the change is to be rolled back then.
    """
    runs = 0
    is_good = True
    while p[c.P_HEAP_SIZE] > 0 and is_good:
        n = pop(p)
        while n >= 0:
            i = p[p[c.P_PLACE] + n]
            if i < 0:
                break
            place = p[node_at(p, n) + c.ND_MACHINE] * p[c.P_ROOM] + i
            end = p[p[c.P_ENDS] + place]
            runs += 1
            if runs > most_runs or p[c.P_IS_FULL] or not retime(g, p, n) or p[c.P_TARDY] > most_tardy:
                is_good = False
                break
            n = -1
            if (
                p[p[c.P_ENDS] + place] != end
                and i + 1 < p[p[c.P_COUNT] + p[node_at(p, p[p[c.P_SEQ] + place]) + c.ND_MACHINE]]
            ):
                n = next_or_push(p, p[p[c.P_SEQ] + place + 1], p[p[c.P_BEGINS] + place + 1])
    return is_good
