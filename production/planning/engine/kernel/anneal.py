"""Improving a plan: changes are tried, and kept when they make it better or luck has it."""

from math import log

import numpy as np

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.journal import begin, commit, rollback
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.moves import blocker_of, chosen_path, is_ours, move_finish, move_lot, some_lot
from production.planning.engine.kernel.ruin import ruin_and_recreate
from production.planning.kernel.compiler import bare, inner

LUCK = np.array([round(-log((i + 0.5) / 4096) * 1024) for i in range(4096)], np.int64)
"""Thresholds of acceptance in 1/1024 of the heat: accepted with the chance that Metropolis gives."""


@inner
def threshold(p: Block, heat: int) -> int:
    """By how much a plan may become worse this time."""
    return heat * LUCK[below(p, 4096)] >> 10


@inner
def is_accepted(p: Block, slack: int, heat_fen: int) -> bool:
    """Whether the plan with the present change is kept: tiers are compared one after the other."""
    tardy = p[c.P_TARDY] - p[c.P_KEPT_TOTALS]
    if tardy != 0:
        return tardy <= slack
    fen = p[c.P_FEN] - p[c.P_KEPT_TOTALS + 1]
    if fen != 0:
        return fen <= threshold(p, heat_fen)
    return p[c.P_SETUP] <= p[c.P_KEPT_TOTALS + 2]


@bare
def anneal(g: Block, p: Block, steps: int, heat_tardy: int, heat_fen: int, ruins: int, firms: Block) -> int:
    """Tries so many changes; gives how many were kept.

    heat_tardy in weighted minutes, heat_fen in fen. ruins: how many of 100 changes take several lots out. firms: 1 for
    those whose machines and lines may be changed.
    """
    kept = 0
    for _ in range(steps):
        begin(p)
        lot = -1
        slack = threshold(p, heat_tardy)
        most_tardy = p[c.P_TARDY] + slack
        chance = below(p, 100)
        is_pushed_back, to_home, is_finish = False, False, False
        if p[c.P_LATE_COUNT] > 0 and chance < 90:
            lot = some_lot(p, p[p[c.P_LATE] + below(p, p[c.P_LATE_COUNT])])
            if lot >= 0 and below(p, 2) == 0:
                lot = blocker_of(g, p, lot)
                is_pushed_back = True
            is_finish = below(p, 100) < 18
        elif p[c.P_AWAY_COUNT] > 0 and chance < 95:
            lot = some_lot(p, p[p[c.P_AWAY] + below(p, p[c.P_AWAY_COUNT])])
            to_home = below(p, 4) > 0
        else:
            lot = some_lot(p, below(p, g[c.G_LINES]))
            is_pushed_back = below(p, 2) == 0
        if lot < 0 or not is_ours(g, p, lot, firms):
            continue
        if below(p, 100) < ruins:
            is_good = ruin_and_recreate(g, p, lot, most_tardy, firms)
        elif is_finish:
            is_good = move_finish(g, p, lot, most_tardy)
        else:
            is_good = move_lot(g, p, lot, chosen_path(g, p, lot, to_home, firms), is_pushed_back, most_tardy)
        if is_good and is_accepted(p, slack, heat_fen):
            commit(p)
            kept += 1
        else:
            rollback(p)
    return kept
