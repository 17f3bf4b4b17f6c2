"""Runs of two machines exchanged: some that follow each other on one for some on the other, or on one in another order.

Where there is too much for all machines, nothing can be put elsewhere without something going back: few such changes
are worth anything, and a glance at the two machines tells most of those that are not.
"""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, lot_at, machine_at, node_at, path_at
from production.planning.engine.kernel.hours import run_from
from production.planning.engine.kernel.journal import load_at
from production.planning.engine.kernel.lots import drop_lot, new_lot, some_joining
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.moves import MANY_RUNS, forming_of, is_ours, tail_min
from production.planning.engine.kernel.ripple import late_min, settle
from production.planning.engine.kernel.seat import seat_lot, worker_of, workers_at
from production.planning.engine.kernel.timing import minutes_of, place_after, units_of
from production.planning.kernel.compiler import inner

TRIES = 30
"""How many exchanges are glanced at until one is worth trying."""
NEAR = 2
"""How many places from where a run would be by its time it is put at the most."""
NEAR_WITHIN = 4
"""The same, on its own machine."""
MOST_TO_END = 12
"""All runs to the end of a machine are exchanged where there are no more than so many."""


@inner
def way_to(g: Block, p: Block, lot: int, machine: int) -> tuple[int, int]:
    """(path, worker) by which a machine can form a lot; -1, -1 when it cannot."""
    row = lot_at(p, lot)
    line = line_at(g, p[row + c.LT_LINE])
    firm = g[machine_at(g, machine) + c.MC_FIRM]
    for path in range(g[line + c.LN_PATH], g[line + c.LN_PATH_END]):
        way = path_at(g, path)
        if g[way + c.PT_FIRM] != firm or g[way + c.PT_FORM] < 0 or g[way + c.PT_LEAST] > p[row + c.LT_PIECES]:
            continue
        step = g[way + c.PT_STEP] + g[way + c.PT_FORM]
        workers = workers_at(g, g[way + c.PT_ROW], step)
        for w in range(g[workers + c.WS_FIRST], g[workers + c.WS_LAST]):
            if worker_of(g, step, w)[0] == machine:
                return path, w
    return -1, -1


@inner
def list_segment(g: Block, p: Block, here: int, i: int, many: int, there: int, count: int, firms: Block) -> int:
    """Lists the lots formed at places [i, i + many) of a machine behind `count` others, and their ways to another one.

    Gives how many are listed; -1 when one of them cannot go there.
    """
    listed = p[c.P_RUINED]
    for j in range(i, i + many):
        n = p[p[c.P_SEQ] + here * p[c.P_ROOM] + j]
        lot = p[node_at(p, n) + c.ND_LOT]
        way = path_at(g, p[lot_at(p, lot) + c.LT_PATH])
        if p[node_at(p, n) + c.ND_STEP] != g[way + c.PT_FORM] or count == c.MOST_RUINED:
            return -1
        path, w = way_to(g, p, lot, there)
        if path < 0 or not is_ours(g, p, lot, firms):
            return -1
        p[listed + count] = lot
        p[listed + c.MOST_RUINED + count] = path
        p[listed + 2 * c.MOST_RUINED + count] = w
        p[listed + 3 * c.MOST_RUINED + count] = p[lot_at(p, lot) + c.LT_PIECES]
        count += 1
    return count


@inner
def turn(p: Block, first: int, last: int) -> None:
    """Turns what is listed at [first, last) round."""
    while first < last - 1:
        last -= 1
        for table in range(4):
            a = p[c.P_RUINED] + table * c.MOST_RUINED + first
            b = p[c.P_RUINED] + table * c.MOST_RUINED + last
            kept = p[a]
            p[a] = p[b]
            p[b] = kept
        first += 1


@inner
def drop_listed(g: Block, p: Block, count: int) -> None:
    """Takes the listed lots out."""
    for x in range(count):
        lot = p[p[c.P_RUINED] + x]
        load = load_at(p, p[lot_at(p, lot) + c.LT_LINE])
        drop_lot(g, p, lot)
        p[c.P_TARDY] -= p[load + c.LD_TARDY]
        p[load + c.LD_TARDY] = 0


