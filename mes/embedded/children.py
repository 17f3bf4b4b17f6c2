"""A command that is kept running: begun again when it ends, after a pause that grows, its output in a log."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 15.0
STEADY_S = 60.0  # whoever was well for so long begins with the short pause again
LAST_LINES = 3


@dataclass
class Pauses:
    """How long to wait before another try: twice as long after each failure that follows closely, up to a bound."""

    failures: int = field(default=0, init=False)
    _last_s: float = field(default=float("-inf"), init=False)
    _until_s: float = field(default=float("-inf"), init=False)

    def after_failure(self) -> float:
        """Begin a pause; its length in seconds."""
        now_s = time.monotonic()
        self.failures = self.failures + 1 if now_s - self._last_s < STEADY_S else 1
        self._last_s = now_s
        pause_s = min(FIRST_PAUSE_S * 2.0 ** (self.failures - 1), LONGEST_PAUSE_S)
        self._until_s = now_s + pause_s
        return pause_s

    def is_over(self) -> bool:
        """Whether the next try may be made."""
        return time.monotonic() >= self._until_s


@dataclass
class Child:
    """One command in a session of its own, so that an interrupt key reaches it by way of us only."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    pass_fds: Sequence[int] = ()
    pauses: Pauses = field(default_factory=Pauses, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Its process id, also when it has ended and nobody has taken leave of it yet."""
        return self._process.pid if self._process else None

    def begin(self) -> None:
        """Start the command; what it says is added to its log."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, pass_fds=self.pass_fds, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def heal(self) -> str | None:
        """Begin again what has ended, when its pause is over. When it has just ended: what is to be said of that."""
        if self._process is None:
            if self.pauses.is_over():
                self.begin()
            return None
        if self.is_running():
            return None
        code = self.end()
        how = f"by signal {-code}" if code < 0 else f"with {code}"
        return f"{self.name} ended {how}, begins again in {self.pauses.after_failure():g} s (log: {self.log})"

    def is_running(self) -> bool:
        """Whether it has begun and not ended. An ended one is not reaped here: its number stays taken."""
        if self._process is None:
            return False
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def tell_to_end(self) -> None:
        """Ask it to end; nobody waits here."""
        if self._process is not None and self.is_running():
            self._process.terminate()

    def end(self) -> int:
        """Kill what is left of it and of its group; its exit code, negative for a signal, 0 when it never began."""
        if self._process is None:
            return 0
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        self._process = None
        return code

    def last_words(self) -> str:
        """The end of its log, as one line."""
        lines = self.log.read_text(errors="replace").splitlines()
        return " ".join(line.strip() for line in lines[-LAST_LINES:]) or "it said nothing"
