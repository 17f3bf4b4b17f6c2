"""Changing a plan and taking the change back: runs on and off machines, and all times that follow."""

from production.planning.engine.kernel.compiler import kernel
from production.planning.engine.kernel.timing import gather, handed_over, ready_on, time_run
from production.planning.engine.model import (
    FAR,
    LD_FEN,
    LD_FINISH,
    LD_HEAD,
    LD_LOTS,
    LD_PIECES,
    LD_TARDY,
    LN_DUE,
    LN_FINISH,
    LN_LATE_FIXED,
    LN_PIECES,
    LN_PRIORITY,
    LN_REFUSAL,
    LN_SPLIT,
    LN_WORTH,
    LOAD_COLUMNS,
    LOT_COLUMNS,
    LT_FEN,
    LT_FINISH,
    LT_HEAD,
    LT_LINE,
    LT_NEXT,
    LT_PATH,
    MC_FAMILY,
    ND_AT_STEP,
    ND_END,
    ND_FINISH,
    ND_FIRST,
    ND_LAST,
    ND_LOT,
    ND_MACHINE,
    ND_NEXT,
    ND_SETUP,
    ND_START,
    ND_STEP,
    ND_WORK,
    NODE_COLUMNS,
    PT_STEPS,
    PT_TRIP,
    ST_FAMILY,
    ST_TRANSFER,
    TOTALS,
    TT_FEN,
    TT_SETUP,
    TT_TARDY,
    Model,
    State,
)

# txn: what the present change has done so far
TX_NUMBER, TX_ROWS, TX_HEAP, TX_NODES, TX_LOTS, TX_FULL = 0, 1, 2, 3, 4, 5
TX_TOTAL = 6
# journal: kind and number, then the row as it was
NODE_ROW, LOT_ROW, LOAD_ROW, PUT_ON, TAKEN_OFF, SOLD = 0, 1, 2, 3, 4, 5
KEY_BITS = 22


@kernel
def begin(state: State) -> None:
    """Starts a change; `commit` keeps it, `rollback` takes it back."""
    txn = state.txn
    txn[TX_NUMBER] += 1
    txn[TX_ROWS] = 0
    txn[TX_HEAP] = 0
    txn[TX_NODES] = state.free_node[-1]
    txn[TX_LOTS] = state.free_lot[-1]
    txn[TX_FULL] = 0
    for i in range(TOTALS):
        txn[TX_TOTAL + i] = state.total[i]


@kernel
def note(state: State, kind: int, number: int) -> int:
    """The next row of the journal; when it is full the change is marked as one to be taken back."""
    row = state.txn[TX_ROWS]
    if row + 1 >= state.journal.shape[0]:
        state.txn[TX_FULL] = 1
        return row
    state.journal[row, 0] = kind
    state.journal[row, 1] = number
    state.txn[TX_ROWS] = row + 1
    return row


@kernel
def touch_node(state: State, n: int) -> None:
    """Keeps node n as it is, for going back. To be called before it is written."""
    if state.node_mark[n] != state.txn[TX_NUMBER]:
        state.node_mark[n] = state.txn[TX_NUMBER]
        row = state.journal[note(state, NODE_ROW, n)]
        for i in range(NODE_COLUMNS):
            row[i + 2] = state.node[n, i]


@kernel
def touch_lot(state: State, lot: int) -> None:
    """Keeps a lot as it is."""
    if state.lot_mark[lot] != state.txn[TX_NUMBER]:
        state.lot_mark[lot] = state.txn[TX_NUMBER]
        row = state.journal[note(state, LOT_ROW, lot)]
        for i in range(LOT_COLUMNS):
            row[i + 2] = state.lot[lot, i]


@kernel
def touch_load(state: State, line: int) -> None:
    """Keeps a line's place in the plan as it is."""
    if state.load_mark[line] != state.txn[TX_NUMBER]:
        state.load_mark[line] = state.txn[TX_NUMBER]
        row = state.journal[note(state, LOAD_ROW, line)]
        for i in range(LOAD_COLUMNS):
            row[i + 2] = state.load[line, i]


@kernel
def push(state: State, n: int, at: int) -> None:
    """Queues node n to be timed again, in the order of `at`."""
    if state.queued[n]:
        return
    state.queued[n] = 1
    heap = state.heap
    i = state.txn[TX_HEAP]
    state.txn[TX_HEAP] = i + 1
    key = (at << KEY_BITS) | n
    while i > 0:
        up = (i - 1) >> 1
        if heap[up] <= key:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = key