@inner
def seat_listed(g: Block, p: Block, first: int, last: int, i: int) -> bool:
    """Seats what is listed at [first, last) from place i on of the machine that is listed with it."""
    for x in range(first, last):
        listed = p[c.P_RUINED] + x
        path, w = p[listed + c.MOST_RUINED], p[listed + 2 * c.MOST_RUINED]
        lot = new_lot(g, p, path, p[listed + 3 * c.MOST_RUINED], some_joining(g, p, g[path_at(g, path) + c.PT_LINE]))
        if lot < 0 or not seat_lot(g, p, lot, w, i + x - first, False, False):
            return False
    return True


@inner
def growth_of(g: Block, p: Block, path: int, pieces: int, formed: int) -> int:
    """By how much a line's weighted lateness grows when its lot is formed then, and finished without waiting."""
    line = g[path_at(g, path) + c.PT_LINE]
    late = late_min(g, line, formed + tail_min(g, path, pieces))
    return late * g[line_at(g, line) + c.LN_PRIORITY] - p[load_at(p, line) + c.LD_TARDY]


@inner
def is_divided(p: Block, line: int) -> bool:
    """Whether a line is made in several lots."""
    return p[load_at(p, line) + c.LD_LOTS] > 1


@inner
def glance(g: Block, p: Block, machine: int, i: int, many: int, first: int, last: int) -> int:
    """By how much weighted lateness grows when what is listed at [first, last) takes `many` places from i on.

    As if nothing waited for the machines that finish it. -FAR when it cannot be said so easily.
    """
    row = machine_at(g, machine)
    cal = g[row + c.MC_CAL]
    t = p[p[c.P_ENDS] + machine * p[c.P_ROOM] + i - 1] if i > 0 else 0
    growth = 0 if g[row + c.MC_IS_PLAIN] else -c.FAR
    for x in range(first, last):
        listed = p[c.P_RUINED] + x
        path, w, pieces = p[listed + c.MOST_RUINED], p[listed + 2 * c.MOST_RUINED], p[listed + 3 * c.MOST_RUINED]
        way = path_at(g, path)
        mode = worker_of(g, g[way + c.PT_STEP] + g[way + c.PT_FORM], w)[1]
        if growth == -c.FAR or is_divided(p, g[way + c.PT_LINE]):
            return -c.FAR
        minutes = minutes_of(g, machine, mode, units_of(g, mode, pieces))
        t = run_from(g, cal, max(t, g[way + c.PT_RELEASE]), minutes)[1]
        growth += growth_of(g, p, path, pieces, t)
    for k in range(i + many, p[p[c.P_COUNT] + machine]):
        node = node_at(p, p[p[c.P_SEQ] + machine * p[c.P_ROOM] + k])
        lot = lot_at(p, p[node + c.ND_LOT])
        path = p[lot + c.LT_PATH]
        if p[node + c.ND_CAL] < 0 or is_divided(p, p[lot + c.LT_LINE]):
            return -c.FAR
        t = run_from(g, cal, max(t, g[path_at(g, path) + c.PT_RELEASE]), p[node + c.ND_MINUTES])[1]
        if t == p[node + c.ND_END]:
            break
        if p[node + c.ND_STEP] == g[path_at(g, path) + c.PT_FORM]:
            growth += growth_of(g, p, path, p[lot + c.LT_PIECES], t)
    return growth


@inner
def some_many(p: Block, left: int) -> int:
    """How many runs to exchange when so many are left on the machine."""
    luck = below(p, 8)
    if luck == 0 and left <= MOST_TO_END:
        return left
    return min(left, 1 if luck < 5 else below(p, 4))


