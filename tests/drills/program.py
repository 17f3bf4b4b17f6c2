"""A firm's program that calls the API and notes each call in a history."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from mes.embedded.ports import LOOPBACK
from tests.drills.history import Attempt, History, Told

PATIENCE_S = 15.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Program:
    """Speaks to the web at `port` with a firm's key; one connection for each call."""

    port: int
    headers: Mapping[str, str]
    history: History

    def post(self, operation: str, address: str, body: Any, *, key: str = "") -> Attempt:
        """One attempt of an operation, under an Idempotency-Key if there is one. Raises nothing."""
        told = {"Idempotency-Key": key} if key else {}
        return self._call(operation, "POST", address, json.dumps(body).encode(), told)

    def get(self, operation: str, address: str) -> Attempt:
        return self._call(operation, "GET", address, None, {})

    def post_until_told(self, operation: str, address: str, body: Any, *, pause_s: float, tries: int) -> Attempt:
        """Repeats the call under one Idempotency-Key while its outcome is unknown or the first call is in flight."""
        for _try in range(tries):
            attempt = self.post(operation, address, body, key=operation)
            if attempt.told != Told.UNKNOWN and attempt.status != 409:
                break
            time.sleep(pause_s)
        return attempt

    def _call(
        self, operation: str, method: str, address: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Attempt:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE_S)
        invoked_s = time.monotonic()
        status, answered, said, error = None, {}, b"", ""
        try:
            sent = {"Content-Type": "application/json", **self.headers, **headers}
            connection.request(method, f"/api/v1/{address}", body, sent)
            response = connection.getresponse()
            said = response.read()
            status, answered = response.status, {name.lower(): value for name, value in response.getheaders()}
        except (OSError, HTTPException) as failure:
            error = type(failure).__name__
        finally:
            connection.close()
        attempt = Attempt(operation, invoked_s, time.monotonic(), status, answered, said, error)
        self.history.add(attempt)
        return attempt


Turn = Callable[[str], object]


@contextmanager
def clients(count: int, turn: Turn, *, pause_s: float) -> Iterator[None]:
    """So many clients at once, each of which takes turns, named by client and a number, until the block ends."""
    over = threading.Event()
    failed: list[BaseException] = []

    def client(number: int) -> None:
        try:
            while not over.is_set():
                turn(f"{number}-{next(_numbers)}")
                over.wait(pause_s)
        except BaseException as failure:
            failed.append(failure)

    threads = [threading.Thread(target=client, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE_S * 2)
    if failed:
        raise failed[0]
