"""`make serve`: services, data, web, worker and beat of a checkout, watched and healed until somebody says stop.

One launcher serves a checkout: it holds a lock on ``var/serve/lock``, which also says who it is. What a killed
launcher left running is known by its working directory and ended by the next start, or by ``stop``.
"""

import http.client
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mes.embedded.children import Child, Pauses
from mes.embedded.errors import MachineLacks, ServiceFailed
from mes.embedded.launchers import STOPPING, end_leftovers_in, introduce, only_launcher
from mes.embedded.ports import listener_at
from mes.embedded.processes import adopt_orphans, reap_adopted, wait_until
from mes.embedded.services import Services
from mes.embedded.stack import DATABASE, Stack
from mes.embedded.supervise import Stopped, end_leftovers, handled, run, stop_by_exception, undisturbed

USUAL_PORT = 8000
READY_TIMEOUT_S = 90
EARLY_DEATHS = 4  # so many before the first answer are a fault, not bad luck
LOOK_EVERY_S = 0.25
LOOKS_PER_SERVER_LOOK = 4
END_PATIENCE_S = 15


class DataFailed(Exception):
    """The data could not be prepared; it has been said why. ``args[0]`` is the exit code."""


@dataclass
class Launcher:
    """One run of `make serve`. ``arguments`` go to the command that prepares the data."""

    checkout: Path
    port: int | None
    arguments: Sequence[str]
    _services: Services = field(init=False)
    _environment: dict[str, str] = field(default_factory=dict, init=False)
    _children: list[Child] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._services = Services("demo", checkout=self.checkout, database=DATABASE)

    def serve(self) -> int:
        """Until a stop signal: 0 then; else the exit code of what failed. Raises MachineLacks or ServiceFailed."""
        adopt_orphans()
        with handled(stop_by_exception), suppress(Stopped), only_launcher(Stack(self.checkout).folder) as lock:
            try:
                self._serve(lock)
            except DataFailed as failed:
                return int(failed.args[0])
            finally:
                undisturbed()
                introduce(lock, STOPPING)
                self._end()
                say("stopped")
        return 0

    def _serve(self, lock: IO[str]) -> None:
        end_leftovers_in(Stack(self.checkout).work)
        with listener_at(self._ports()) as listener:
            stack = Stack(self.checkout, port=listener.getsockname()[1])
            introduce(lock, stack.url)
            self._make_folders(stack)
            self._environment = self._services.acquire()
            code = run(
                stack.prepare(*self.arguments), environment=self._environment | stack.additions(), folder=stack.work
            )
            if code != 0:
                raise DataFailed(code)
            self._children = stack.children(self._environment, listener.fileno())
            for child in self._children:
                child.begin()
            self._await_ready(stack)
            say(f"READY {stack.url}\n{(stack.folder / 'card.txt').read_text()}")
            self._watch(stack, listener)

    def _ports(self) -> list[int]:
        """Ports to try: the one that was asked for, else the last one, the usual one, any."""
        if self.port is not None:
            return [self.port]
        last = Stack(self.checkout).folder / "port"
        return [*([int(last.read_text())] if last.exists() else []), USUAL_PORT, 0]

    def _make_folders(self, stack: Stack) -> None:
        (stack.folder / "port").write_text(f"{stack.port}\n")
        shutil.rmtree(stack.work, ignore_errors=True)  # what killed commands could not tidy up
        stack.work.mkdir(mode=0o700)
        stack.logs.mkdir(exist_ok=True)
        for log in stack.logs.glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def _await_ready(self, stack: Stack) -> None:
        """Wait until /readyz says yes. Raises ServiceFailed when it does not, or when a command keeps ending."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not _answers(f"{stack.url}/readyz"):
            self._heal_children()
            for child in self._children:
                if child.pauses.failures >= EARLY_DEATHS:
                    raise ServiceFailed(f"{child.name} does not start: {child.last_words()} (log: {child.log})")
            if time.monotonic() > deadline:
                web = self._children[0]
                raise ServiceFailed(f"the web does not get ready: {web.last_words()} (log: {web.log})")
            time.sleep(LOOK_EVERY_S)

    def _watch(self, stack: Stack, listener: socket.socket) -> None:
        """Heal what dies, until a signal leads out of here."""
        pauses = Pauses()
        looks = 0
        while True:
            time.sleep(LOOK_EVERY_S)
            self._heal_children()
            looks += 1
            if looks % LOOKS_PER_SERVER_LOOK == 0 and pauses.is_over():
                self._heal_servers(stack, listener, pauses)

    def _heal_children(self) -> None:
        for child in self._children:
            if said := child.heal():
                say(said)

    def _heal_servers(self, stack: Stack, listener: socket.socket, pauses: Pauses) -> None:
        reap_adopted(keep=[child.pid for child in self._children if child.pid])
        try:
            environment = self._services.heal()
        except (MachineLacks, ServiceFailed) as error:
            say(f"{error}; another try in {pauses.after_failure():g} s")
            return
        if environment is None:
            return
        self._environment = environment
        say("a server had died and runs again")
        for child, fresh in zip(self._children, stack.children(environment, listener.fileno()), strict=True):
            if child.environment != fresh.environment:  # it could not have its port back
                child.end()
                child.environment = fresh.environment

    def _end(self) -> None:
        """End the commands, the clock, and the servers unless somebody else uses them."""
        for child in self._children:
            child.tell_to_end()
        wait_until(lambda: not any(child.is_running() for child in self._children), timeout_s=END_PATIENCE_S)
        for child in self._children:
            child.end()
        end_leftovers(keep=self._services.pids())
        if self._children:
            self._stand_still()
        self._services.release()
        end_leftovers(keep=self._services.pids())

    def _stand_still(self) -> None:
        """Stop the clock. Should that fail, the next start finds out until when it was well."""
        command, additions = Stack(self.checkout).stand_still(), Stack(self.checkout).additions()
        subprocess.run(
            command, env={**os.environ, **self._environment, **additions}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=END_PATIENCE_S, check=False,
        )  # fmt: skip


def say(text: str) -> None:
    """Print; whoever read us may have gone, which is no reason to stop serving."""
    with suppress(OSError):
        print(text, flush=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False
