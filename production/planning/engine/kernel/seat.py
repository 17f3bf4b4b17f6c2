"""Finding a lot's runs their machines and places."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import (
    batch_at,
    line_at,
    lot_at,
    machine_at,
    mode_at,
    node_at,
    path_at,
    run_holds,
    step_at,
)
from production.planning.engine.kernel.hours import latest, run_from
from production.planning.engine.kernel.journal import touch_node
from production.planning.engine.kernel.lots import sell
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.pools import FREE, clash
from production.planning.engine.kernel.ripple import busy_before, put_on
from production.planning.engine.kernel.timing import (
    assign,
    batch_times,
    change_min,
    gather,
    handed_over,
    minutes_of,
    place_after,
    ready_on,
    through_waits,
    time_run,
    units_of,
)
from production.planning.kernel.compiler import inner

POOL_TRIES = 64
"""How often a run is put off until its pools are free."""


@inner
def workers_at(g: Block, row: int, step: int) -> int:
    """The range of those that can do a step; row: a firm, or behind the firms an offer."""
    return g[c.G_WORKERS] + (row * g[c.G_CLASSES] + g[step_at(g, step) + c.ST_CLASSES]) * c.WS_COLUMNS


@inner
def worker_of(g: Block, step: int, w: int) -> tuple[int, int]:
    """(machine, mode) of worker w at a step."""
    row = g[c.G_WORKER] + w * c.WK_COLUMNS
    return g[row + c.WK_MACHINE], g[step_at(g, step) + c.ST_MODE] + g[row + c.WK_MODE]


@inner
def next_still_fits(g: Block, p: Block, machine: int, i: int, family: int, end: int) -> bool:
    """Whether the run at place i need not move when another of `family` ends at `end` before it."""
    row = machine * p[c.P_ROOM] + i
    if end > p[p[c.P_BEGINS] + row]:
        return False
    if g[machine_at(g, machine) + c.MC_MATRIX] < 0:
        return True
    node = node_at(p, p[p[c.P_SEQ] + row])
    need = change_min(g, machine, family, g[step_at(g, p[node + c.ND_AT_STEP]) + c.ST_FAMILY])
    if need < 0:
        return False
    need += g[mode_at(g, p[node + c.ND_MODE]) + c.MD_SETUP]
    return latest(g, g[machine_at(g, machine) + c.MC_CAL], p[node + c.ND_WORK], need) >= end


@inner
def find_gap(g: Block, p: Block, n: int, machine: int, mode: int, bound: int) -> tuple[int, int]:
    """(place, end) of the earliest gap of a machine that takes node n and moves no other run.

    bound: of no use when it ends then or later; (-1, FAR) then. The batches' minutes are those noted last.
    """
    node = node_at(p, n)
    assign(g, p, n, machine, mode)
    is_plain = p[node + c.ND_CAL] >= 0
    if is_plain:
        ready = p[p[c.P_HANDED] + p[node + c.ND_FIRST]]
        minutes = p[node + c.ND_MINUTES]
    else:
        ready = ready_on(g, p, n)
        minutes = minutes_of(g, machine, mode, units_of(g, mode, p[node + c.ND_PIECES]))
    family = g[step_at(g, p[node + c.ND_AT_STEP]) + c.ST_FAMILY]
    begins, ends = p[c.P_BEGINS] + machine * p[c.P_ROOM], p[c.P_ENDS] + machine * p[c.P_ROOM]
    count = p[p[c.P_COUNT] + machine]
    i = place_after(p, machine, ready)
    at = ready
    if i > 0 and p[ends + i - 1] > at:
        at = p[ends + i - 1]
    while at + minutes < bound:
        if i == count or p[begins + i] - at >= minutes:
            if is_plain:
                end = run_from(g, p[node + c.ND_CAL], at, minutes)[1]
                if end < bound and (i == count or end <= p[begins + i]):
                    return i, end
            else:
                busy, before = busy_before(g, p, machine, i)
                end = time_run(g, p, n, ready, busy, before)[2]
                if end < bound and (i == count or next_still_fits(g, p, machine, i, family, end)):
                    return i, end
            if i == count:
                break
        if p[ends + i] > at:
            at = p[ends + i]
        i += 1
    return -1, c.FAR


@inner
def seat(g: Block, p: Block, n: int, machine: int, mode: int, i: int, is_probe: bool) -> bool:
    """Puts node n at place i of a machine with its times for now; `settle` gives it the right ones.

    is_probe: the times are all that is wanted; it goes on no machine.
    """
    node = node_at(p, n)
    if not is_probe:
        touch_node(p, n)
    assign(g, p, n, machine, mode)
    busy, before = busy_before(g, p, machine, i)
    p[node + c.ND_FROM] = 0
    start, work, end, _ = time_run(g, p, n, ready_on(g, p, n), busy, before)
    if g[c.G_POOLS] > 0 and run_holds(g, p[node + c.ND_AT_STEP], machine):
        tries = 0
        while end < c.FAR and tries < POOL_TRIES:
            again = clash(g, p, n, machine, start, work, end)
            if again == FREE:
                break
            tries += 1
            p[node + c.ND_FROM] = again
            start, work, end, _ = time_run(g, p, n, ready_on(g, p, n), busy, before)
    if end >= c.FAR:
        return False
    p[node + c.ND_START] = start
    p[node + c.ND_WORK] = work
    p[node + c.ND_END] = end
    return is_probe or put_on(p, n, i)


@inner
def lead_min(g: Block, p: Block, lot: int) -> int:
    """Least minutes before a lot's forming run can begin: its first batch is fed."""
    path = path_at(g, p[lot_at(p, lot) + c.LT_PATH])
    firm = g[path + c.PT_FIRM]
    pieces = p[batch_at(p, lot) + 1]
    total = 0
    for step in range(g[path + c.PT_STEP], g[path + c.PT_STEP] + g[path + c.PT_FORM]):
        machine, mode = worker_of(g, step, g[workers_at(g, firm, step) + c.WS_FIRST])
        total += g[mode_at(g, mode) + c.MD_SETUP] + minutes_of(g, machine, mode, units_of(g, mode, pieces))
        total = through_waits(g, firm, step, pieces, total)
    return total