@kernel
def pop(state: State) -> int:
    """The queued node that begins first."""
    heap = state.heap
    size = state.txn[TX_HEAP] - 1
    state.txn[TX_HEAP] = size
    n = heap[0] & ((1 << KEY_BITS) - 1)
    key = heap[size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        if down + 1 < size and heap[down + 1] < heap[down]:
            down += 1
        if heap[down] >= key:
            break
        heap[i] = heap[down]
        i = down
    heap[i] = key
    state.queued[n] = 0
    return n


@kernel
def shift_out(state: State, m: int, i: int) -> None:
    """Closes the place i of machine m."""
    seq, begins, ends = state.seq[m], state.begins[m], state.ends[m]
    last = state.count[m] - 1
    state.place[seq[i]] = -1
    for j in range(i, last):
        seq[j] = seq[j + 1]
        begins[j] = begins[j + 1]
        ends[j] = ends[j + 1]
        state.place[seq[j]] = j
    state.count[m] = last


@kernel
def shift_in(state: State, m: int, i: int, n: int) -> None:
    """Opens place i of machine m for node n."""
    seq, begins, ends = state.seq[m], state.begins[m], state.ends[m]
    last = state.count[m]
    for j in range(last, i, -1):
        seq[j] = seq[j - 1]
        begins[j] = begins[j - 1]
        ends[j] = ends[j - 1]
        state.place[seq[j]] = j
    seq[i] = n
    begins[i] = state.node[n, ND_START]
    ends[i] = state.node[n, ND_END]
    state.place[n] = i
    state.count[m] = last + 1


@kernel
def take_off(state: State, n: int) -> None:
    """Takes node n off its machine; the next one there is timed again."""
    m = state.node[n, ND_MACHINE]
    i = state.place[n]
    row = note(state, TAKEN_OFF, n)
    state.journal[row, 2] = m
    state.journal[row, 3] = i
    state.total[TT_SETUP] -= state.node[n, ND_SETUP]
    shift_out(state, m, i)
    if i < state.count[m]:
        push(state, state.seq[m, i], state.begins[m, i])


@kernel
def put_on(state: State, n: int, m: int, i: int) -> bool:
    """Puts node n on machine m before its place i; n and the next one are timed again. False when m is full."""
    if state.count[m] + 1 >= state.seq.shape[1]:
        return False
    touch_node(state, n)
    state.node[n, ND_MACHINE] = m
    state.node[n, ND_SETUP] = 0
    shift_in(state, m, i, n)
    note(state, PUT_ON, n)
    if i + 1 < state.count[m]:
        push(state, state.seq[m, i + 1], state.begins[m, i + 1])
    return True


@kernel
def busy_before(model: Model, state: State, m: int, i: int) -> tuple[int, int]:
    """(until when machine m is busy before its place i, what it is set up for then)."""
    if i == 0:
        return 0, model.mach[m, MC_FAMILY]
    before = state.seq[m, i - 1]
    return state.ends[m, i - 1], model.step[state.node[before, ND_AT_STEP], ST_FAMILY]


@kernel
def weigh(model: Model, state: State, line: int) -> None:
    """Brings a line's lateness and the totals up to its lots."""
    row = model.line[line]
    load = state.load[line]
    state.total[TT_TARDY] -= load[LD_TARDY]
    state.total[TT_FEN] -= load[LD_FEN]
    finish = row[LN_FINISH]
    fen = 0
    lot = load[LD_HEAD]
    while lot >= 0:
        if state.lot[lot, LT_FINISH] > finish:
            finish = state.lot[lot, LT_FINISH]
        fen += state.lot[lot, LT_FEN]
        lot = state.lot[lot, LT_NEXT]
    if load[LD_LOTS] > 1:
        fen += (load[LD_LOTS] - 1) * row[LN_SPLIT]
    load[LD_FINISH] = finish
    late = 0
    if load[LD_PIECES] < row[LN_PIECES]:
        if row[LN_REFUSAL] >= 0 and load[LD_PIECES] == 0:
            fen += row[LN_REFUSAL]
        else:
            late = model.horizon - row[LN_DUE]
            late = (late if late > 0 else 0) + 2 * row[LN_LATE_FIXED] + 1
    elif finish > row[LN_DUE]:
        late = finish - row[LN_DUE] + row[LN_LATE_FIXED]
    if row[LN_WORTH] >= 0:
        fen += (late * row[LN_WORTH] + 59) // 60
        late = 0
    load[LD_TARDY] = late * row[LN_PRIORITY]
    load[LD_FEN] = fen
    state.total[TT_TARDY] += load[LD_TARDY]
    state.total[TT_FEN] += fen


@kernel
def finish_lot(model: Model, state: State, lot: int) -> None:
    """Works out when a lot is finished, and what that means for its line."""
    node = state.node
    steps = model.path[state.lot[lot, LT_PATH], PT_STEPS]
    finish = 0
    n = state.lot[lot, LT_HEAD]
    while n >= 0:
        if node[n, ND_STEP] == steps - 1 and node[n, ND_FINISH] > finish:
            finish = node[n, ND_FINISH]
        n = node[n, ND_NEXT]
    if finish == state.lot[lot, LT_FINISH]:
        return
    touch_lot(state, lot)
    state.lot[lot, LT_FINISH] = finish
    line = state.lot[lot, LT_LINE]
    touch_load(state, line)
    weigh(model, state, line)


@kernel
def retime(model: Model, state: State, n: int) -> bool:
    """Times node n again and queues what depends on it. False when there is no time for it."""
    node = state.node
    m, i = node[n, ND_MACHINE], state.place[n]
    busy, before = busy_before(model, state, m, i)
    gather(model, state, n)
    ready = ready_on(model, state, n)
    start, work, end, setup = time_run(model, state, n, ready, busy, before)
    if end >= FAR:
        return False
    is_same = work == node[n, ND_WORK] and end == node[n, ND_END] and node[n, ND_FINISH] >= 0
    if is_same and start == node[n, ND_START] and setup == node[n, ND_SETUP]:
        return True
    touch_node(state, n)
    state.total[TT_SETUP] += setup - node[n, ND_SETUP]
    node[n, ND_START] = start
    node[n, ND_WORK] = work
    node[n, ND_END] = end
    node[n, ND_SETUP] = setup
    state.begins[m, i] = start
    state.ends[m, i] = end
    if is_same:
        return True
    node[n, ND_FINISH] = 0
    if i + 1 < state.count[m]:
        push(state, state.seq[m, i + 1], state.begins[m, i + 1])
    lot, step = node[n, ND_LOT], node[n, ND_STEP]
    path = state.lot[lot, LT_PATH]
    if step == model.path[path, PT_STEPS] - 1:
        first, last = node[n, ND_FIRST], node[n, ND_LAST]
        made = handed_over(model, state, lot, step, first, last, False)
        node[n, ND_FINISH] = made + model.path[path, PT_TRIP]
        finish_lot(model, state, lot)
        return True
    whole = model.step[node[n, ND_AT_STEP], ST_TRANSFER] == 0
    k = node[n, ND_NEXT]
    while k >= 0 and node[k, ND_STEP] <= step + 1:
        if node[k, ND_STEP] == step + 1:
            if whole or (node[k, ND_FIRST] < node[n, ND_LAST] and node[k, ND_LAST] > node[n, ND_FIRST]):
                if state.place[k] >= 0:
                    push(state, k, node[k, ND_START])
        k = node[k, ND_NEXT]
    return True


@kernel
def settle(model: Model, state: State, most_tardy: int, most_runs: int) -> bool:
    """Times again whatever is queued, and what follows from it.

    False when some run has no time, when tardiness has passed `most_tardy`, or when the order of runs leads in a
    circle (more than `most_runs` were timed): the change is to be rolled back then.
    """
    runs = 0
    is_good = True
    while state.txn[TX_HEAP] > 0:
        n = pop(state)
        if state.place[n] < 0:
            continue
        runs += 1
        if runs > most_runs or state.txn[TX_FULL] or not retime(model, state, n):
            is_good = False
            break
        if state.total[TT_TARDY] > most_tardy:
            is_good = False
            break
    while state.txn[TX_HEAP] > 0:
        state.txn[TX_HEAP] -= 1
        state.queued[state.heap[state.txn[TX_HEAP]] & ((1 << KEY_BITS) - 1)] = 0
    return is_good


@kernel
def rollback(state: State) -> None:
    """Takes the change back, the last first."""
    node, txn = state.node, state.txn
    for j in range(txn[TX_ROWS] - 1, -1, -1):
        row = state.journal[j]
        kind, number = row[0], row[1]
        if kind == NODE_ROW:
            for i in range(NODE_COLUMNS):
                node[number, i] = row[i + 2]
            i = state.place[number]
            if i >= 0:
                state.begins[node[number, ND_MACHINE], i] = node[number, ND_START]
                state.ends[node[number, ND_MACHINE], i] = node[number, ND_END]
        elif kind == LOT_ROW:
            for i in range(LOT_COLUMNS):
                state.lot[number, i] = row[i + 2]
        elif kind == LOAD_ROW:
            for i in range(LOAD_COLUMNS):
                state.load[number, i] = row[i + 2]
        elif kind == PUT_ON:
            shift_out(state, node[number, ND_MACHINE], state.place[number])
        elif kind == TAKEN_OFF:
            shift_in(state, row[2], row[3], number)
        else:
            state.sold[number] = row[2]
    txn[TX_ROWS] = 0
    state.free_node[-1] = txn[TX_NODES]
    state.free_lot[-1] = txn[TX_LOTS]
    for i in range(TOTALS):
        state.total[i] = txn[TX_TOTAL + i]
