"""The search's numbers: drawn from the state that the plan carries."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.kernel.compiler import inner
from production.planning.kernel.generator import draw_at


@inner
def below(p: Block, limit: int) -> int:
    """A number in [0, limit); 1 <= limit < 2**31."""
    return draw_at(p, c.P_RANDOM, limit)
