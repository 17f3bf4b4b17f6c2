"""When one machine run can be: set-up, closed hours, fixed work in the way, and the batches that it waits for."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import (
    batch_at,
    lot_at,
    machine_at,
    mode_at,
    node_at,
    path_at,
    pin_at,
    run_holds,
    step_at,
)
from production.planning.engine.kernel.hours import (
    after,
    cal_at,
    cycles_end,
    latest,
    opens,
    period_after,
    period_row,
    position,
    run_from,
    worked,
)
from production.planning.kernel.compiler import inner


@inner
def place_after(p: Block, machine: int, t: int) -> int:
    """The first place on a machine whose run ends after t."""
    ends = p[c.P_ENDS] + machine * p[c.P_ROOM]
    low, high = 0, p[p[c.P_COUNT] + machine]
    while low < high:
        middle = (low + high) >> 1
        if p[ends + middle] > t:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def units_of(g: Block, mode: int, pieces: int) -> int:
    """Cycles, or pieces."""
    per = g[mode_at(g, mode) + c.MD_PER]
    return (pieces + per - 1) // per


@inner
def minutes_of(g: Block, machine: int, mode: int, units: int) -> int:
    """W(units) of a mode on a machine."""
    den = g[machine_at(g, machine) + c.MC_EFF] * 60
    return (units * g[mode_at(g, mode) + c.MD_NUM] + den - 1) // den


@inner
def change_min(g: Block, machine: int, before: int, family: int) -> int:
    """Changeover minutes from one family to another on a machine; -1 when forbidden."""
    matrix = g[machine_at(g, machine) + c.MC_MATRIX]
    if matrix < 0 or before == family:
        return 0
    size = g[c.G_FAMILIES]
    return g[g[c.G_CHANGE] + (matrix * size + before) * size + family]


@inner
def fit_run(
    g: Block, machine: int, step: int, mode: int, units: int, ready: int, busy: int, before: int, low: int, high: int
) -> tuple[int, int, int, int]:
    """(start, work, end, set-up) of a run that follows on family `before` when the machine is free from `busy` on.

    Work begins at `ready` or later, all of the run lies inside [low, high]. Fixed work that is in the way is waited
    for. FAR when there is no such time.
    """
    row = machine_at(g, machine)
    cal = g[row + c.MC_CAL]
    block = g[c.G_BLOCK] + g[row + c.MC_BLOCK] * c.BL_COLUMNS
    block_end = g[c.G_BLOCK] + g[row + c.MC_BLOCK_END] * c.BL_COLUMNS
    family = g[step_at(g, step) + c.ST_FAMILY]
    is_cycle = g[step_at(g, step) + c.ST_CYCLE]
    num = g[mode_at(g, mode) + c.MD_NUM]
    den = g[row + c.MC_EFF] * 60
    while block < block_end and g[block + c.BL_END] <= busy:
        block += c.BL_COLUMNS
    if busy < low:
        busy = low
        while block < block_end and g[block + c.BL_END] <= busy:
            before = g[block + c.BL_FAMILY]
            block += c.BL_COLUMNS
    while True:
        setup = change_min(g, machine, before, family)
        if setup >= 0:
            setup += g[mode_at(g, mode) + c.MD_SETUP]
            at = busy if busy > ready else ready
            if setup > 0:
                prepared = after(g, cal, busy, setup)
                if prepared > at:
                    at = prepared
            if is_cycle:
                work, end = cycles_end(g, cal, at, units, num, den)
            else:
                work, end = run_from(g, cal, at, (units * num + den - 1) // den)
            if end > high:
                return c.FAR, c.FAR, c.FAR, 0
            closes = c.FAR
            if block < block_end:
                need = change_min(g, machine, family, g[block + c.BL_FAMILY])
                closes = -c.FAR
                if need >= 0:
                    closes = latest(g, cal, g[block + c.BL_START], need - g[block + c.BL_SETUP])
            if end <= closes:
                return latest(g, cal, work, setup), work, end, setup
        elif block == block_end:
            return c.FAR, c.FAR, c.FAR, 0
        busy = g[block + c.BL_END]
        before = g[block + c.BL_FAMILY]
        block += c.BL_COLUMNS
        if busy >= high:
            return c.FAR, c.FAR, c.FAR, 0


@inner
def batch_times(g: Block, p: Block, n: int, work: int) -> None:
    """Notes when each batch of node n begins and ends when the run's work begins at `work`."""
    node = node_at(p, n)
    first, last = p[node + c.ND_FIRST], p[node + c.ND_LAST]
    begins, ends = p[c.P_BATCH_BEGINS], p[c.P_BATCH_ENDS]
    if last - first == 1 and work == p[node + c.ND_WORK]:
        p[begins + first] = work
        p[ends + first] = p[node + c.ND_END]
        return
    machine, mode = p[node + c.ND_MACHINE], p[node + c.ND_MODE]
    cal = g[machine_at(g, machine) + c.MC_CAL]
    num = g[mode_at(g, mode) + c.MD_NUM]
    den = g[machine_at(g, machine) + c.MC_EFF] * 60
    batch = batch_at(p, p[node + c.ND_LOT])
    base = p[batch + first]
    if g[step_at(g, p[node + c.ND_AT_STEP]) + c.ST_CYCLE] == 0:
        for b in range(first, last):
            before = ((p[batch + b] - base) * num + den - 1) // den
            through = ((p[batch + b + 1] - base) * num + den - 1) // den
            p[begins + b] = after(g, cal, work, before)
            p[ends + b] = after(g, cal, work, through)
        return
    per = g[mode_at(g, mode) + c.MD_PER]
    i = period_after(g, cal, work)
    i_end = g[cal_at(g, cal) + c.CAL_LAST]
    start, minutes = work, 0
    fits = (g[period_row(g, i) + c.PER_END] - start) * den // num
    for b in range(first, last):
        for side in range(2):
            unit = (p[batch + b] - base) // per if side == 0 else (p[batch + b + 1] - base - 1) // per
            while unit >= fits and i + 1 < i_end:
                i += 1
                period = period_row(g, i)
                done = (fits * num + den - 1) // den
                more = (g[period + c.PER_END] - g[period + c.PER_START] + done) * den // num
                if more > fits:
                    start, minutes, fits = g[period + c.PER_START], done, more
            if side == 0:
                p[begins + b] = start + (unit * num + den - 1) // den - minutes
            else:
                p[ends + b] = start + ((unit + 1) * num + den - 1) // den - minutes


