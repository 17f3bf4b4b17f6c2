"""Pools: whether a run can hold the moulds, people and power that it needs while it runs, beside the others."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import binds, machine_at, needs_at, node_at, pool_at, step_at
from production.planning.engine.kernel.hours import latest, opens, period_after, period_row, position
from production.planning.engine.kernel.timing import place_after
from production.planning.kernel.compiler import inner

FREE = -1


@inner
def units_held(g: Block, p: Block, n: int, pool: int) -> int:
    """Units of a pool of its firm that node n holds while it does."""
    row = machine_at(g, p[node_at(p, n) + c.ND_MACHINE])
    for need in range(g[row + c.MC_NEED], g[row + c.MC_NEED_END]):
        if g[needs_at(g, need) + c.NE_POOL] == pool:
            return g[needs_at(g, need) + c.NE_UNITS]
    step = step_at(g, p[node_at(p, n) + c.ND_AT_STEP])
    for need in range(g[step + c.ST_NEED], g[step + c.ST_NEED_END]):
        if g[needs_at(g, need) + c.NE_POOL] == pool:
            return g[needs_at(g, need) + c.NE_UNITS]
    return 0


@inner
def held_from(g: Block, p: Block, n: int, pool: int) -> int:
    """When node n begins to hold: power with its work, the rest with its set-up."""
    is_power = g[pool_at(g, pool) + c.PL_IS_POWER]
    return p[node_at(p, n) + (c.ND_WORK if is_power else c.ND_START)]


@inner
def held_at(g: Block, p: Block, n: int, pool: int, t: int) -> tuple[int, int]:
    """(units of a pool that all but node n hold at a minute, when the first of them lets go)."""
    row = pool_at(g, pool)
    units, until = 0, c.FAR
    for k in range(g[row + c.PL_FIXED], g[row + c.PL_FIXED_END]):
        hold = g[c.G_HOLD] + k * c.HD_COLUMNS
        if g[hold + c.HD_START] <= t < g[hold + c.HD_END]:
            units += g[hold + c.HD_UNITS]
            until = min(until, g[hold + c.HD_END])
    for k in range(g[row + c.PL_MACHINE], g[row + c.PL_MACHINE_END]):
        machine = g[g[c.G_POOLED] + k]
        i = place_after(p, machine, t)
        if i == p[p[c.P_COUNT] + machine]:
            continue
        other = p[p[c.P_SEQ] + machine * p[c.P_ROOM] + i]
        held = units_held(g, p, other, pool)
        if other != n and held > 0 and held_from(g, p, other, pool) <= t:
            units += held
            until = min(until, p[node_at(p, other) + c.ND_END])
    return units, until


@inner
def taken_until(g: Block, p: Block, n: int, need: int, start: int, end: int) -> int:
    """FREE when node n could hold a need in [start, end), else when the first that is in its way lets go."""
    pool, units = g[needs_at(g, need) + c.NE_POOL], g[needs_at(g, need) + c.NE_UNITS]
    row = pool_at(g, pool)
    capacity = g[row + c.PL_CAPACITY]
    held, until = held_at(g, p, n, pool, start)
    if held + units > capacity:
        return until
    for k in range(g[row + c.PL_FIXED], g[row + c.PL_FIXED_END]):
        t = g[g[c.G_HOLD] + k * c.HD_COLUMNS + c.HD_START]
        if start < t < end:
            held, until = held_at(g, p, n, pool, t)
            if held + units > capacity:
                return until
    for k in range(g[row + c.PL_MACHINE], g[row + c.PL_MACHINE_END]):
        machine = g[g[c.G_POOLED] + k]
        for i in range(place_after(p, machine, start), p[p[c.P_COUNT] + machine]):
            other = p[p[c.P_SEQ] + machine * p[c.P_ROOM] + i]
            t = held_from(g, p, other, pool)
            if t >= end:
                break
            if other != n and t > start and units_held(g, p, other, pool) > 0:
                held, until = held_at(g, p, n, pool, t)
                if held + units > capacity:
                    return until
    return FREE


@inner
def shut_until(g: Block, machine: int, pool: int, start: int, end: int) -> int:
    """FREE when the pool is open whenever the machine is in [start, end), else when it opens again."""
    cal, hours = g[machine_at(g, machine) + c.MC_CAL], g[pool_at(g, pool) + c.PL_CAL]
    t = opens(g, cal, start)
    while t < end:
        open_from = opens(g, hours, t)
        if open_from > t:
            return max(open_from, start + 1)
        t = opens(g, cal, g[period_row(g, period_after(g, hours, t)) + c.PER_END])
    return FREE


@inner
def need_clash(g: Block, p: Block, n: int, machine: int, need: int, start: int, work: int, end: int) -> int:
    """As `clash`, for one thing that it needs."""
    pool = g[needs_at(g, need) + c.NE_POOL]
    again = shut_until(g, machine, pool, start, end)
    if again == FREE:
        is_power = g[pool_at(g, pool) + c.PL_IS_POWER]
        again = taken_until(g, p, n, need, work if is_power else start, end)
        if again != FREE and again < c.FAR and is_power:
            cal = g[machine_at(g, machine) + c.MC_CAL]
            again = latest(g, cal, again, position(g, cal, work) - position(g, cal, start))
    return FREE if again == FREE else max(again, start + 1)


@inner
def clash(g: Block, p: Block, n: int, machine: int, start: int, work: int, end: int) -> int:
    """FREE when node n can hold all that it needs at these times on a machine, else the minute to start from next.

    Power is drawn by the work only: it may be set up for while others draw it.
    """
    row = machine_at(g, machine)
    step = step_at(g, p[node_at(p, n) + c.ND_AT_STEP])
    for need in range(g[step + c.ST_NEED], g[step + c.ST_NEED_END]):
        if binds(g, need, g[row + c.MC_FIRM]):
            again = need_clash(g, p, n, machine, need, start, work, end)
            if again != FREE:
                return again
    for need in range(g[row + c.MC_NEED], g[row + c.MC_NEED_END]):
        again = need_clash(g, p, n, machine, need, start, work, end)
        if again != FREE:
            return again
    return FREE


@inner
def keeps_pools(g: Block, p: Block) -> bool:
    """Whether each run that the present change has touched can hold what it needs."""
    if g[c.G_POOLS] == 0:
        return True
    for j in range(p[c.P_ROWS]):
        row = p[c.P_JOURNAL] + j * c.JR_COLUMNS
        kind, n = p[row], p[row + 1]
        if (kind == c.NODE_ROW or kind == c.PUT_ON) and p[p[c.P_PLACE] + n] >= 0:
            node = node_at(p, n)
            times = p[node + c.ND_START], p[node + c.ND_WORK], p[node + c.ND_END]
            if clash(g, p, n, p[node + c.ND_MACHINE], times[0], times[1], times[2]) != FREE:
                return False
    return True
