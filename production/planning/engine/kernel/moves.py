"""Single changes: a lot or one of its runs is taken out and put elsewhere in the order of things."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, lot_at, machine_at, node_at, path_at, step_at
from production.planning.engine.kernel.journal import load_at, touch_node
from production.planning.engine.kernel.lots import drop_lot, new_lot, some_joining
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.ripple import settle, take_off
from production.planning.engine.kernel.seat import seat_after, seat_lot, worker_of, workers_at
from production.planning.engine.kernel.timing import minutes_of, place_after, through_waits, units_of
from production.planning.kernel.compiler import inner

MANY_RUNS = 5000
DAY = 1440
FEW_LINES = 12
"""With so few lines any place on a machine is tried, not only those near the due date."""
NEAR = 24
"""How far along a machine a run of the same family is looked for."""


@inner
def tail_min(g: Block, path: int, pieces: int) -> int:
    """Least minutes from the end of a lot's forming run to its finish."""
    way = path_at(g, path)
    firm, form = g[way + c.PT_FIRM], g[way + c.PT_FORM]
    total = g[way + c.PT_TRIP]
    for k in range(max(0, form), g[way + c.PT_STEPS]):
        step = g[way + c.PT_STEP] + k
        if k > form:
            machine, mode = worker_of(g, step, g[workers_at(g, firm, step) + c.WS_FIRST])
            total += minutes_of(g, machine, mode, units_of(g, mode, pieces))
        total = through_waits(g, firm, step, pieces, total)
    return total


@inner
def forming_of(g: Block, p: Block, lot: int) -> int:
    """The node that forms a lot; its first one when its path has no forming step."""
    row = lot_at(p, lot)
    form = g[path_at(g, p[row + c.LT_PATH]) + c.PT_FORM]
    n = p[row + c.LT_HEAD]
    while p[node_at(p, n) + c.ND_STEP] < form:
        n = p[node_at(p, n) + c.ND_NEXT]
    return n


@inner
def some_lot(p: Block, line: int) -> int:
    """One of a line's lots; -1 when it has none."""
    count = p[load_at(p, line) + c.LD_LOTS]
    if count == 0:
        return -1
    lot = p[load_at(p, line) + c.LD_HEAD]
    for _ in range(below(p, count)):
        lot = p[lot_at(p, lot) + c.LT_NEXT]
    return lot


@inner
def blocker_of(g: Block, p: Block, lot: int) -> int:
    """A lot that works shortly before this one on one of its machines; -1 when there is none."""
    n = p[lot_at(p, lot) + c.LT_HEAD]
    steps = g[path_at(g, p[lot_at(p, lot) + c.LT_PATH]) + c.PT_STEPS]
    for _ in range(below(p, steps)):
        if p[node_at(p, n) + c.ND_NEXT] >= 0:
            n = p[node_at(p, n) + c.ND_NEXT]
    i = p[p[c.P_PLACE] + n]
    if i == 0:
        return -1
    i -= 1 + below(p, min(i, 12))
    return p[node_at(p, p[p[c.P_SEQ] + p[node_at(p, n) + c.ND_MACHINE] * p[c.P_ROOM] + i]) + c.ND_LOT]


@inner
def is_ours(g: Block, p: Block, lot: int, firms: Block) -> bool:
    """Whether all lots of a lot's line are made by firms that may be changed."""
    lot = p[load_at(p, p[lot_at(p, lot) + c.LT_LINE]) + c.LD_HEAD]
    while lot >= 0:
        if firms[g[path_at(g, p[lot_at(p, lot) + c.LT_PATH]) + c.PT_FIRM]] == 0:
            return False
        lot = p[lot_at(p, lot) + c.LT_NEXT]
    return True