@inner
def through_waits(g: Block, firm: int, step: int, pieces: int, t: int) -> int:
    """When a batch that is made at t has passed the step's waits."""
    row = step_at(g, step)
    for w in range(g[row + c.ST_WAIT], g[row + c.ST_WAIT_END]):
        wait = g[c.G_WAIT] + w * c.WT_COLUMNS
        minutes = g[wait + c.WT_FIXED] + (pieces * g[wait + c.WT_PIECE_S] + 59) // 60
        if g[wait + c.WT_FIRM]:
            t = after(g, g[g[c.G_FIRM] + firm], t, minutes)
        else:
            t += minutes
    return t


@inner
def handed_over(g: Block, p: Block, lot: int, step: int, first: int, last: int, together: bool) -> int:
    """Notes when batches [first, last) of a lot may leave step number `step`; gives the latest of them.

    together: a step that hands its lot over whole does so when the last batch of all is through.
    """
    row = lot_at(p, lot)
    path = path_at(g, p[row + c.LT_PATH])
    firm = g[path + c.PT_FIRM]
    at_step = g[path + c.PT_STEP] + step
    whole = together and g[step_at(g, at_step) + c.ST_TRANSFER] == 0
    batch = batch_at(p, lot)
    handed, ends = p[c.P_HANDED], p[c.P_BATCH_ENDS]
    late = 0
    n = p[row + c.LT_HEAD]
    while n >= 0 and p[node_at(p, n) + c.ND_STEP] <= step:
        node = node_at(p, n)
        low, high = p[node + c.ND_FIRST], p[node + c.ND_LAST]
        if p[node + c.ND_STEP] == step and (whole or (low < last and high > first)):
            batch_times(g, p, n, p[node + c.ND_WORK])
            for b in range(low, high):
                if whole or first <= b < last:
                    t = through_waits(g, firm, at_step, p[batch + b + 1] - p[batch + b], p[ends + b])
                    p[handed + b] = t
                    late = max(late, t)
        n = p[node + c.ND_NEXT]
    if whole:
        for b in range(first, last):
            p[handed + b] = late
    return late


@inner
def elapsed_waits(g: Block, step: int, pieces: int) -> int:
    """Minutes of a step's waits for a batch; -1 when they are counted in the firm's hours."""
    row = step_at(g, step)
    total = 0
    for w in range(g[row + c.ST_WAIT], g[row + c.ST_WAIT_END]):
        wait = g[c.G_WAIT] + w * c.WT_COLUMNS
        if g[wait + c.WT_FIRM]:
            return -1
        total += g[wait + c.WT_FIXED] + (pieces * g[wait + c.WT_PIECE_S] + 59) // 60
    return total


@inner
def assign(g: Block, p: Block, n: int, machine: int, mode: int) -> None:
    """Gives node n, which is on no machine, a machine and a mode."""
    node, row, way = node_at(p, n), machine_at(g, machine), mode_at(g, mode)
    p[node + c.ND_MACHINE] = machine
    p[node + c.ND_MODE] = mode
    p[node + c.ND_CAL] = -1
    if p[node + c.ND_IS_PLAIN] and g[row + c.MC_IS_PLAIN] and g[way + c.MD_SETUP] == 0:
        den = g[row + c.MC_EFF] * 60
        p[node + c.ND_CAL] = g[row + c.MC_CAL]
        p[node + c.ND_MINUTES] = (p[node + c.ND_PIECES] * g[way + c.MD_NUM] + den - 1) // den


