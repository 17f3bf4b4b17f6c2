"""The planner's hand: what a change must leave as it was told."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import lot_at, node_at, pin_at, step_at
from production.planning.engine.kernel.journal import load_at
from production.planning.kernel.compiler import inner


@inner
def keeps_pins(g: Block, p: Block) -> bool:
    """Whether the first run of each process that is pinned to a minute starts then; one without runs does."""
    for pin in range(g[c.G_PINS]):
        first = c.FAR
        lot = p[load_at(p, g[pin_at(g, pin) + c.PN_LINE]) + c.LD_HEAD]
        while lot >= 0:
            n = p[lot_at(p, lot) + c.LT_HEAD]
            while n >= 0:
                node = node_at(p, n)
                if g[step_at(g, p[node + c.ND_AT_STEP]) + c.ST_PIN] == pin + 1:
                    first = min(first, p[node + c.ND_START])
                n = p[node + c.ND_NEXT]
            lot = p[lot_at(p, lot) + c.LT_NEXT]
        if first < c.FAR and first != g[pin_at(g, pin) + c.PN_START]:
            return False
    return True


@inner
def keeps_sequences(g: Block, p: Block) -> bool:
    """Whether the runs on each machine that has a sequence come in its order."""
    for sequence in range(g[c.G_SEQUENCES]):
        machine = g[g[c.G_SEQUENCE] + sequence]
        ranks = g[c.G_RANK] + sequence * g[c.G_LINES]
        seq = p[c.P_SEQ] + machine * p[c.P_ROOM]
        last = 0
        for i in range(p[p[c.P_COUNT] + machine]):
            rank = g[ranks + p[lot_at(p, p[node_at(p, p[seq + i]) + c.ND_LOT]) + c.LT_LINE]]
            if rank >= 0:
                if rank < last:
                    return False
                last = rank
    return True


@inner
def keeps_hand(g: Block, p: Block) -> bool:
    """Whether pins to a minute and sequences are kept. Machines that are forbidden or pinned are no workers at all."""
    return keeps_pins(g, p) and keeps_sequences(g, p)
