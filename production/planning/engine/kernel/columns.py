"""Where each value stands in the two blocks of int64 that the kernels work on.

`g` is what is given and does not change, `p` the plan in the making. Both begin with a head that says where each table
begins; a table is rows of a fixed number of columns. Times are minutes, quantities pieces, masses grams, money fen.
"""

FAR = 1 << 50
"""A minute that never comes."""

GRID = 9
"""Calendars are indexed every 2**GRID minutes, so that looking up a minute takes one or two steps."""

# head of g: numbers, then where the tables begin
G_HORIZON, G_LINES, G_MACHINES, G_GRID_SIZE, G_CLASSES, G_FAMILIES = range(6)
G_CAL, G_PERIOD, G_GRID, G_INVERSE, G_FIRM, G_MACHINE, G_BLOCK, G_CHANGE, G_STEP, G_WAIT = range(6, 16)
G_MODE, G_WORKERS, G_WORKER, G_OFFER, G_PATH, G_LINE, G_STAIR, G_PIN, G_SEQUENCE, G_RANK = range(16, 26)
G_PINS, G_SEQUENCES, G_POOLS, G_POOL, G_NEED, G_HOLD, G_POOLED = range(26, 33)
G_HEAD = 34

# calendars: first and last + 1 of their periods; grid and inverse: the first period that ends later, by minute and by
# open minute
CAL_FIRST, CAL_LAST, CAL_COLUMNS = 0, 1, 2
PER_START, PER_END, PER_BEFORE, PER_DONE, PER_COLUMNS = range(5)
# machines; work on them that does not move
MC_CAL, MC_FIRM, MC_EFF, MC_MATRIX, MC_FAMILY, MC_BLOCK, MC_BLOCK_END, MC_IS_PLAIN, MC_NEED = range(9)
MC_NEED_END, MC_COLUMNS = 9, 10
BL_START, BL_END, BL_FAMILY, BL_SETUP, BL_COLUMNS = range(5)
# steps of routes, their waits and modes
# PIN: 0, or 1 + the number of the pin that says when the first of a step's runs starts. NEED: what each holds of pools
ST_FAMILY, ST_TRANSFER, ST_WAIT, ST_WAIT_END, ST_MODE, ST_CLASSES, ST_CYCLE, ST_PIN, ST_NEED = range(9)
ST_NEED_END, ST_COLUMNS = 9, 10
WT_FIXED, WT_PIECE_S, WT_FIRM, WT_COLUMNS = range(4)
MD_NUM, MD_PER, MD_SETUP, MD_COLUMNS = range(4)
# who can work: by row (the firms, then the offers) and classes, first and last + 1 of the workers
WS_FIRST, WS_LAST, WS_COLUMNS = range(3)
WK_MACHINE, WK_MODE, WK_COLUMNS = range(3)
# ways of a line: a firm, or an offer there, and a route. MOST pieces of the line may be made of the material of firm
# STOCK; stairs: from a minute on so many pieces of the line may have begun, none when all may from RELEASE on
PT_LINE, PT_FIRM, PT_OFFER, PT_STEP, PT_STEPS, PT_FORM, PT_BATCH, PT_TRIP, PT_FEE, PT_TRUCK, PT_TRUCK_G = range(11)
PT_ROW, PT_LOW, PT_HIGH, PT_LEAST, PT_RELEASE, PT_ROUTE, PT_MOST = range(11, 18)
PT_STOCK, PT_STAIR, PT_STAIR_END, PT_COLUMNS = range(18, 22)
SR_MINUTE, SR_PIECES, SR_COLUMNS = range(3)
# lines
LN_FIRM, LN_PIECES, LN_MASS, LN_DUE, LN_PRIORITY, LN_LATE_FIXED, LN_WORTH, LN_PATH, LN_PATH_END = range(9)
LN_SPLIT, LN_REFUSAL, LN_FINISH, LN_PRODUCT, LN_COLUMNS = range(9, 14)

