"""An open loop of HTTP calls: when each one comes is fixed in advance, whether or not those before are answered.

    python -m tests.benchmarks.open_loop CALLS.json ANSWERS.json

A process of its own that needs nothing of this project, so that it takes little from the cores that it shares with what
it measures. CALLS.json: `host`, `port`, `connections`, and `calls` as [at_s, kind, request]. A call that finds all
connections taken waits for one. What it took is counted from the instant at which it was to come, so that a server that
stalls is charged for all that waited (no coordinated omission). ANSWERS.json: `seconds`
until the last answer, `cpu_s` of this process, and `answers` (see `Answer`).
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import resource
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

PATIENCE_S = 30.0
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Call:
    """`at_s`: after the beginning. `request`: the whole of it, as it is sent."""

    at_s: float
    kind: str
    request: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: none came. `took_ms`: since the call was to come; `waited_ms` of them passed before it was sent."""

    kind: str
    status: int
    took_ms: float
    waited_ms: float


def arrivals(*, rate: float, seconds: float, chance: random.Random) -> list[float]:
    """Instants in seconds, in order, `rate` a second on average: as callers come who do not know of each other."""
    return sorted(chance.uniform(0, seconds) for _call in range(round(rate * seconds)))


def percentile(values: Iterable[float], percent: float) -> float:
    """The least of the values that `percent` % of them do not exceed (nearest rank). Raises ValueError for none."""
    ordered = sorted(values)
    if not ordered or not 0 < percent <= 100:
        raise ValueError("Values are wanted, and a percentage above 0.")
    rank = -(-len(ordered) * percent // 100)
    return ordered[int(rank) - 1]


class Connection(asyncio.Protocol):
    """One connection that is kept alive; one call at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._buffer = bytearray()

    async def ask(self, request: bytes) -> int:
        """The status of the answer, once all of it is there. Raises OSError when there is none."""
        assert self._transport is not None
        self._buffer.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await asyncio.wait_for(self._answer, PATIENCE_S)
        except TimeoutError:
            self._transport.abort()
            raise
        finally:
            self._answer = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.is_open = transport, True

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(HEAD_END)
        if end < 0 or self._answer is None or self._answer.done():
            return
        status, length = head_of(bytes(self._buffer[:end]))
        if len(self._buffer) >= end + len(HEAD_END) + length:
            self._answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("The connection was closed."))


def head_of(head: bytes) -> tuple[int, int]:
    """Status, and bytes of the body, of an answer that says its length. Raises ValueError for another one."""
    first, *lines = head.split(b"\r\n")
    status = int(first.split(b" ", 2)[1])
    for line in lines:
        if line.lower().startswith(LENGTH):
            return status, int(line[len(LENGTH) :])
    if status in {204, 304}:
        return status, 0
    raise ValueError("The answer does not say its length.")


async def run(*, host: str, port: int, connections: int, calls: Sequence[Call]) -> list[Answer]:
    """Sends all calls in time, and gives what became of them, in the order in which they were over."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Call | None] = asyncio.Queue()
    opened = [(await loop.create_connection(Connection, host, port))[1] for _number in range(connections)]
    begin_s = perf_counter()
    answers: list[Answer] = []

    async def serve(connection: Connection) -> None:
        while (call := await waiting.get()) is not None:
            sent_s = perf_counter() - begin_s
            try:
                if not connection.is_open:
                    connection = (await loop.create_connection(Connection, host, port))[1]
                status = await connection.ask(call.request.encode())
            except OSError:
                status = 0
            took_ms, waited_ms = perf_counter() - begin_s - call.at_s, sent_s - call.at_s
            answers.append(Answer(call.kind, status, round(took_ms * 1000, 3), round(waited_ms * 1000, 3)))
        connection.close()

    async with asyncio.TaskGroup() as group:
        for connection in opened:
            group.create_task(serve(connection))
        for call in calls:
            await asyncio.sleep(max(0.0, call.at_s - (perf_counter() - begin_s)))
            waiting.put_nowait(call)
        for _connection in opened:
            waiting.put_nowait(None)
    return answers


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    calls = [Call(*call) for call in asked.pop("calls")]
    gc.disable()
    began_s = perf_counter()
    answers = asyncio.run(run(calls=calls, **asked))
    took_s = perf_counter() - began_s
    spent = resource.getrusage(resource.RUSAGE_SELF)
    told = {"seconds": round(took_s, 2), "cpu_s": round(spent.ru_utime + spent.ru_stime, 2)}
    said = told | {"answers": [asdict(answer) for answer in answers]}
    Path(sys.argv[2]).write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main()
