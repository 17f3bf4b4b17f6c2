"""The kernels' generator: xorshift128 on four words of 32 bits, in int64 with explicit masks.

No value passes 2**63, so the compiled and the plain path draw the same numbers.
"""

import numpy as np
from numpy.typing import NDArray

from production.planning.kernel.compiler import inner, kernel

WORD = 0xFFFFFFFF
STREAMS = 1 << 16
COIN = np.int64(2)
"""The sides of a coin, to be drawn below. Typed: for a literal, `draw` would be compiled once more."""


def generator_state(seed: int, stream: int = 0) -> NDArray[np.int64]:
    """A state for `draw`; streams of one seed are apart. seed: any whole number; 0 <= stream < 65,536."""
    words = []
    mixed = (seed * STREAMS + stream) & 0xFFFFFFFFFFFFFFFF
    for _ in range(4):
        mixed = (mixed + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        word = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        words.append((word ^ (word >> 31)) & WORD)
    words[0] |= 1  # never all zero
    return np.array(words, dtype=np.int64)


@inner
def draw_at(block: NDArray[np.int64], at: int, below: int) -> int:
    """As `draw`, of a state that is the four words of `block` from `at` on."""
    first = block[at]
    last = block[at + 3]
    block[at + 3] = block[at + 2]
    block[at + 2] = block[at + 1]
    block[at + 1] = first
    last ^= (last << 11) & 0xFFFFFFFF
    last ^= last >> 8
    last ^= first ^ (first >> 19)
    block[at] = last
    return (last * below) >> 32


@kernel
def draw(state: NDArray[np.int64], below: int) -> int:
    """A whole number in [0, below); 1 <= below < 2**31. Changes the state."""
    return draw_at(state, 0, below)
