"""The formats that the command line speaks, and what each must be able to do.

A format is a module of this folder with a `FORMAT`. It is imported when it is asked for, because some bring a
compiler that others do not need.
"""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol, TextIO, cast

MODULES = {
    "fjsp": "production.planning.command.fjsp",
    "park": "production.planning.command.park",
    "problem": "production.planning.command.problem",
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search. With iterations the clock ends nothing, and the plan is the same each time."""

    seconds: float | None
    iterations: int | None
    seed: int
    workers: int


@dataclass(slots=True)
class Watch:
    """Told of each better plan; seconds count from its making, when the problem is in memory."""

    seconds_allowed: float | None = None
    curve: TextIO | None = None
    first_plan_seconds: float | None = None
    started: float = field(default_factory=perf_counter)

    def seconds(self) -> float:
        """Since the start."""
        return perf_counter() - self.started

    def seconds_left(self) -> float | None:
        """None: the clock ends nothing."""
        return None if self.seconds_allowed is None else self.seconds_allowed - self.seconds()

    def is_over(self) -> bool:
        """Whether the seconds allowed have passed."""
        return self.seconds_allowed is not None and self.seconds() >= self.seconds_allowed

    def better(self, tiers: dict[str, int]) -> None:
        """A new best plan: the first is timed, each goes to the curve."""
        seconds = round(self.seconds(), 3)
        if self.first_plan_seconds is None:
            self.first_plan_seconds = seconds
        if self.curve is not None:
            self.curve.write(json.dumps({"seconds": seconds, "tiers": tiers}) + "\n")
            self.curve.flush()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan and what is known of it. bounds: name of what each bounds, and its value. notes: more for the line.

    prove: asked for more bounds when the clock has stopped.
    """

    plan: str
    tiers: dict[str, int]
    objective: int | list[int]
    bounds: dict[str, int]
    iterations: int
    notes: dict[str, object]
    prove: Callable[[], dict[str, int]] = dict


class Format(Protocol):
    """One kind of file. The instance's type is the format's own affair."""

    def load(self, text: str) -> Any:
        """The instance. Raises ProblemError on a malformed file."""

    def solve(self, instance: Any, effort: Effort, watch: Watch) -> Outcome:
        """Plans. Raises ProblemError on what only the search refuses."""

    def judge(self, instance: Any, plan: str) -> tuple[dict[str, int], list[list[str]]]:
        """The plan's tiers and each rule that it breaks. Raises ProblemError on a malformed plan."""

    def warm_up(self) -> None:
        """Calls every kernel with the types of production."""


def format_named(name: str) -> Format:
    """The format's own module, imported now."""
    return cast("Format", importlib.import_module(MODULES[name]).FORMAT)
