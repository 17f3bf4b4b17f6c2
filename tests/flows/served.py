"""A clone of the project that serves its own sample park, beside whatever else this machine serves."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from numba.core.caching import UserProvidedCacheLocator

from mes.embedded.ports import LOOPBACK
from mes.embedded.processes import living_in, wait_until
from production.planning.kernel.compiler import FOLDER, kernel_sources
from tests.embedded.checkout import GIVEN_BY_THE_LAUNCHER

PROJECT = Path(__file__).parents[2]
PARTS = ("mes", "orders", "procurement", "production", "docker", "docs")
FILES = ("manage.py", "Makefile", "requirements-dev.lock")
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")
NOT_PASSED_ON = (*GIVEN_BY_THE_LAUNCHER, *OF_MAKE, "DJANGO_SETTINGS_MODULE")
READY = re.compile(r"^READY (http://127\.0\.0\.1:\d+)$", re.MULTILINE)
CARD = re.compile(r"^(─+)$.*^\1$", re.MULTILINE | re.DOTALL)
START_TIMEOUT_S = 600  # making the data included, on a busy machine
TIMEOUT_S = 300


def wait(condition: Callable[[], bool], *, timeout_s: float = TIMEOUT_S) -> None:
    """Until it holds. Fails when that takes longer."""
    assert wait_until(condition, timeout_s=timeout_s)


@dataclass(frozen=True)
class Served:
    """A launcher, or the make or shell that started it, and the file that gets what it prints."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    @property
    def url(self) -> str:
        ready = READY.search(self.said())
        assert ready is not None
        return ready[1]

    def card(self, line_start: str) -> list[list[str]]:
        """The words of the card's lines that begin so, without the beginning."""
        words = [line.split() for line in self.said().splitlines()]
        return [line[1:] for line in words if line[:1] == [line_start]]

    def firm_keys(self) -> list[str]:
        return [words[1] for words in self.card("key")]

    def get(self, path: str, key: str = "") -> tuple[int, str]:
        """Status and body; status 0 when nobody answers."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {key}"} if key else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_well(self) -> bool:
        """Whether the web answers, with database and broker."""
        status, body = self.get("/readyz")
        return status == 200 and json.loads(body) == {"ready": True, "broker": True}

    def ends(self) -> int:
        """Its exit code, soon."""
        return self.process.wait(TIMEOUT_S)


def wait_for(served: Served, words: str) -> None:
    """Until it has said so. Fails when it ends before."""
    wait(lambda: words in served.said() or served.process.poll() is not None)
    assert words in served.said()


@dataclass(frozen=True)
class Clone:
    """Where the clone lies."""

    folder: Path

    @property
    def private(self) -> Path:
        return self.folder / "var" / "serve"

    @property
    def work(self) -> Path:
        return self.private / "work"

    @property
    def home(self) -> Path:
        return self.folder / "var" / "embedded" / "demo"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder, wherever it lies."""
        elsewhere = self.home / "elsewhere"
        return (Path(elsewhere.read_text().strip()) if elsewhere.exists() else self.home) / "postgres"

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}

    def launcher(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "mes.embedded", *arguments]

    def make(self, *arguments: str) -> list[str]:
        """The project's make on the virtual environment that runs the tests, which it must leave as it is."""
        venv = Path(sys.prefix)
        finished = (venv / ".installed", "mes/core/locale/zh_Hans/LC_MESSAGES/django.mo")
        kept = [f"--old-file={path}" for path in finished]
        return ["make", "--no-print-directory", f"VENV={venv}", *kept, *arguments]

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=START_TIMEOUT_S, check=False,
        )  # fmt: skip

    def start(self, command: list[str], *, into: str = "said.txt") -> Served:
        """A command in a process group of its own, what it prints in a file."""
        output = self.folder / into
        with output.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=file,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return Served(process, output)

    @contextmanager
    def serving(self, command: list[str] | None = None) -> Iterator[Served]:
        """Serve until the block ends, if nobody stops it before. Fails with what was said when READY does not come."""
        served = self.start(command or self.launcher("serve"))
        try:
            wait(
                lambda: bool(CARD.search(served.said())) or served.process.poll() is not None, timeout_s=START_TIMEOUT_S
            )
            assert READY.search(served.said()), served.said()
            yield served
        finally:
            self.run(self.launcher("stop"))
            self.kill(served)

    def kill(self, served: Served) -> None:
        """Whatever is left of the command's group."""
        if served.process.poll() is None:
            os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait()

    def processes(self) -> list[int]:
        """Whatever runs for this clone: servers and kept commands."""
        folders = [self.data, self.home / "valkey", self.work]
        return [pid for folder in folders if folder.is_dir() for pid in living_in(folder)]

    def is_gone(self) -> bool:
        """Whether nothing of it runs any more, soon."""
        return wait_until(lambda: not self.processes(), timeout_s=TIMEOUT_S)

    def ask(self, query: str) -> tuple[Any, ...]:
        """One row of the served database, read as its owner."""
        secrets = json.loads((self.home / "secrets.json").read_text())
        port = (self.data / "postmaster.pid").read_text().splitlines()[3]
        url = f"postgresql://mes_owner:{secrets['MES_OWNER_PASSWORD']}@{LOOPBACK}:{port}/mes_serve"
        with psycopg.connect(url) as owner:
            row = owner.execute(query).fetchone()
        assert row is not None
        return row


@contextmanager
def clone_in(folder: Path) -> Iterator[Clone]:
    """A clone that is stopped and removed at the end."""
    for part in PARTS:
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(PROJECT / name, folder / name)
    copy_kernels(folder)
    clone = Clone(folder)
    try:
        yield clone
    finally:
        clone.run(clone.launcher("stop"))
        for record in clone.home.parent.glob("*/elsewhere"):
            shutil.rmtree(record.read_text().strip())
        shutil.rmtree(folder)


def copy_kernels(folder: Path) -> None:
    """What is compiled here, for the same sources in a clone: numba names folders by where the sources lie."""
    kernels = folder / "var" / "kernels"
    for source in kernel_sources():
        here, there = map(
            UserProvidedCacheLocator.get_suitable_cache_subpath, (source, folder / source.relative_to(PROJECT))
        )
        if (FOLDER / here).is_dir():
            shutil.copytree(FOLDER / here, kernels / FOLDER.name / there, dirs_exist_ok=True)
    (kernels / ".ready").touch()
