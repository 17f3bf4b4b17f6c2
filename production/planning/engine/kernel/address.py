"""Where the rows of a compiled problem and of a plan begin, and which pools a run holds."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.kernel.compiler import inner


@inner
def node_at(p: Block, n: int) -> int:
    return p[c.P_NODE] + n * c.ND_COLUMNS


@inner
def lot_at(p: Block, lot: int) -> int:
    return p[c.P_LOT] + lot * c.LT_COLUMNS


@inner
def batch_at(p: Block, lot: int) -> int:
    """Where the running sum of a lot's batches begins."""
    return p[c.P_BATCH] + lot * p[c.P_BATCHES]


@inner
def machine_at(g: Block, machine: int) -> int:
    return g[c.G_MACHINE] + machine * c.MC_COLUMNS


@inner
def step_at(g: Block, step: int) -> int:
    return g[c.G_STEP] + step * c.ST_COLUMNS


@inner
def mode_at(g: Block, mode: int) -> int:
    return g[c.G_MODE] + mode * c.MD_COLUMNS


@inner
def pool_at(g: Block, pool: int) -> int:
    return g[c.G_POOL] + pool * c.PL_COLUMNS


@inner
def needs_at(g: Block, need: int) -> int:
    return g[c.G_NEED] + need * c.NE_COLUMNS


@inner
def binds(g: Block, need: int, firm: int) -> bool:
    """Whether a step's need is of a pool of the firm that works it."""
    return bool(g[pool_at(g, g[needs_at(g, need) + c.NE_POOL]) + c.PL_FIRM] == firm)


@inner
def step_holds(g: Block, at_step: int, firm: int) -> bool:
    """Whether a step holds anything of a firm's pools."""
    step = step_at(g, at_step)
    found = False
    for need in range(g[step + c.ST_NEED], g[step + c.ST_NEED_END]):
        found = found or binds(g, need, firm)
    return found


@inner
def run_holds(g: Block, at_step: int, machine: int) -> bool:
    """Whether a run of a step on a machine holds anything of a pool."""
    row = machine_at(g, machine)
    return bool(g[row + c.MC_NEED] < g[row + c.MC_NEED_END]) or step_holds(g, at_step, g[row + c.MC_FIRM])


@inner
def path_at(g: Block, path: int) -> int:
    return g[c.G_PATH] + path * c.PT_COLUMNS


@inner
def line_at(g: Block, line: int) -> int:
    return g[c.G_LINE] + line * c.LN_COLUMNS


@inner
def pin_at(g: Block, pin: int) -> int:
    return g[c.G_PIN] + pin * c.PN_COLUMNS