@inner
def open_from(g: Block, cal: int, t: int, before: int) -> int:
    """The earliest open minute from which `before` minutes of work pass by t or later."""
    at = position(g, cal, t)
    need = at - before
    if at > 0 and worked(g, cal, at) < t:
        need += 1
    if need <= 0:
        return 0
    at = worked(g, cal, need)
    return at if at >= c.FAR else opens(g, cal, at)


@inner
def stocked(g: Block, p: Block, lot: int, batches: int) -> int:
    """When there is material for the first batches of a lot."""
    row = lot_at(p, lot)
    way = path_at(g, p[row + c.LT_PATH])
    stair, last = g[way + c.PT_STAIR], g[way + c.PT_STAIR_END]
    if stair == last:
        return g[way + c.PT_RELEASE]
    need = p[row + c.LT_BEFORE] + p[batch_at(p, lot) + batches]
    stairs = g[c.G_STAIR]
    while stair + 1 < last and g[stairs + stair * c.SR_COLUMNS + c.SR_PIECES] < need:
        stair += 1
    return g[stairs + stair * c.SR_COLUMNS + c.SR_MINUTE]


@inner
def gather(g: Block, p: Block, n: int) -> None:
    """Notes when each batch of node n may begin."""
    node = node_at(p, n)
    lot, step = p[node + c.ND_LOT], p[node + c.ND_STEP]
    first, last = p[node + c.ND_FIRST], p[node + c.ND_LAST]
    if step > 0:
        handed_over(g, p, lot, step - 1, first, last, True)
        return
    release = stocked(g, p, lot, last)
    for b in range(first, last):
        p[p[c.P_HANDED] + b] = release


@inner
def ready_on(g: Block, p: Block, n: int) -> int:
    """When the first batch of node n may begin, and for work at a rate so that no later batch comes late.

    The batches' own minutes are those noted last.
    """
    node = node_at(p, n)
    first, last = p[node + c.ND_FIRST], p[node + c.ND_LAST]
    handed = p[c.P_HANDED]
    ready = p[handed + first]
    if last - first > 1 and g[step_at(g, p[node + c.ND_AT_STEP]) + c.ST_CYCLE] == 0:
        machine, mode = p[node + c.ND_MACHINE], p[node + c.ND_MODE]
        cal = g[machine_at(g, machine) + c.MC_CAL]
        batch = batch_at(p, p[node + c.ND_LOT])
        for b in range(first + 1, last):
            if p[handed + b] > ready:
                before = minutes_of(g, machine, mode, p[batch + b] - p[batch + first])
                ready = max(ready, open_from(g, cal, p[handed + b], before))
    return ready


@inner
def time_run(g: Block, p: Block, n: int, ready: int, busy: int, before: int) -> tuple[int, int, int, int]:
    """(start, work, end, set-up) of node n behind a machine that is free from `busy` on, set up for `before`.

    ready: as `ready_on` gave it, with the batches' minutes still noted.
    """
    node = node_at(p, n)
    if p[node + c.ND_CAL] >= 0:
        work, end = run_from(g, p[node + c.ND_CAL], max(ready, busy), p[node + c.ND_MINUTES])
        return (work, work, end, 0) if end <= g[c.G_HORIZON] else (c.FAR, c.FAR, c.FAR, 0)
    machine, mode, at_step = p[node + c.ND_MACHINE], p[node + c.ND_MODE], p[node + c.ND_AT_STEP]
    path = path_at(g, p[lot_at(p, p[node + c.ND_LOT]) + c.LT_PATH])
    units = units_of(g, mode, p[node + c.ND_PIECES])
    low, high = 0, g[c.G_HORIZON]
    if p[node + c.ND_STEP] == g[path + c.PT_FORM]:
        low, high = g[path + c.PT_LOW], g[path + c.PT_HIGH]
    if g[c.G_POOLS] > 0 and run_holds(g, at_step, machine):
        low = max(low, p[node + c.ND_FROM])
    if g[step_at(g, at_step) + c.ST_PIN] > 0:
        low = max(low, g[pin_at(g, g[step_at(g, at_step) + c.ST_PIN] - 1) + c.PN_START])
    first, last = p[node + c.ND_FIRST], p[node + c.ND_LAST]
    is_checked = last - first == 1 or g[step_at(g, at_step) + c.ST_CYCLE] == 0
    while True:
        start, work, end, setup = fit_run(g, machine, at_step, mode, units, ready, busy, before, low, high)
        if work >= c.FAR or is_checked:
            return start, work, end, setup
        batch_times(g, p, n, work)
        delay = 0
        for b in range(first, last):
            delay = max(delay, p[p[c.P_HANDED] + b] - p[p[c.P_BATCH_BEGINS] + b])
        if delay <= 0:
            return start, work, end, setup
        ready = work + delay
