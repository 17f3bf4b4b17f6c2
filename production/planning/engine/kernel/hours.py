"""Open hours: every question is one look into a grid and a step or two, or a walk over the periods of one run."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.kernel.compiler import inner


@inner
def cal_at(g: Block, cal: int) -> int:
    return g[c.G_CAL] + cal * c.CAL_COLUMNS


@inner
def period_row(g: Block, i: int) -> int:
    return g[c.G_PERIOD] + i * c.PER_COLUMNS


@inner
def period_after(g: Block, cal: int, t: int) -> int:
    """Number of the first period of a calendar that ends after t; the calendar's last + 1 when there is none."""
    row = cal_at(g, cal)
    last = g[row + c.CAL_LAST]
    if t < 0:
        return g[row + c.CAL_FIRST]
    size = g[c.G_GRID_SIZE]
    place = t >> c.GRID
    if place >= size:
        return last
    i = g[g[c.G_GRID] + cal * size + place]
    while i < last and g[period_row(g, i) + c.PER_END] <= t:
        i += 1
    return i


@inner
def position(g: Block, cal: int, t: int) -> int:
    """Open minutes before t."""
    i = period_after(g, cal, t)
    row = cal_at(g, cal)
    if i == g[row + c.CAL_LAST]:
        return g[period_row(g, i - 1) + c.PER_DONE] if i > g[row + c.CAL_FIRST] else 0
    period = period_row(g, i)
    ahead = t - g[period + c.PER_START]
    return g[period + c.PER_BEFORE] + (ahead if ahead > 0 else 0)


@inner
def opens(g: Block, cal: int, t: int) -> int:
    """t when open, else the next opening; FAR when there is none."""
    i = period_after(g, cal, t)
    if i == g[cal_at(g, cal) + c.CAL_LAST]:
        return c.FAR
    start = g[period_row(g, i) + c.PER_START]
    return start if start > t else t


@inner
def worked(g: Block, cal: int, done: int) -> int:
    """The first minute at which `done` (> 0) open minutes have passed; FAR when the hours do not suffice."""
    size = g[c.G_GRID_SIZE]
    place = done >> c.GRID
    if place >= size:
        return c.FAR
    last = g[cal_at(g, cal) + c.CAL_LAST]
    i = g[g[c.G_INVERSE] + cal * size + place]
    while i < last and g[period_row(g, i) + c.PER_DONE] < done:
        i += 1
    if i == last:
        return c.FAR
    period = period_row(g, i)
    return g[period + c.PER_START] + done - g[period + c.PER_BEFORE]


@inner
def after(g: Block, cal: int, t: int, minutes: int) -> int:
    """When `minutes` of open time have passed since t; FAR when the hours do not suffice."""
    if minutes <= 0:
        return t
    i = period_after(g, cal, t)
    if i == g[cal_at(g, cal) + c.CAL_LAST]:
        return c.FAR
    period = period_row(g, i)
    start = g[period + c.PER_START]
    begin = start if start > t else t
    if begin + minutes <= g[period + c.PER_END]:
        return begin + minutes
    return worked(g, cal, g[period + c.PER_BEFORE] + begin - start + minutes)


@inner
def run_from(g: Block, cal: int, t: int, minutes: int) -> tuple[int, int]:
    """(work, end) of `minutes` (> 0) at a rate that may begin at t; FAR, FAR when the hours do not suffice."""
    i = period_after(g, cal, t)
    if i == g[cal_at(g, cal) + c.CAL_LAST]:
        return c.FAR, c.FAR
    period = period_row(g, i)
    start = g[period + c.PER_START]
    begin = start if start > t else t
    if begin + minutes <= g[period + c.PER_END]:
        return begin, begin + minutes
    return begin, worked(g, cal, g[period + c.PER_BEFORE] + begin - start + minutes)


@inner
def latest(g: Block, cal: int, t: int, minutes: int) -> int:
    """The latest start from which `minutes` of open time pass until t; -FAR when there is none."""
    if minutes <= 0:
        return t
    target = position(g, cal, t) - minutes
    if target < 0:
        return -c.FAR
    i = g[g[c.G_INVERSE] + cal * g[c.G_GRID_SIZE] + (target >> c.GRID)]
    while g[period_row(g, i) + c.PER_DONE] <= target:
        i += 1
    period = period_row(g, i)
    return g[period + c.PER_START] + target - g[period + c.PER_BEFORE]


@inner
def cycles_end(g: Block, cal: int, t: int, units: int, num: int, den: int) -> tuple[int, int]:
    """(first, end) of `units` cycles that may begin at t, each in one uninterrupted piece of open time.

    n cycles take ceil(n * num / den) minutes. FAR, FAR when the hours do not suffice.
    """
    i = period_after(g, cal, t)
    last = g[cal_at(g, cal) + c.CAL_LAST]
    first = -1
    done = 0
    minutes = 0
    while i < last:
        period = period_row(g, i)
        start = g[period + c.PER_START]
        if start < t:
            start = t
        fits = (minutes + g[period + c.PER_END] - start) * den // num
        if fits > done:
            if first < 0:
                first = start
            if fits >= units:
                return first, start + (units * num + den - 1) // den - minutes
            done = fits
            minutes = (done * num + den - 1) // den
        i += 1
    return c.FAR, c.FAR
