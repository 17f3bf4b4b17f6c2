"""Improving a plan: changes are tried, and kept when they make it better or luck has it."""

from math import log

import numpy as np

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import line_at, lot_at
from production.planning.engine.kernel.exchange import exchange
from production.planning.engine.kernel.hand import keeps_hand
from production.planning.engine.kernel.journal import begin, commit, load_at, rollback
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.moves import blocker_of, chosen_path, is_ours, move_finish, move_lot, some_lot
from production.planning.engine.kernel.pools import keeps_pools
from production.planning.engine.kernel.resize import fill_up, refuse, resize, scatter
from production.planning.engine.kernel.ruin import ruin_and_recreate, swap_in
from production.planning.kernel.compiler import bare, inner

LUCK = np.array([round(-log((i + 0.5) / 4096) * 1024) for i in range(4096)], np.int64)
"""Thresholds of acceptance in 1/1024 of the heat: accepted with the chance that Metropolis gives."""


SCATTERS, EXCHANGES = 4, 60
"""Of 100 changes that begin with a late line in several lots so many put all its late lots elsewhere; of 100 others so
many exchange runs of two machines.
"""


@inner
def threshold(p: Block, heat: int) -> int:
    """By how much a plan may become worse this time."""
    return heat * LUCK[below(p, 4096)] >> 10


@inner
def is_accepted(p: Block, slack: int, heat_fen: int, heat_setup: int) -> bool:
    """Whether the plan with the present change is kept: tiers are compared one after the other."""
    tardy = p[c.P_TARDY] - p[c.P_KEPT_TOTALS]
    if tardy != 0:
        return tardy <= slack
    fen = p[c.P_FEN] - p[c.P_KEPT_TOTALS + 1]
    if fen != 0:
        return fen <= threshold(p, heat_fen)
    setup = p[c.P_SETUP] - p[c.P_KEPT_TOTALS + 2]
    return setup <= (threshold(p, heat_setup) if setup > 0 else 0)


@inner
def change_line(g: Block, p: Block, line: int, is_late: bool, most_tardy: int, firms: Block) -> int:
    """Changes what is placed of a line: 1 done, 0 to be rolled back, -1 nothing to be done. Part of a change."""
    row, load = line_at(g, line), load_at(p, line)
    if firms[g[row + c.LN_FIRM]] == 0 or g[row + c.LN_PATH] == g[row + c.LN_PATH_END]:
        return -1
    lot = p[load + c.LD_HEAD]
    if lot >= 0 and not is_ours(g, p, lot, firms):
        return -1
    if lot < 0 and g[row + c.LN_REFUSAL] >= 0 and below(p, 2) == 0:
        return 1 if swap_in(g, p, line, most_tardy, firms) else 0
    if p[load + c.LD_PIECES] < g[row + c.LN_PIECES]:
        return 1 if fill_up(g, p, line, most_tardy, firms) else 0
    if lot >= 0 and g[row + c.LN_REFUSAL] >= 0 and below(p, 8) == 0:
        return 1 if refuse(g, p, line, most_tardy) else 0
    if is_late and p[load + c.LD_LOTS] > 1 and below(p, 100) < SCATTERS:
        return 1 if scatter(g, p, line, most_tardy, firms) else 0
    return -1


@inner
def move(g: Block, p: Block, lot: int, to_home: bool, is_pushed_back: bool, most_tardy: int, firms: Block) -> bool:
    """One lot put elsewhere, or its pieces divided anew. Part of a change."""
    line, pieces = p[lot_at(p, lot) + c.LT_LINE], p[lot_at(p, lot) + c.LT_PIECES]
    is_part = pieces < g[line_at(g, line) + c.LN_PIECES]
    if (is_part or pieces > 1) and below(p, 2 if is_part else 6) == 0:
        return resize(g, p, lot, most_tardy, firms)
    return move_lot(g, p, lot, chosen_path(g, p, lot, to_home, firms), is_pushed_back, most_tardy)


@bare
def anneal(
    g: Block,
    p: Block,
    steps: int,
    heat_tardy: int,
    heat_fen: int,
    heat_setup: int,
    lates: int,
    aways: int,
    ruins: int,
    firms: Block,
) -> int:
    """Tries so many changes; gives how many were kept.

    heat_tardy in weighted minutes, heat_fen in fen, heat_setup in minutes. Of 100 changes so many begin with a late
    line (lates), with one made away from home (aways); so many take several lots out (ruins). firms: 1 for those whose
    machines and lines may be changed.
    """
    kept = 0
    for _ in range(steps):
        begin(p)
        slack = threshold(p, heat_tardy)
        most_tardy = p[c.P_TARDY] + slack
        chance = below(p, 100)
        is_pushed_back, to_home, is_finish, is_late = False, False, False, False
        if p[c.P_LATE_COUNT] > 0 and chance < lates:
            line = p[p[c.P_LATE] + below(p, p[c.P_LATE_COUNT])]
            is_late = True
        elif p[c.P_AWAY_COUNT] > 0 and chance < lates + aways:
            line = p[p[c.P_AWAY] + below(p, p[c.P_AWAY_COUNT])]
            to_home = below(p, 4) > 0
        else:
            line = below(p, g[c.G_LINES])
            is_pushed_back = below(p, 2) == 0
        done = change_line(g, p, line, is_late, most_tardy, firms)
        if done < 0:
            lot = some_lot(p, line)
            if lot >= 0 and is_late:
                if below(p, 2) == 0:
                    lot = blocker_of(g, p, lot)
                    is_pushed_back = True
                is_finish = below(p, 100) < 18
            if lot < 0 or not is_ours(g, p, lot, firms):
                continue
            if is_late and below(p, 100) < EXCHANGES:
                is_good = exchange(g, p, lot, most_tardy, firms)
            elif below(p, 100) < ruins:
                is_good = ruin_and_recreate(g, p, lot, to_home, most_tardy, firms)
            elif is_finish:
                is_good = move_finish(g, p, lot, most_tardy)
            else:
                is_good = move(g, p, lot, to_home, is_pushed_back, most_tardy, firms)
        else:
            is_good = done == 1
        if is_good and keeps_hand(g, p) and keeps_pools(g, p) and is_accepted(p, slack, heat_fen, heat_setup):
            commit(p)
            kept += 1
        else:
            rollback(p)
    return kept
