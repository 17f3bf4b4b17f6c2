"""What the demo shows while it runs: a line per step with its time; bars and colours only on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from mes.core.clock import stopwatch_s

NAME_WIDTH = 44
BAR_WIDTH = 24


class Board:
    """Steps one after the other, and the rules of a plan as they come."""

    def __init__(self, out: TextIO) -> None:
        self.console = Console(file=out, highlight=False, soft_wrap=True)
        self._started_s = stopwatch_s()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the board was made."""
        return stopwatch_s() - self._started_s

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """A step; what is appended to the yielded list is said behind its time. A failed step says nothing."""
        said: list[str] = []
        started_s = stopwatch_s()
        if self.console.is_terminal:
            with self.console.status(name):
                yield said
        else:
            yield said
        seconds = stopwatch_s() - started_s
        line = Text.assemble((f"{name:<{NAME_WIDTH}}", ""), (f"{seconds:6.1f} s", "cyan"), f"  {', '.join(said)}")
        line.rstrip()
        self.console.print(line)

    def rules(self, orders_total: int) -> Callable[[Mapping[str, Any]], None]:
        """Shows the dispatch rules of one plan as they come: each gets an entry of the plan run's log."""

        def show(entry: Mapping[str, Any]) -> None:
            self._rule(entry, orders_total)

        return show

    def _rule(self, entry: Mapping[str, Any], orders_total: int) -> None:
        placed, tiers = entry["orders_placed"], entry["tiers"]
        line = Text(f"  rule {entry['rule']:<20} {entry['ms'] / 1000:6.2f} s  {placed:>4} of {orders_total} orders")
        if self.console.is_terminal and orders_total:
            full = BAR_WIDTH * placed // orders_total
            line.append("  ")
            line.append("█" * full, "yellow" if entry["is_cut"] else "green")
            line.append("░" * (BAR_WIDTH - full), "dim")
        if entry["is_cut"]:
            line.append(f"  given up at {tiers['tardiness']} min")
        else:
            line.append(f"  weighted lateness {tiers['tardiness']} min, cost index {tiers['cost_index']}")
        self.console.print(line)

    def say(self, text: str = "", style: str = "") -> None:
        """One line as it is."""
        self.console.print(Text(text, style))