@inner
def place_by_need(p: Block, machine: int, need: int) -> int:
    """The first place on a machine whose run feeds something later than `need`."""
    seq = p[c.P_SEQ] + machine * p[c.P_ROOM]
    low, high = 0, p[p[c.P_COUNT] + machine]
    while low < high:
        middle = (low + high) >> 1
        if p[node_at(p, p[seq + middle]) + c.ND_KEY] > need:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def seat_feed(g: Block, p: Block, n: int, need: int, is_probe: bool) -> bool:
    """Seats a run of a feeding step, in the order in which forming runs need what they are fed with."""
    node = node_at(p, n)
    step = p[node + c.ND_AT_STEP]
    workers = workers_at(g, g[path_at(g, p[lot_at(p, p[node + c.ND_LOT]) + c.LT_PATH]) + c.PT_FIRM], step)
    p[node + c.ND_KEY] = need
    gather(g, p, n)
    best, best_i, best_machine, best_mode = c.FAR, -1, -1, -1
    for w in range(g[workers + c.WS_FIRST], g[workers + c.WS_LAST]):
        machine, mode = worker_of(g, step, w)
        i = place_by_need(p, machine, need)
        assign(g, p, n, machine, mode)
        busy, before = busy_before(g, p, machine, i)
        end = time_run(g, p, n, ready_on(g, p, n), busy, before)[2]
        if end < best:
            best, best_i, best_machine, best_mode = end, i, machine, mode
    return best_i >= 0 and seat(g, p, n, best_machine, best_mode, best_i, is_probe)


@inner
def seat_after(g: Block, p: Block, n: int, is_loose: bool, is_probe: bool) -> bool:
    """Seats a run of a finishing step in the earliest gap; loose: at random in the order before its due date."""
    node = node_at(p, n)
    step = p[node + c.ND_AT_STEP]
    lot = lot_at(p, p[node + c.ND_LOT])
    workers = workers_at(g, g[path_at(g, p[lot + c.LT_PATH]) + c.PT_FIRM], step)
    first, last = g[workers + c.WS_FIRST], g[workers + c.WS_LAST]
    gather(g, p, n)
    if is_loose:
        machine, mode = worker_of(g, step, first + below(p, last - first))
        assign(g, p, n, machine, mode)
        i = place_after(p, machine, ready_on(g, p, n))
        j = place_after(p, machine, g[line_at(g, p[lot + c.LT_LINE]) + c.LN_DUE])
        if j > i:
            i += below(p, j - i + 1)
        is_good = seat(g, p, n, machine, mode, i, is_probe)
        p[node + c.ND_KEY] = p[node + c.ND_END]
        return is_good
    best, best_i, best_machine, best_mode = c.FAR, -1, -1, -1
    for w in range(first, last):
        machine, mode = worker_of(g, step, w)
        i, end = find_gap(g, p, n, machine, mode, best)
        if i >= 0:
            best, best_i, best_machine, best_mode = end, i, machine, mode
    p[node + c.ND_KEY] = best
    return best_i >= 0 and seat(g, p, n, best_machine, best_mode, best_i, is_probe)