@inner
def some_machine(g: Block, p: Block, lot: int) -> tuple[int, int]:
    """(machine, path) on which a lot could be formed; in half of the cases at its firm."""
    path = p[lot_at(p, lot) + c.LT_PATH]
    line = line_at(g, p[lot_at(p, lot) + c.LT_LINE])
    if below(p, 2) == 0:
        path = g[line + c.LN_PATH] + below(p, g[line + c.LN_PATH_END] - g[line + c.LN_PATH])
    way = path_at(g, path)
    if g[way + c.PT_FORM] < 0:
        return -1, path
    step = g[way + c.PT_STEP] + g[way + c.PT_FORM]
    workers = workers_at(g, g[way + c.PT_ROW], step)
    w = g[workers + c.WS_FIRST] + below(p, g[workers + c.WS_LAST] - g[workers + c.WS_FIRST])
    return worker_of(g, step, w)[0], path


@inner
def reorder(g: Block, p: Block, machine: int, i: int, slack: int, firms: Block) -> int:
    """Two runs of a machine change places, or one goes over some: 1 done, 0 to be rolled back, -1 not worth it."""
    j = max(0, min(p[p[c.P_COUNT] + machine] - 1, i + below(p, 2 * NEAR_WITHIN + 1) - NEAR_WITHIN))
    low = min(i, j)
    total = list_segment(g, p, machine, low, max(i, j) - low + 1, machine, 0, firms)
    if total < 2:
        return -1
    luck = below(p, 3)
    turn(p, 0, total)
    if luck == 0:
        turn(p, 1, total - 1)
    elif luck == 1:
        turn(p, 1, total)
    else:
        turn(p, 0, total - 1)
    if glance(g, p, machine, low, total, 0, total) > slack:
        return -1
    drop_listed(g, p, total)
    return 1 if seat_listed(g, p, 0, total, low) else 0


@inner
def exchange_with(g: Block, p: Block, here: int, i: int, there: int, at: int, slack: int, firms: Block) -> int:
    """As `reorder`: runs from place i on of one machine for some that another one works on at minute `at`."""
    end = p[p[c.P_COUNT] + there]
    j = max(0, min(end, place_after(p, there, at) + below(p, 2 * NEAR + 1) - NEAR))
    many = max(1, some_many(p, p[p[c.P_COUNT] + here] - i))
    others = some_many(p, end - j)
    count = list_segment(g, p, here, i, many, there, 0, firms)
    total = list_segment(g, p, there, j, others, here, count, firms) if count > 0 else -1
    if total < 0:
        return -1
    if glance(g, p, here, i, many, count, total) + glance(g, p, there, j, others, 0, count) > slack:
        return -1
    drop_listed(g, p, total)
    return 1 if seat_listed(g, p, 0, count, j) and seat_listed(g, p, count, total, i) else 0


@inner
def exchange(g: Block, p: Block, lot: int, most_tardy: int, firms: Block) -> bool:
    """Exchanges the run that forms a lot, and some behind it, for some of another machine. Part of a change.

    False: to be rolled back, or nothing was found that a glance does not tell to be too late.
    """
    node = node_at(p, forming_of(g, p, lot))
    here, i = p[node + c.ND_MACHINE], p[p[c.P_PLACE] + forming_of(g, p, lot)]
    if p[node + c.ND_STEP] != g[path_at(g, p[lot_at(p, lot) + c.LT_PATH]) + c.PT_FORM]:
        return False
    start, pieces = p[node + c.ND_START], p[lot_at(p, lot) + c.LT_PIECES]
    due = g[line_at(g, p[lot_at(p, lot) + c.LT_LINE]) + c.LN_DUE]
    slack = most_tardy - p[c.P_TARDY]
    for _ in range(TRIES):
        there, path = some_machine(g, p, lot)
        if there < 0 or firms[g[path_at(g, path) + c.PT_FIRM]] == 0:
            continue
        if there == here:
            done = reorder(g, p, here, i, slack, firms)
        else:
            at = start if below(p, 4) > 0 else due - tail_min(g, path, pieces)
            done = exchange_with(g, p, here, i, there, at, slack, firms)
        if done >= 0:
            return done == 1 and settle(g, p, most_tardy, MANY_RUNS)
    return False