@inner
def chosen_path(g: Block, p: Block, lot: int, to_home: bool, firms: Block) -> int:
    """A path for a lot: mostly the one that it has; to_home: the line's first, its firm's own."""
    row = lot_at(p, lot)
    line = line_at(g, p[row + c.LT_LINE])
    first, last = g[line + c.LN_PATH], g[line + c.LN_PATH_END]
    path = p[row + c.LT_PATH]
    other = path
    if to_home:
        other = first
    elif below(p, 10) >= 6:
        other = first + below(p, last - first)
    way = path_at(g, other)
    if g[way + c.PT_LEAST] <= p[row + c.LT_PIECES] and firms[g[way + c.PT_FIRM]]:
        return other
    return path


@inner
def beside_family(g: Block, p: Block, machine: int, family: int, i: int) -> int:
    """The place next to i on a machine that follows on a run of the same family; i when there is none near."""
    count = p[p[c.P_COUNT] + machine]
    seq = p[c.P_SEQ] + machine * p[c.P_ROOM]
    for away in range(NEAR):
        for j in (i - away, i + away):
            if 0 < j <= count:
                before = node_at(p, p[seq + j - 1])
                if g[step_at(g, p[before + c.ND_AT_STEP]) + c.ST_FAMILY] == family:
                    return j
    return i


@inner
def move_lot(g: Block, p: Block, lot: int, path: int, is_pushed_back: bool, most_tardy: int) -> bool:
    """Takes a lot out and puts it in again along a path, in time for its due date or earlier. Part of a change."""
    row = lot_at(p, lot)
    line, pieces = p[row + c.LT_LINE], p[row + c.LT_PIECES]
    load = load_at(p, line)
    before = p[node_at(p, forming_of(g, p, lot)) + c.ND_END]
    drop_lot(g, p, lot)
    p[c.P_TARDY] -= p[load + c.LD_TARDY]
    p[load + c.LD_TARDY] = 0
    lot = new_lot(g, p, path, pieces, some_joining(g, p, line))
    if lot < 0:
        return False
    way = path_at(g, path)
    step = g[way + c.PT_STEP] + max(0, g[way + c.PT_FORM])
    workers = workers_at(g, g[way + c.PT_ROW], step)
    w = g[workers + c.WS_FIRST] + below(p, g[workers + c.WS_LAST] - g[workers + c.WS_FIRST])
    machine, mode = worker_of(g, step, w)
    end = g[line_at(g, line) + c.LN_DUE] - tail_min(g, path, pieces)
    if not is_pushed_back:
        end -= below(p, 50) * below(p, 50) * 60 // 50
    elif below(p, 10) < 7:
        end -= below(p, DAY)
    else:
        end = before + below(p, DAY * 2) - DAY // 2
    i = place_after(p, machine, end - minutes_of(g, machine, mode, units_of(g, mode, pieces)))
    if g[machine_at(g, machine) + c.MC_MATRIX] >= 0 and below(p, 2) == 0:
        i = beside_family(g, p, machine, g[step_at(g, step) + c.ST_FAMILY], i)
    if g[c.G_LINES] <= FEW_LINES and below(p, 2) == 0:
        i = below(p, p[p[c.P_COUNT] + machine] + 1)
    return seat_lot(g, p, lot, w, i, below(p, 2) == 0, False) and settle(g, p, most_tardy, MANY_RUNS)


@inner
def move_finish(g: Block, p: Block, lot: int, most_tardy: int) -> bool:
    """Puts one of a lot's finishing runs elsewhere. Part of a change."""
    form = forming_of(g, p, lot)
    steps = g[path_at(g, p[lot_at(p, lot) + c.LT_PATH]) + c.PT_STEPS] - p[node_at(p, form) + c.ND_STEP] - 1
    if steps <= 0:
        return False
    n = form
    for _ in range(1 + below(p, steps)):
        n = p[node_at(p, n) + c.ND_NEXT]
    take_off(p, n)
    touch_node(p, n)
    return seat_after(g, p, n, below(p, 2) == 0, False) and settle(g, p, most_tardy, MANY_RUNS)