# pins of a line's process to a minute; sequences: a machine, and by line its rank there, -1 = it has none
PN_LINE, PN_START, PN_COLUMNS = range(3)
# pools: fixed runs that hold some, and, in POOLED, the machines whose runs may; needs of steps and of machines; what
# fixed runs hold
PL_CAPACITY, PL_IS_POWER, PL_CAL, PL_FIXED, PL_FIXED_END, PL_MACHINE, PL_MACHINE_END, PL_FIRM, PL_COLUMNS = range(9)
NE_POOL, NE_UNITS, NE_COLUMNS = range(3)
HD_START, HD_END, HD_UNITS, HD_COLUMNS = range(4)

# head of p: sizes, totals of the objective, the generator, the present change, then where the tables begin
P_ROOM, P_BATCHES, P_JOURNAL_ROWS = range(3)
P_TARDY, P_FEN, P_SETUP = range(4, 7)
P_TOTALS = 3
P_LATE_COUNT, P_AWAY_COUNT, P_FREE_NODES, P_FREE_LOTS = range(7, 11)
P_CHANGE, P_ROWS, P_HEAP_SIZE, P_IS_FULL, P_KEPT_NODES, P_KEPT_LOTS = range(11, 17)
P_KEPT_TOTALS = 17
P_SEQ, P_BEGINS, P_ENDS, P_COUNT, P_NODE, P_PLACE, P_LOT, P_BATCH, P_LOAD, P_SOLD = range(20, 30)
P_LATE, P_LATE_AT, P_AWAY, P_AWAY_AT, P_FREE_NODE, P_FREE_LOT, P_JOURNAL = range(30, 37)
P_NODE_MARK, P_LOT_MARK, P_LOAD_MARK, P_HEAP, P_QUEUED, P_HANDED, P_BATCH_BEGINS, P_BATCH_ENDS = range(37, 45)
P_RUINED = 45
MOST_RUINED = 32
P_RANDOM = 46
"""Four words, see `kernel/generator.py`."""
P_HEAD = 50

# nodes: one machine run each, of batches [first, last) of a lot's step
ND_LOT, ND_STEP, ND_FIRST, ND_LAST, ND_MACHINE, ND_MODE, ND_PIECES, ND_START, ND_WORK, ND_END, ND_SETUP = range(11)
ND_FINISH, ND_NEXT, ND_AT_STEP, ND_KEY = range(11, 15)
# plain nodes: one batch at a rate on a machine without set-ups and fixed work, behind one run or none; CAL is -1 when
# not plain. Work of MINUTES begins LAG after node BEFORE ends (-1: after minute 0); TAIL: from its end to the finish,
# -1 when it is not the last step or waits on the hours of the firm. IS_PLAIN: all but the machine is right. FROM: a
# run that holds of a pool starts then or later.
ND_CAL, ND_MINUTES, ND_BEFORE, ND_LAG, ND_TAIL, ND_IS_PLAIN, ND_FROM, ND_COLUMNS = range(15, 23)
# lots: pieces of a line made together; BEFORE: so many of its other pieces take their material first
LT_LINE, LT_PATH, LT_PIECES, LT_BATCHES, LT_HEAD, LT_NEXT, LT_FINISH, LT_FEN, LT_MINUTES = range(9)
LT_BEFORE, LT_COLUMNS = range(9, 11)
# loads: what the plan does with a line
LD_HEAD, LD_LOTS, LD_PIECES, LD_FINISH, LD_TARDY, LD_FEN, LD_COLUMNS = range(7)

# journal: kind and number, then the row as it was
JR_COLUMNS = ND_COLUMNS + 2
NODE_ROW, LOT_ROW, LOAD_ROW, PUT_ON, TAKEN_OFF, SOLD = range(6)

# heap of nodes to be timed again: the minute, then the node's number
NUMBER_BITS = 22
NUMBER = (1 << NUMBER_BITS) - 1
