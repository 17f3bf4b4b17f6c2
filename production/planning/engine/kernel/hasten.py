"""What is finished last of all, finished earlier: the end of a plan that is good in everything that weighs more."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.address import lot_at
from production.planning.engine.kernel.hand import keeps_hand
from production.planning.engine.kernel.journal import begin, commit, load_at, rollback
from production.planning.engine.kernel.luck import below
from production.planning.engine.kernel.moves import blocker_of, chosen_path, is_ours, move_finish, move_lot
from production.planning.engine.kernel.pools import keeps_pools
from production.planning.engine.kernel.resize import resize
from production.planning.engine.kernel.ruin import ruin_and_recreate
from production.planning.kernel.compiler import bare, inner


@inner
def last_line(g: Block, p: Block) -> int:
    """The line whose lots are finished last; -1 when nothing is placed."""
    last, found = -1, -1
    for line in range(g[c.G_LINES]):
        load = load_at(p, line)
        if p[load + c.LD_LOTS] > 0 and p[load + c.LD_FINISH] > last:
            last, found = p[load + c.LD_FINISH], line
    return found


@inner
def last_lot(p: Block, line: int) -> int:
    """That of a line's lots which is finished last."""
    found = p[load_at(p, line) + c.LD_HEAD]
    lot = found
    while lot >= 0:
        if p[lot_at(p, lot) + c.LT_FINISH] > p[lot_at(p, found) + c.LT_FINISH]:
            found = lot
        lot = p[lot_at(p, lot) + c.LT_NEXT]
    return found


@inner
def is_no_worse(g: Block, p: Block, finish: int) -> bool:
    """Whether the plan with the present change is better than before, or as good and ends before `finish`."""
    for tier in range(c.P_TOTALS):
        growth = p[c.P_TARDY + tier] - p[c.P_KEPT_TOTALS + tier]
        if growth != 0:
            return growth < 0
    last = last_line(g, p)
    return last < 0 or p[load_at(p, last) + c.LD_FINISH] < finish


@bare
def hasten(g: Block, p: Block, steps: int, firms: Block) -> int:
    """Tries so many changes of what is finished last; gives how many were kept."""
    kept = 0
    for _ in range(steps):
        line = last_line(g, p)
        if line < 0:
            break
        begin(p)
        finish, most_tardy = p[load_at(p, line) + c.LD_FINISH], p[c.P_TARDY]
        lot = last_lot(p, line)
        luck = below(p, 100)
        if luck < 30:
            other = blocker_of(g, p, lot)
            lot = other if other >= 0 else lot
        if not is_ours(g, p, lot, firms):
            continue
        luck = below(p, 100)
        if luck < 50:
            is_good = ruin_and_recreate(g, p, lot, False, most_tardy, firms)
        elif luck < 65:
            is_good = move_finish(g, p, lot, most_tardy)
        elif luck < 80:
            is_good = resize(g, p, lot, most_tardy, firms)
        else:
            is_good = move_lot(g, p, lot, chosen_path(g, p, lot, False, firms), False, most_tardy)
        if is_good and keeps_hand(g, p) and keeps_pools(g, p) and is_no_worse(g, p, finish):
            commit(p)
            kept += 1
        else:
            rollback(p)
    return kept
