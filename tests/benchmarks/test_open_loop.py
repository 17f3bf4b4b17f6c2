"""The open loop: what a stalled server makes wait is counted, and percentiles are of the values themselves."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from tests.benchmarks.api_load import verdict
from tests.benchmarks.open_loop import Call, arrivals, head_of, percentile, run

ANSWER = b"HTTP/1.1 201 Created\r\ncontent-type: text/plain\r\nContent-Length: 3\r\n\r\nyes"


def test_calls_come_at_the_rate_that_is_asked_for_and_the_same_for_a_seed() -> None:
    moments = arrivals(rate=150, seconds=60, chance=random.Random(1))
    assert len(moments) == 9000
    assert moments == sorted(moments) == arrivals(rate=150, seconds=60, chance=random.Random(1))
    assert 0 <= moments[0] < moments[-1] <= 60


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (99, 99), (99.5, 100), (100, 100), (1, 1), (0.1, 1)])
def test_a_percentile_is_the_nearest_rank(percent: float, value: float) -> None:
    assert percentile(range(100, 0, -1), percent) == value


def test_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="Values are wanted"):
        percentile([], 50)


def test_an_answer_says_its_length() -> None:
    assert head_of(ANSWER.partition(b"\r\n\r\n")[0]) == (201, 3)
    assert head_of(b"HTTP/1.1 304 Not Modified\r\nETag: x") == (304, 0)
    with pytest.raises(ValueError, match="length"):
        head_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked")


def test_what_waits_for_a_connection_is_counted_from_the_instant_at_which_it_was_to_come() -> None:
    async def story() -> list[float]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError):
                while await reader.readuntil(b"\r\n\r\n"):
                    await asyncio.sleep(0.05)
                    writer.write(ANSWER[:30])
                    await writer.drain()
                    writer.write(ANSWER[30:])
            writer.close()
            await writer.wait_closed()
            over.set()

        over = asyncio.Event()
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        calls = [Call(0.0, "list", "GET / HTTP/1.1\r\n\r\n")] * 4
        answers = await run(host="127.0.0.1", port=port, connections=1, calls=calls)
        await over.wait()
        server.close()
        assert {(answer.kind, answer.status) for answer in answers} == {("list", 201)}
        return [answer.took_ms for answer in answers]

    took = asyncio.run(story())
    assert [took[number] >= 50 * (number + 1) for number in range(4)] == [True] * 4


def test_a_server_that_hangs_up_gave_no_answer_and_is_called_again() -> None:
    async def story() -> list[int]:
        hung_up: list[bool] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            if hung_up:
                writer.write(ANSWER)
                await writer.drain()
            hung_up.append(True)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        calls = [Call(0.0, "list", "GET / HTTP/1.1\r\n\r\n"), Call(0.1, "list", "GET / HTTP/1.1\r\n\r\n")]
        answers = await run(host="127.0.0.1", port=port, connections=1, calls=calls)
        server.close()
        return [answer.status for answer in answers]

    assert asyncio.run(story()) == [0, 201]


def size(orders: int, p99_ms: float, **statuses: int) -> dict[str, object]:
    told = {"statuses": {name.strip("_"): number for name, number in (statuses or {"_200": 9000}).items()}}
    return {"orders": orders, "median_p99_ms": p99_ms, "runs": [told]}


def test_what_misses_its_target_is_named() -> None:
    assert verdict([size(100, 300.0), size(1000, 450.0)]) == []
    assert len(verdict([size(100, 301.0)])) == 1
    assert len(verdict([size(100, 100.0), size(1000, 151.0)])) == 1
    for status in ("_500", "_503", "_0", "_429", "_412"):
        assert len(verdict([size(100, 100.0, **{"_200": 1, status: 1})])) == 1
