"""One PostgreSQL cluster in a folder: made, started, healed and stopped by the programs of PostgreSQL itself.

It listens on the loopback address and in a private socket folder, and asks everybody for a password (SCRAM).
"""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mes.embedded.errors import MachineLacks, ServiceFailed
from mes.embedded.ports import LOOPBACK, free_port
from mes.embedded.processes import end, lives_in, living_in, wait_until
from mes.embedded.standing import Standing

SUPERUSER = "postgres"
START_TIMEOUT_S = 60  # crash recovery of a large data folder included
RETRY_EVERY_S = 0.2
STOP_TIMEOUT_S = 20
SOCKET_PATH_LIMIT = 107  # sockaddr_un.sun_path without its closing zero
PROCESS_ID, PORT, SOCKET_FOLDER = 0, 3, 4  # lines of postmaster.pid
LONGEST_SOCKET_NAME = "/.s.PGSQL.65535"
# Reasons in the log that go away by themselves, or with another port.
PASSING = ("lock file", "shared memory", "any TCP/IP sockets", "starting up")
SETTINGS = {"timezone": "UTC", "log_timezone": "UTC"}
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """The cluster in ``standing.folder / "postgres"``; ``volatile`` gives up the guard against power cuts."""

    standing: Standing
    password: str
    volatile: bool = False
    choose_port: Callable[[], int] = free_port

    @property
    def data(self) -> Path:
        """The data folder, which only the user that PostgreSQL runs as may read."""
        return self.standing.folder / "postgres"

    @property
    def log(self) -> Path:
        """The log of the running or last server."""
        return self.standing.folder / "postgres.log"

    def is_running(self) -> bool:
        """Whether a server of this folder runs: its pid file says so and a process lives in the folder."""
        return self._status() == 0 and bool(living_in(self.data))

    def lives(self) -> bool:
        """The same without asking pg_ctl: cheap, and true as soon as the server has begun to start."""
        postmaster = _pid_file_line(self.data, PROCESS_ID)
        return postmaster.isdigit() and lives_in(int(postmaster), self.data)

    def start(self) -> int:
        """Make the cluster if there is none, start it if it does not run; the port.

        A server that was killed comes back at its port, so that those who know its address find it again.

        Raises MachineLacks when the data folder is another version's, ServiceFailed when it does not start.
        """
        if self.is_running():
            return self._port()
        self._make()
        before = _pid_file_line(self.data, PORT)
        self._heal()
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        sockets = _socket_folder()
        self.standing.hand_over(sockets)
        deadline = time.monotonic() + START_TIMEOUT_S
        port = int(before) if before.isdigit() else self.choose_port()
        while not self._started(port=port, sockets=sockets):
            reason = self._last_words()
            if not any(words in reason for words in PASSING) or time.monotonic() > deadline:
                shutil.rmtree(sockets, ignore_errors=True)
                raise ServiceFailed(f"PostgreSQL does not start: {reason} (log: {self.log})")
            time.sleep(RETRY_EVERY_S)
            port = self.choose_port()
        return self._port()

    def url(self, *, user: str = SUPERUSER, password: str = "", database: str = "postgres") -> str:
        """Address of a database of the running server for one of its users; the superuser's by default."""
        return f"postgresql://{user}:{password or self.password}@{LOOPBACK}:{self._port()}/{database}"

    def _make(self) -> None:
        """Run initdb under another name first, so that a half-made folder is never taken for a cluster."""
        if (self.data / "PG_VERSION").exists():
            return self._check_version()
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        said = ""
        for locale in ("C.UTF-8", "C"):  # some small images know no C.UTF-8
            done = self._initdb(unfinished, locale)
            if done.returncode == 0:
                unfinished.rename(self.data)
                return None
            said = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "no reason given"
        raise ServiceFailed(f"initdb failed: {said}")

    def _initdb(self, folder: Path, locale: str) -> subprocess.CompletedProcess[str]:
        with tempfile.NamedTemporaryFile("w", dir=self.standing.folder, prefix="password-") as secret:
            secret.write(self.password)
            secret.flush()
            self.standing.hand_over(Path(secret.name))
            return self._run(
                "initdb", "-D", str(folder), "-U", SUPERUSER, f"--pwfile={secret.name}", "-A",
                "scram-sha-256", f"--locale={locale}", "-E", "UTF8", "--no-sync", "--no-instructions",
            )  # fmt: skip

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        ours = self._run("postgres", "--version").stdout.split()[-1].partition(".")[0]
        if made_by != ours:
            raise MachineLacks(f"{self.data} was made by PostgreSQL {made_by}, here is {ours}: remove it to begin anew")

    def _heal(self) -> None:
        """Clear what a killed server left: its socket folder, and a pid file whose number another process has.

        The pid file also guards the shared memory, so it goes only when no process lives in the folder any
        more; children of a killed server leave by themselves within a second or two.
        """
        if not (self.data / "postmaster.pid").exists():
            return
        _remove_socket_folder(_pid_file_line(self.data, SOCKET_FOLDER))
        if wait_until(lambda: not living_in(self.data), timeout_s=STOP_TIMEOUT_S) and self._status() == 0:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _started(self, *, port: int, sockets: Path) -> bool:
        settings = SETTINGS | (VOLATILE if self.volatile else {})
        options = ["-p", str(port), "-h", LOOPBACK, "-k", shlex.quote(str(sockets))]
        options += [f"-c {name}={value}" for name, value in settings.items()]
        return self._control("start", "-l", str(self.log), "-t", str(START_TIMEOUT_S), "-o", " ".join(options)) == 0

    def _control(self, verb: str, *arguments: str) -> int:
        return self._run("pg_ctl", verb, "-D", str(self.data), "-w", "-s", *arguments, capture=False).returncode

    def _status(self) -> int:
        """pg_ctl's answer: 0 runs, 3 stopped, 4 no data folder. A reused process id can make the 0 a lie."""
        return self._run("pg_ctl", "status", "-D", str(self.data)).returncode

    def _run(self, program: str, *arguments: str, capture: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of PostgreSQL. No capture where a server inherits the output: it would never end."""
        return subprocess.run(
            [*self.standing.program(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            check=False,
        )

    def _port(self) -> int:
        return int(_pid_file_line(self.data, PORT))

    def _last_words(self) -> str:
        """The last fatal line of the log and the lines after it, as one line."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return "it wrote no log"
        fatal = [at for at, line in enumerate(lines) if "FATAL:" in line or "PANIC:" in line]
        first = max(0, fatal[-1] - 2) if fatal else max(0, len(lines) - 3)
        return " ".join(line.strip() for line in lines[first:])


def stop_postgres(data: Path) -> None:
    """Stop the server of a data folder if one runs, wait for its last process, and remove its socket folder.

    By signals alone (SIGINT: fast shutdown, SIGQUIT: immediate), as whoever started it or as root: what start needs
    to find out about the machine, stop does not.
    """
    if not data.is_dir():
        return
    sockets = _pid_file_line(data, SOCKET_FOLDER)
    for sign in (signal.SIGINT, signal.SIGQUIT):
        running = living_in(data)
        postmaster = _pid_file_line(data, PROCESS_ID)
        if postmaster.isdigit() and int(postmaster) in running:
            os.kill(int(postmaster), sign)
        if wait_until(lambda: not living_in(data), timeout_s=STOP_TIMEOUT_S):
            break
    else:
        end(living_in(data), patience_s=STOP_TIMEOUT_S)
    _remove_socket_folder(sockets)


def _pid_file_line(data: Path, number: int) -> str:
    """A line of postmaster.pid; empty when there is none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    return lines[number].strip() if len(lines) > number else ""


def _socket_folder() -> Path:
    """A new folder of mode 0700 whose path leaves room for the socket's name."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if len(os.fsencode(f"{base}/mes-12345678{LONGEST_SOCKET_NAME}")) <= SOCKET_PATH_LIMIT:
            return Path(tempfile.mkdtemp(prefix="mes-", dir=base))
    raise MachineLacks("no temporary folder with a short enough path for a socket")


def _remove_socket_folder(path: str) -> None:
    if path and Path(path).name.startswith("mes-"):
        shutil.rmtree(path, ignore_errors=True)
