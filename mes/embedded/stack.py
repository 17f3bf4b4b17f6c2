"""What `make serve` runs, as plain commands: what prepares the data, the web, a worker, a beat, what ends the day.

Each gets the addresses of its own login only.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mes.embedded.children import Child
from mes.embedded.ports import LOOPBACK

DATABASE = "mes_serve"
OTHER_LOGINS = ("DATABASE_WORKER_URL", "DATABASE_OWNER_URL")
PYTHON = (sys.executable, "-m")
CELERY = (*PYTHON, "celery", "-A", "mes.celery")
QUIET = ("--loglevel=WARNING", "--without-gossip", "--without-mingle")
WORKERS = 2
GATHER_S = "10"  # whoever looks around does not wait a minute for the next plan


@dataclass(frozen=True)
class Stack:
    """The stack of a checkout. ``folder`` is private to it, ``logs`` gets a file for each command."""

    checkout: Path
    port: int = 0

    @property
    def folder(self) -> Path:
        return self.checkout / "var" / "serve"

    @property
    def work(self) -> Path:
        """Working directory of the commands that are kept running, by which they are known when nobody keeps them."""
        return self.folder / "work"

    @property
    def logs(self) -> Path:
        return self.checkout / "var" / "log"

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self, *arguments: str) -> list[str]:
        """Command that makes the data if there are none, and writes the card."""
        manage = [sys.executable, str(self.checkout / "manage.py"), "demo_prepare"]
        return [*manage, "--folder", str(self.folder), "--url", self.url, *arguments]

    def stand_still(self) -> list[str]:
        """Command that stops the demo's clock until the next start."""
        return [*PYTHON, "mes.demo.clock", "stand"]

    def additions(self) -> dict[str, str]:
        """Environment of every command, beside the services' addresses."""
        return {
            "PYTHONPATH": str(self.checkout),
            "STATIC_ROOT": str(self.folder / "static"),
            "PLAN_GATHER_S": GATHER_S,
        }

    def children(self, services: Mapping[str, str], listener: int) -> list[Child]:
        """The commands to be kept running. ``listener`` is the open socket that the web serves."""
        web, worker = self.environments(services, listener)
        beat = (*CELERY, "beat", "--loglevel=WARNING", "--schedule", "beat-schedule")
        kinds = (
            ("web", (*PYTHON, "gunicorn", "--config", str(self.checkout / "docker" / "gunicorn.conf.py")), web),
            ("worker", (*CELERY, "worker", f"--concurrency={WORKERS}", *QUIET), worker),
            ("beat", beat, worker),
        )
        return [
            Child(
                name, command, environment, folder=self.work, log=self.logs / f"{name}.log",
                pass_fds=(listener,) if name == "web" else (),
            )
            for name, command, environment in kinds
        ]  # fmt: skip

    def environments(self, services: Mapping[str, str], listener: int) -> tuple[dict[str, str], dict[str, str]]:
        """Of the web, and of workers and beat."""
        common = {**os.environ, **services, **self.additions(), "TMPDIR": str(self.work)}
        common = {name: value for name, value in common.items() if name not in OTHER_LOGINS}
        web = common | {"WEB_BIND": f"fd://{listener}"}
        return web, common | {"DATABASE_URL": services["DATABASE_WORKER_URL"]}
