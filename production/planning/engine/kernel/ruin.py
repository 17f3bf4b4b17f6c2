"""Ruin and recreate: several lots that stand near each other are taken out, and each is put where it suits best."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, lot_at, node_at, path_at
from production.planning.engine.kernel.journal import load_at, touch_load
from production.planning.engine.kernel.lots import drop_lot, forget_lot, new_lot, some_joining
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.moves import MANY_RUNS, forming_of, is_ours, tail_min
from production.planning.engine.kernel.ripple import late_min, settle, weigh
from production.planning.engine.kernel.seat import (
    finish_now,
    forming_gap,
    seat_lot,
    worker_of,
    workers_at,
)
from production.planning.engine.kernel.timing import place_after
from production.planning.kernel.compiler import inner

BLINKS = 20
HOME_FIRST, SOONEST, CHEAPEST = 0, 1, 2
UNKNOWN = 1 << 60
NO_PLACE, NO_ROOM = -1, -2
"""For `put_back`, instead of the lateness."""


@inner
def add_ruined(p: Block, lot: int, count: int) -> int:
    """Puts a lot on the list of those to be taken out; gives how many there are."""
    listed = p[c.P_RUINED]
    for i in range(count):
        if p[listed + i] == lot:
            return count
    p[listed + count] = lot
    return count + 1


@inner
def neighbours(g: Block, p: Block, lot: int, to_home: bool, most: int, firms: Block) -> int:
    """Lists a lot and others that stand near where it is or could be, on machines of one firm; gives how many.

    to_home: where it could be at its own firm.
    """
    row = lot_at(p, lot)
    line = p[row + c.LT_LINE]
    first, last = g[line_at(g, line) + c.LN_PATH], g[line_at(g, line) + c.LN_PATH_END]
    path = first
    if not to_home:
        path = p[row + c.LT_PATH] if below(p, 3) == 0 else first + below(p, last - first)
    way = path_at(g, path)
    if firms[g[way + c.PT_FIRM]] == 0:
        path = p[row + c.LT_PATH]
        way = path_at(g, path)
    count = add_ruined(p, lot, 0)
    k = below(p, g[way + c.PT_STEPS])
    step = g[way + c.PT_STEP] + k
    place = g[way + c.PT_ROW] if k == g[way + c.PT_FORM] else g[way + c.PT_FIRM]
    workers = workers_at(g, place, step)
    many = g[workers + c.WS_LAST] - g[workers + c.WS_FIRST]
    at = g[line_at(g, line) + c.LN_DUE] - tail_min(g, path, p[row + c.LT_PIECES])
    luck = below(p, 4)
    if luck == 0:
        at = below(p, max(1, at))
    elif luck == 1:
        at = p[node_at(p, forming_of(g, p, lot)) + c.ND_END]
    return list_near(g, p, step, g[workers + c.WS_FIRST], many, at, count, most, firms)


@inner
def list_near(
    g: Block, p: Block, step: int, worker: int, many: int, at: int, count: int, most: int, firms: Block
) -> int:
    """Lists lots that stand near a minute on the machines of a step, behind `count` others; gives how many."""
    length = 1 + below(p, 4)
    w = below(p, many)
    for _ in range(many):
        machine, _ = worker_of(g, step, worker + w)
        w = w + 1 if w + 1 < many else 0
        i = max(0, place_after(p, machine, at) - below(p, length + 1))
        for j in range(i, min(i + length, p[p[c.P_COUNT] + machine])):
            other = p[node_at(p, p[p[c.P_SEQ] + machine * p[c.P_ROOM] + j]) + c.ND_LOT]
            if is_ours(g, p, other, firms):
                count = add_ruined(p, other, count)
            if count == most:
                return count
    return count


@inner
def sort_ruined(g: Block, p: Block, count: int) -> None:
    """Puts the list of lines in the order in which they are put back: by due date, work or chance."""
    lines, keys = p[c.P_RUINED] + c.MOST_RUINED, p[c.P_RUINED]
    luck = below(p, 10)
    for i in range(count):
        line = p[lines + i]
        row = line_at(g, line)
        if luck < 4:
            p[keys + i] = g[row + c.LN_DUE]
        elif luck < 7:
            path = g[row + c.LN_PATH]
            p[keys + i] = g[row + c.LN_DUE] - tail_min(g, path, g[row + c.LN_PIECES])
        elif luck < 8:
            p[keys + i] = -g[row + c.LN_PIECES] * g[row + c.LN_MASS]
        else:
            p[keys + i] = below(p, 1 << 30)
    pieces = lines + c.MOST_RUINED
    for i in range(1, count):
        key, line, size = p[keys + i], p[lines + i], p[pieces + i]
        j = i
        while j > 0 and p[keys + j - 1] > key:
            p[keys + j] = p[keys + j - 1]
            p[lines + j] = p[lines + j - 1]
            p[pieces + j] = p[pieces + j - 1]
            j -= 1
        p[keys + j] = key
        p[lines + j] = line
        p[pieces + j] = size


@inner
def put_back(g: Block, p: Block, line: int, pieces: int, manner: int, most_late: int, firms: Block) -> int:
    """Puts pieces of a line where they suit best without moving others; gives the lateness.

    NO_PLACE: there is none, or none with at most so much lateness, and nothing was done. Below: to be rolled back.
    """
    row = line_at(g, line)
    joined = some_joining(g, p, line)
    best_late, best_fen, best_end, best_path, best_w = UNKNOWN, UNKNOWN, UNKNOWN, -1, -1
    for path in range(g[row + c.LN_PATH], g[row + c.LN_PATH_END]):
        way = path_at(g, path)
        if firms[g[way + c.PT_FIRM]] == 0 or g[way + c.PT_LEAST] > pieces:
            continue
        lot = new_lot(g, p, path, pieces, joined)
        if lot == -1:
            continue
        if lot < 0:
            return NO_ROOM
        w = forming_gap(g, p, lot, BLINKS) if g[way + c.PT_FORM] >= 0 else -1
        if (w >= 0 or g[way + c.PT_FORM] < 0) and seat_lot(g, p, lot, w, -1, False, True):
            end = finish_now(g, p, lot)
            late = late_min(g, line, end) * g[row + c.LN_PRIORITY]
            fen = p[lot_at(p, lot) + c.LT_FEN] if manner != SOONEST else 0
            if late < best_late or (late == best_late and (fen < best_fen or (fen == best_fen and end < best_end))):
                best_late, best_fen, best_end, best_path, best_w = late, fen, end, path, w
        forget_lot(p, lot)
        if manner == HOME_FIRST and best_late == 0:
            break
    if best_path < 0 or best_late > most_late:
        return NO_PLACE
    lot = new_lot(g, p, best_path, pieces, joined)
    return best_late if seat_lot(g, p, lot, best_w, -1, False, False) else NO_ROOM


@inner
def take_out(g: Block, p: Block, count: int) -> None:
    """Takes the listed lots out, and lists of each its line and its pieces."""
    listed = p[c.P_RUINED]
    lines, sizes = listed + c.MOST_RUINED, listed + 2 * c.MOST_RUINED
    for i in range(count):
        row = lot_at(p, p[listed + i])
        line = p[row + c.LT_LINE]
        p[lines + i] = line
        p[sizes + i] = p[row + c.LT_PIECES]
        drop_lot(g, p, p[listed + i])
        load = load_at(p, line)
        p[c.P_TARDY] -= p[load + c.LD_TARDY]
        p[load + c.LD_TARDY] = 0


@inner
def ruin_and_recreate(g: Block, p: Block, lot: int, to_home: bool, most_tardy: int, firms: Block) -> bool:
    """Takes a lot and some near it out and puts each back. Part of a change; False: to be rolled back."""
    count = neighbours(g, p, lot, to_home, 2 + below(p, 9), firms)
    take_out(g, p, count)
    return recreate(g, p, count, most_tardy, firms)


@inner
def swap_in(g: Block, p: Block, line: int, most_tardy: int, firms: Block) -> bool:
    """Takes lots out that stand where a line that is left out could be, and puts it and them back. Part of a change."""
    row = line_at(g, line)
    path = g[row + c.LN_PATH] + below(p, g[row + c.LN_PATH_END] - g[row + c.LN_PATH])
    way = path_at(g, path)
    if firms[g[way + c.PT_FIRM]] == 0:
        return False
    k = max(0, g[way + c.PT_FORM])
    step = g[way + c.PT_STEP] + k
    workers = workers_at(g, g[way + c.PT_ROW], step)
    many = g[workers + c.WS_LAST] - g[workers + c.WS_FIRST]
    at = below(p, max(1, g[row + c.LN_DUE] - tail_min(g, path, g[row + c.LN_PIECES])))
    count = list_near(g, p, step, g[workers + c.WS_FIRST], many, at, 0, 1 + below(p, 9), firms)
    take_out(g, p, count)
    listed = p[c.P_RUINED]
    p[listed + c.MOST_RUINED + count] = line
    p[listed + 2 * c.MOST_RUINED + count] = g[row + c.LN_PIECES]
    touch_load(p, line)
    return recreate(g, p, count + 1, most_tardy, firms)


@inner
def recreate(g: Block, p: Block, count: int, most_tardy: int, firms: Block) -> bool:
    """Puts what was taken out back; what may be refused stays out when it would be late, or not, as luck has it."""
    listed = p[c.P_RUINED]
    lines, sizes = listed + c.MOST_RUINED, listed + 2 * c.MOST_RUINED
    sort_ruined(g, p, count)
    luck = below(p, 20)
    manner = SOONEST if luck < 3 else CHEAPEST if luck < 6 else HOME_FIRST
    tardy = p[c.P_TARDY]
    for i in range(count):
        line = p[lines + i]
        row = line_at(g, line)
        may_refuse = g[row + c.LN_REFUSAL] >= 0 and p[sizes + i] == g[row + c.LN_PIECES] and below(p, 4) > 0
        late = put_back(g, p, line, p[sizes + i], manner, 0 if may_refuse else UNKNOWN, firms)
        if late == NO_PLACE and may_refuse:
            weigh(g, p, line)
            late = 0
        if late < 0:
            return False
        tardy += late
        if tardy > most_tardy:
            return False
    return settle(g, p, most_tardy, MANY_RUNS)
