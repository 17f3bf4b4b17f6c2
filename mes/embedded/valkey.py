"""One Valkey server in a folder, with an append-only file, a password, and the loopback address only."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mes.embedded.errors import ServiceFailed
from mes.embedded.ports import LOOPBACK, free_port
from mes.embedded.processes import end, living_in, wait_until

START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 10
TRIES = 5
ASK_ONCE = Retry(NoBackoff(), 0)


@dataclass(frozen=True)
class Valkey:
    """The server whose data lies in ``folder``. It runs as whoever starts it, root included."""

    server: Path
    folder: Path
    password: str
    choose_port: Callable[[], int] = free_port

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.folder / "valkey.log"

    def is_running(self) -> bool:
        """Whether a process lives in the folder and answers to our password."""
        return bool(living_in(self.folder)) and self._answers()

    def lives(self) -> bool:
        """Whether a process lives in the folder: cheap."""
        return bool(living_in(self.folder))

    def start(self) -> int:
        """Start the server if it does not run, at its last port if that is free; the port.

        Raises ServiceFailed when it does not start.
        """
        if self.is_running():
            return self._port()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        stop_valkey(self.folder)  # one that runs and does not answer
        port = self._last_port() or self.choose_port()
        for _ in range(TRIES):  # another program may take the port first
            self._configure(port=port)
            if self._started():
                return port
            port = self.choose_port()
        raise ServiceFailed(f"Valkey does not start: {self._last_words()} (log: {self.log})")

    def url(self) -> str:
        """Address for redis-py and for Celery's broker."""
        return f"redis://:{self.password}@{LOOPBACK}:{self._port()}/0"

    def _configure(self, *, port: int) -> None:
        """Write the configuration: the command line would show the password to every user of the machine."""
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(
            f"bind {LOOPBACK}\nport {port}\nrequirepass {self.password}\n"
            'appendonly yes\nsave ""\ndaemonize no\nlogfile valkey.log\n'
        )

    def _started(self) -> bool:
        process = subprocess.Popen(
            [self.server, "valkey.conf"], cwd=self.folder, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        ended_or_answers = wait_until(lambda: process.poll() is not None or self._answers(), timeout_s=START_TIMEOUT_S)
        if ended_or_answers and process.returncode is None:
            process.returncode = 0  # it outlives this object, whose destructor would complain
            return True
        if process.returncode is None:
            process.kill()
            process.wait()
        return False

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=2, retry=ASK_ONCE) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError, ValueError):
            return False

    def _port(self) -> int:
        for line in (self.folder / "valkey.conf").read_text().splitlines():
            if line.startswith("port "):
                return int(line.split()[1])
        raise ValueError("no port configured")

    def _last_port(self) -> int | None:
        try:
            return self._port()
        except (OSError, ValueError):
            return None

    def _last_words(self) -> str:
        try:
            return " ".join(self.log.read_text(errors="replace").splitlines()[-3:])
        except OSError:
            return "it wrote no log"


def stop_valkey(folder: Path) -> None:
    """Stop the server of ``folder`` if one runs; SIGTERM makes it write the append-only file out first."""
    if folder.is_dir():
        end(living_in(folder), patience_s=STOP_TIMEOUT_S)
