"""The job shop as it is read: jobs of operations, each with its ways."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from production.planning.errors import ProblemError

LONGEST = 1 << 40
"""Times of all operations together stay below, so that sums of paths are whole 64-bit numbers."""
MOST_OPERATIONS = 1 << 16
MOST_MACHINES = 1 << 16


class Way(NamedTuple):
    """A machine, numbered from 0, and the time that the operation takes there."""

    machine: int
    time: int


@dataclass(frozen=True, slots=True)
class JobShop:
    """jobs: for each job its operations in their order, for each operation its ways."""

    machines: int
    jobs: tuple[tuple[tuple[Way, ...], ...], ...]

    @property
    def operations(self) -> int:
        """How many in all."""
        return sum(len(job) for job in self.jobs)


def job_shop_load(text: str) -> JobShop:
    """The FJSPLIB text: a line `jobs machines [average]`, then a line per job: the number of its operations, and for
    each the number of its ways and as many pairs `machine time`, machines from 1.

    Raises ProblemError naming the line and what is wrong there.
    """
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise ProblemError("line 1", "the file is empty")
    head_number, head = lines[0]
    if len(head) not in (2, 3):
        raise ProblemError(f"line {head_number}", "must be `jobs machines`, and perhaps the average number of ways")
    if len(head) == 3 and not head[2].replace(".", "", 1).isdecimal():
        raise ProblemError(f"line {head_number}", f"the average number of ways is no number: `{head[2][:20]}`")
    jobs = _whole(head[0], head_number, "the number of jobs", least=1)
    machines = _whole(head[1], head_number, "the number of machines", least=1)
    if machines > MOST_MACHINES:
        raise ProblemError(f"line {head_number}", f"has {machines} machines, more than {MOST_MACHINES}")
    if len(lines) - 1 != jobs:
        raise ProblemError(f"line {head_number}", f"says {jobs} jobs, but {len(lines) - 1} lines follow")
    shop = JobShop(machines, tuple(_job(number, words, machines) for number, words in lines[1:]))
    if shop.operations > MOST_OPERATIONS:
        raise ProblemError("the file", f"has {shop.operations} operations, more than {MOST_OPERATIONS}")
    if sum(max(way.time for way in ways) for job in shop.jobs for ways in job) >= LONGEST:
        raise ProblemError("the file", "has times that are too long together")
    return shop


def _job(line: int, words: list[str], machines: int) -> tuple[tuple[Way, ...], ...]:
    numbers = [_whole(word, line, f"number {at}", least=0) for at, word in enumerate(words, start=1)]
    if numbers[0] < 1:
        raise ProblemError(f"line {line}", "a job needs an operation")
    operations = []
    at = 1
    for operation in range(1, numbers[0] + 1):
        if at >= len(numbers):
            raise ProblemError(f"line {line}", f"ends before operation {operation} of {numbers[0]}")
        ways = numbers[at]
        pairs = numbers[at + 1 : at + 1 + 2 * ways]
        if ways < 1:
            raise ProblemError(f"line {line}", f"operation {operation} has no machine")
        if len(pairs) < 2 * ways:
            raise ProblemError(f"line {line}", f"ends within operation {operation}")
        operations.append(_ways(line, operation, pairs, machines))
        at += 1 + 2 * ways
    if at != len(numbers):
        raise ProblemError(f"line {line}", f"has {len(numbers) - at} numbers too many")
    return tuple(operations)


def _ways(line: int, operation: int, pairs: list[int], machines: int) -> tuple[Way, ...]:
    ways = sorted(Way(machine - 1, time) for machine, time in zip(pairs[::2], pairs[1::2], strict=True))
    for way in ways:
        if not 0 <= way.machine < machines:
            raise ProblemError(f"line {line}", f"operation {operation} names machine {way.machine + 1} of {machines}")
    for way, other in pairwise(ways):
        if way.machine == other.machine:
            raise ProblemError(f"line {line}", f"operation {operation} names machine {way.machine + 1} twice")
    return tuple(ways)


def _whole(word: str, line: int, what: str, *, least: int) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 18 and int(word) >= least):
        raise ProblemError(f"line {line}", f"{what} must be a whole number, at least {least}, not `{word[:20]}`")
    return int(word)
