"""Transfer batches of a lot: as large as allowed in the middle, small at both ends where time is short."""

from production.planning.search.plant import Path

BATCHES_OF_A_WHOLE_LOT = 32
"""A lot that is handed over whole is still worked in portions, so that machines can share it."""


def plain_batches(pieces: int, path: Path, per: int) -> list[int]:
    """Few batches of nearly one size, whole cycles of the forming machine where possible."""
    largest = _largest(pieces, path)
    count = -(-pieces // largest)
    size = -(-pieces // count)
    size = min(largest, -(-size // per) * per)
    return _cut(pieces, size)


def ramped_batches(pieces: int, path: Path, per: int) -> list[int]:
    """Like plain, but the first batches and the last ones are small.

    The first lets the forming machine start early, and leaves the feeding machines time for the next lot's
    first one; the last leaves the finishing machines little to do after the forming machine's end.
    """
    if path.transfer is None:
        return plain_batches(pieces, path, per)
    largest = _largest(pieces, path)
    ends = [min(largest, -(-max(1, largest // part) // per) * per) for part in (12, 6, 2)]
    middle = pieces - 2 * sum(ends)
    if middle < largest:
        return _small_ramp(pieces, ends, path, per)
    return ends + plain_batches(middle, path, per) + ends[::-1]


def _small_ramp(pieces: int, ends: list[int], path: Path, per: int) -> list[int]:
    middle = pieces - 2 * ends[0]
    if middle < ends[0]:
        return plain_batches(pieces, path, per)
    return [ends[0], *plain_batches(middle, path, per), ends[0]]


def _largest(pieces: int, path: Path) -> int:
    if path.transfer is not None:
        return path.transfer
    return max(1, -(-pieces // BATCHES_OF_A_WHOLE_LOT))


def _cut(pieces: int, size: int) -> list[int]:
    whole, rest = divmod(pieces, size)
    return [size] * whole + ([rest] if rest else [])
