"""A stop signal ends a command by way of its `finally` blocks, and its exit code says so whatever happens there."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import pytest

from mes.demo.errors import Interrupted
from mes.demo.stopping import STOP_SIGNALS, stopping_by_signal


def stop(signum: signal.Signals) -> None:
    os.kill(os.getpid(), signum)


def test_a_work_that_nobody_stops_has_its_own_code() -> None:
    assert stopping_by_signal(lambda: 3) == 3


@pytest.mark.parametrize("signum", STOP_SIGNALS)
def test_a_stopped_work_tidies_up_and_a_second_signal_does_not_disturb_that(signum: signal.Signals) -> None:
    tidied: list[str] = []

    def work() -> int:
        try:
            stop(signum)
            return 0
        finally:
            stop(signal.SIGTERM)
            tidied.append("all")

    assert stopping_by_signal(work) == 128 + signum
    assert tidied == ["all"]


def test_an_error_on_the_way_out_is_told_and_leaves_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        try:
            stop(signal.SIGINT)
            return 0
        finally:
            raise ConnectionError("the database is gone")

    assert stopping_by_signal(work) == 128 + signal.SIGINT
    assert "ConnectionError: the database is gone" in capsys.readouterr().err


def test_a_signal_that_somebody_swallows_is_still_told() -> None:
    def work() -> int:
        with suppress(Interrupted):
            stop(signal.SIGHUP)
        return 0

    assert stopping_by_signal(work) == 128 + signal.SIGHUP


def test_an_error_that_no_signal_caused_stays_an_error() -> None:
    def work() -> int:
        raise ConnectionError("the database is gone")

    before = {signum: signal.getsignal(signum) for signum in STOP_SIGNALS}
    with pytest.raises(ConnectionError):
        stopping_by_signal(work)
    assert {signum: signal.getsignal(signum) for signum in STOP_SIGNALS} == before
