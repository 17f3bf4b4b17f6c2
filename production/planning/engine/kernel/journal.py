"""A change to the plan that can be taken back: rows are kept before they are written, moves of runs are noted."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import lot_at, node_at
from production.planning.kernel.compiler import inner


@inner
def load_at(p: Block, line: int) -> int:
    return p[c.P_LOAD] + line * c.LD_COLUMNS


@inner
def begin(p: Block) -> None:
    """Starts a change; `commit` keeps it, `rollback` takes it back."""
    p[c.P_CHANGE] += 1
    p[c.P_ROWS] = 0
    p[c.P_HEAP_SIZE] = 0
    p[c.P_IS_FULL] = 0
    p[c.P_KEPT_NODES] = p[c.P_FREE_NODES]
    p[c.P_KEPT_LOTS] = p[c.P_FREE_LOTS]
    for i in range(c.P_TOTALS):
        p[c.P_KEPT_TOTALS + i] = p[c.P_TARDY + i]


@inner
def note(p: Block, kind: int, number: int) -> int:
    """Where the journal's next row begins; when it is full the change is marked as one to be taken back."""
    count = p[c.P_ROWS]
    row = p[c.P_JOURNAL] + count * c.JR_COLUMNS
    if count + 1 >= p[c.P_JOURNAL_ROWS]:
        p[c.P_IS_FULL] = 1
    else:
        p[c.P_ROWS] = count + 1
    p[row] = kind
    p[row + 1] = number
    return row


@inner
def keep(p: Block, kind: int, number: int, at: int, columns: int) -> None:
    """Copies a row into the journal."""
    row = note(p, kind, number) + 2
    for i in range(columns):
        p[row + i] = p[at + i]


@inner
def touch_node(p: Block, n: int) -> None:
    """Keeps node n as it is, for going back. To be called before it is written, as the two below."""
    mark = p[c.P_NODE_MARK] + n
    if p[mark] != p[c.P_CHANGE]:
        p[mark] = p[c.P_CHANGE]
        keep(p, c.NODE_ROW, n, node_at(p, n), c.ND_COLUMNS)


@inner
def touch_lot(p: Block, lot: int) -> None:
    mark = p[c.P_LOT_MARK] + lot
    if p[mark] != p[c.P_CHANGE]:
        p[mark] = p[c.P_CHANGE]
        keep(p, c.LOT_ROW, lot, lot_at(p, lot), c.LT_COLUMNS)


@inner
def touch_load(p: Block, line: int) -> None:
    mark = p[c.P_LOAD_MARK] + line
    if p[mark] != p[c.P_CHANGE]:
        p[mark] = p[c.P_CHANGE]
        keep(p, c.LOAD_ROW, line, load_at(p, line), c.LD_COLUMNS)


@inner
def shift_out(p: Block, machine: int, i: int) -> None:
    """Closes place i of a machine."""
    row = machine * p[c.P_ROOM]
    seq, begins, ends, place = p[c.P_SEQ] + row, p[c.P_BEGINS] + row, p[c.P_ENDS] + row, p[c.P_PLACE]
    last = p[p[c.P_COUNT] + machine] - 1
    p[place + p[seq + i]] = -1
    for j in range(i, last):
        n = p[seq + j + 1]
        p[seq + j] = n
        p[begins + j] = p[begins + j + 1]
        p[ends + j] = p[ends + j + 1]
        p[place + n] = j
    p[p[c.P_COUNT] + machine] = last


@inner
def shift_in(p: Block, machine: int, i: int, n: int) -> None:
    """Opens place i of a machine for node n."""
    row = machine * p[c.P_ROOM]
    seq, begins, ends, place = p[c.P_SEQ] + row, p[c.P_BEGINS] + row, p[c.P_ENDS] + row, p[c.P_PLACE]
    last = p[p[c.P_COUNT] + machine]
    for j in range(last, i, -1):
        k = p[seq + j - 1]
        p[seq + j] = k
        p[begins + j] = p[begins + j - 1]
        p[ends + j] = p[ends + j - 1]
        p[place + k] = j
    p[seq + i] = n
    p[begins + i] = p[node_at(p, n) + c.ND_START]
    p[ends + i] = p[node_at(p, n) + c.ND_END]
    p[place + n] = i
    p[p[c.P_COUNT] + machine] = last + 1


