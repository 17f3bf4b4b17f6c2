"""The search's own generator: the same numbers compiled or not, on each machine."""

from production.planning.engine.arrays import Block
from production.planning.engine.kernel import columns as c
from production.planning.engine.kernel.compiler import inner

WITHOUT_SIGN = (1 << 57) - 1


@inner
def draw(p: Block) -> int:
    """The next number, 0 to 2**52 - 1 (xorshift64)."""
    x = p[c.P_RANDOM]
    x ^= x << 13
    x ^= (x >> 7) & WITHOUT_SIGN
    x ^= x << 17
    p[c.P_RANDOM] = x
    return (x >> 12) & ((1 << 52) - 1)


@inner
def below(p: Block, limit: int) -> int:
    """A number in [0, limit)."""
    return draw(p) % limit