@inner
def seat_lot(g: Block, p: Block, lot: int, w: int, i: int, is_loose: bool, is_probe: bool) -> bool:
    """Seats all runs of a lot; worker w forms it at place i of its machine, -1: in the earliest gap.

    is_probe: only the times are worked out, nothing else is changed.
    False when some run finds no place or the offer's minutes do not suffice: the change is to be rolled back.
    """
    row = lot_at(p, lot)
    path = path_at(g, p[row + c.LT_PATH])
    form = g[path + c.PT_FORM]
    n = p[row + c.LT_HEAD]
    if form >= 0:
        forming = n
        while p[node_at(p, forming) + c.ND_STEP] < form:
            forming = p[node_at(p, forming) + c.ND_NEXT]
        node = node_at(p, forming)
        machine, mode = worker_of(g, p[node + c.ND_AT_STEP], w)
        offer = g[path + c.PT_OFFER]
        if offer >= 0 and g[g[c.G_OFFER] + offer] >= 0:
            minutes = minutes_of(g, machine, mode, units_of(g, mode, p[row + c.LT_PIECES]))
            if p[p[c.P_SOLD] + offer] + minutes > g[g[c.G_OFFER] + offer]:
                return False
            if not is_probe:
                p[row + c.LT_MINUTES] = minutes
                sell(p, offer, minutes)
        ready = g[path + c.PT_RELEASE] + lead_min(g, p, lot)
        for b in range(p[node + c.ND_LAST]):
            p[p[c.P_HANDED] + b] = ready
        if i < 0:
            i = find_gap(g, p, forming, machine, mode, c.FAR)[0]
        if i < 0 or not seat(g, p, forming, machine, mode, i, is_probe):
            return False
        p[node + c.ND_KEY] = p[node + c.ND_END]
        while p[node_at(p, n) + c.ND_STEP] < form:
            batch_times(g, p, forming, p[node + c.ND_WORK])
            if not seat_feed(g, p, n, p[p[c.P_BATCH_BEGINS] + p[node_at(p, n) + c.ND_FIRST]], is_probe):
                return False
            n = p[node_at(p, n) + c.ND_NEXT]
        n = p[node + c.ND_NEXT]
    while n >= 0:
        if not seat_after(g, p, n, is_loose, is_probe):
            return False
        n = p[node_at(p, n) + c.ND_NEXT]
    return True


@inner
def forming_gap(g: Block, p: Block, lot: int, blinks: int) -> int:
    """The worker that forms a lot earliest without moving others; -1 when none can.

    blinks: in how many of 1024 cases a worker is overlooked.
    """
    row = lot_at(p, lot)
    path = path_at(g, p[row + c.LT_PATH])
    n = p[row + c.LT_HEAD]
    while p[node_at(p, n) + c.ND_STEP] < g[path + c.PT_FORM]:
        n = p[node_at(p, n) + c.ND_NEXT]
    step = p[node_at(p, n) + c.ND_AT_STEP]
    workers = workers_at(g, g[path + c.PT_ROW], step)
    ready = g[path + c.PT_RELEASE] + lead_min(g, p, lot)
    for b in range(p[node_at(p, n) + c.ND_LAST]):
        p[p[c.P_HANDED] + b] = ready
    best, best_w = c.FAR, -1
    for w in range(g[workers + c.WS_FIRST], g[workers + c.WS_LAST]):
        if blinks > 0 and below(p, 1024) < blinks:
            continue
        machine, mode = worker_of(g, step, w)
        i, end = find_gap(g, p, n, machine, mode, best)
        if i >= 0:
            best, best_w = end, w
    return best_w


@inner
def finish_now(g: Block, p: Block, lot: int) -> int:
    """When a lot is finished by the times that its runs have now."""
    row = lot_at(p, lot)
    path = path_at(g, p[row + c.LT_PATH])
    last_step = g[path + c.PT_STEPS] - 1
    made = handed_over(g, p, lot, last_step, 0, p[row + c.LT_BATCHES], False)
    return made + g[path + c.PT_TRIP]