@inner
def rollback(p: Block) -> None:
    """Takes the change back, the last step first."""
    while p[c.P_HEAP_SIZE] > 0:
        p[c.P_HEAP_SIZE] -= 1
        p[p[c.P_QUEUED] + (p[p[c.P_HEAP] + p[c.P_HEAP_SIZE]] & c.NUMBER)] = 0
    row_of_places = p[c.P_ROOM]
    for j in range(p[c.P_ROWS] - 1, -1, -1):
        row = p[c.P_JOURNAL] + j * c.JR_COLUMNS
        kind, number = p[row], p[row + 1]
        if kind == c.NODE_ROW:
            node = node_at(p, number)
            for i in range(c.ND_COLUMNS):
                p[node + i] = p[row + 2 + i]
            place = p[p[c.P_PLACE] + number]
            if place >= 0:
                place += p[node + c.ND_MACHINE] * row_of_places
                p[p[c.P_BEGINS] + place] = p[node + c.ND_START]
                p[p[c.P_ENDS] + place] = p[node + c.ND_END]
        elif kind == c.LOT_ROW:
            for i in range(c.LT_COLUMNS):
                p[lot_at(p, number) + i] = p[row + 2 + i]
        elif kind == c.LOAD_ROW:
            for i in range(c.LD_COLUMNS):
                p[load_at(p, number) + i] = p[row + 2 + i]
        elif kind == c.PUT_ON:
            shift_out(p, p[node_at(p, number) + c.ND_MACHINE], p[p[c.P_PLACE] + number])
        elif kind == c.TAKEN_OFF:
            shift_in(p, p[row + 2], p[row + 3], number)
        else:
            p[p[c.P_SOLD] + number] = p[row + 2]
    p[c.P_ROWS] = 0
    p[c.P_FREE_NODES] = p[c.P_KEPT_NODES]
    p[c.P_FREE_LOTS] = p[c.P_KEPT_LOTS]
    for i in range(c.P_TOTALS):
        p[c.P_TARDY + i] = p[c.P_KEPT_TOTALS + i]


@inner
def enlist(p: Block, listed: int, at: int, counter: int, number: int, is_in: bool) -> None:
    """Keeps a number in a list or out of it. `at` says where each stands, -1 outside."""
    i = p[at + number]
    if is_in and i < 0:
        p[at + number] = p[counter]
        p[listed + p[counter]] = number
        p[counter] += 1
    elif not is_in and i >= 0:
        p[counter] -= 1
        last = p[listed + p[counter]]
        p[listed + i] = last
        p[at + last] = i
        p[at + number] = -1


@inner
def commit(p: Block) -> None:
    """Keeps the change: rows of dropped lots become free, the lists of late and of placed lines follow."""
    for j in range(p[c.P_ROWS]):
        row = p[c.P_JOURNAL] + j * c.JR_COLUMNS
        kind, number = p[row], p[row + 1]
        if kind == c.LOAD_ROW:
            load = load_at(p, number)
            enlist(p, p[c.P_LATE], p[c.P_LATE_AT], c.P_LATE_COUNT, number, p[load + c.LD_TARDY] > 0)
            enlist(p, p[c.P_AWAY], p[c.P_AWAY_AT], c.P_AWAY_COUNT, number, p[load + c.LD_FEN] > 0)
        elif kind == c.LOT_ROW and p[lot_at(p, number) + c.LT_PIECES] == 0:
            n = p[lot_at(p, number) + c.LT_HEAD]
            while n >= 0:
                p[p[c.P_FREE_NODE] + p[c.P_FREE_NODES]] = n
                p[c.P_FREE_NODES] += 1
                n = p[node_at(p, n) + c.ND_NEXT]
            p[p[c.P_FREE_LOT] + p[c.P_FREE_LOTS]] = number
            p[c.P_FREE_LOTS] += 1
            p[lot_at(p, number) + c.LT_HEAD] = -1
    p[c.P_ROWS] = 0
