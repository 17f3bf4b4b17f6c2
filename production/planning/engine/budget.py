"""How long to search."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """So many changes, or a clock's seconds; `now` gives the seconds since the start."""

    iterations: int | None = None
    seconds: float | None = None
    now: Callable[[], float] = lambda: 0.0
    should_stop: Callable[[], bool] = lambda: False
    workers: int = 1

    def is_over(self) -> bool:
        """Whether the time is up or somebody has said so."""
        return self.should_stop() or (self.seconds is not None and self.now() >= self.seconds)

    def share(self) -> float:
        """The part of the clock's seconds that has passed; 0 when the clock ends nothing."""
        return 0.0 if self.seconds is None else self.now() / self.seconds
