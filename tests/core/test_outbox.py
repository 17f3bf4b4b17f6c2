"""Events are told after their transaction, at least once."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any

import pytest
from django.db import ProgrammingError

from mes.core import outbox
from mes.core.actors import DatabaseRole
from mes.core.models import OutboxEvent
from mes.core.wall import wall
from tests.core.people import make_party
from tests.core.work import TOPIC, at_once, listening

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]


def tell(count: int = 1) -> None:
    with wall(DatabaseRole.PLANNER):
        for number in range(count):
            outbox.tell(topic=TOPIC, payload={"number": number})


def events() -> list[OutboxEvent]:
    with wall(DatabaseRole.PLANNER):
        return list(OutboxEvent.objects.order_by("at"))


def let_claims_run_out() -> None:
    with wall(DatabaseRole.PLANNER):
        OutboxEvent.objects.update(not_before=None)


def test_events_are_told_oldest_first_and_once() -> None:
    told: list[Mapping[str, Any]] = []
    tell(3)
    with listening(told.append):
        assert outbox.deliver() == 3
        assert outbox.deliver() == 0
    assert told == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert all(event.told_at for event in events())


def test_an_event_of_a_rolled_back_transaction_never_happened() -> None:
    with pytest.raises(ZeroDivisionError), wall(DatabaseRole.PLANNER):
        outbox.tell(topic=TOPIC, payload={})
        raise ZeroDivisionError
    assert events() == []


def test_an_event_without_a_handler_is_done() -> None:
    tell()
    assert outbox.deliver() == 1


def test_a_handler_opens_its_own_wall() -> None:
    seen: list[int] = []

    def handler(_payload: Mapping[str, Any]) -> None:
        with wall(DatabaseRole.PLANNER):
            seen.append(OutboxEvent.objects.filter(told_at=None).count())

    tell()
    with listening(handler):
        assert outbox.deliver() == 1
    assert seen == [1]


def test_a_failing_handler_is_tried_again_and_does_not_hold_up_the_others() -> None:
    told: list[int] = []

    def handler(payload: Mapping[str, Any]) -> None:
        told.append(payload["number"])
        if told == [0]:
            raise RuntimeError("deliberate\nwith values of a row")

    tell(2)
    with listening(handler):
        assert outbox.deliver() == 1
        failed = events()[0]
        assert (failed.told_at, failed.attempts, failed.error) == (None, 1, "RuntimeError: deliberate")
        assert outbox.deliver() == 0, "the claim stands"
        let_claims_run_out()
        assert outbox.deliver() == 1
    assert told == [0, 1, 0]
    assert events()[0].error == ""


def test_an_event_is_given_up_after_its_last_attempt() -> None:
    def handler(_payload: Mapping[str, Any]) -> None:
        raise RuntimeError("deliberate")

    tell()
    with listening(handler):
        for _attempt in range(outbox.MOST_ATTEMPTS + 1):
            assert outbox.deliver() == 0
            let_claims_run_out()
    assert events()[0].attempts == outbox.MOST_ATTEMPTS
    assert events()[0].told_at is None


def test_an_event_whose_deliverer_died_is_told_by_the_next() -> None:
    class Died(BaseException):
        pass

    told: list[int] = []

    def handler(payload: Mapping[str, Any]) -> None:
        told.append(payload["number"])
        if len(told) == 1:
            raise Died

    tell()
    with listening(handler):
        with pytest.raises(Died):
            outbox.deliver()
        let_claims_run_out()
        assert outbox.deliver() == 1
    assert told == [0, 0]


def test_two_deliverers_at_once_tell_each_event_once() -> None:
    told: list[int] = []
    tell(12)
    with listening(lambda payload: told.append(payload["number"])):
        assert sum(at_once(2, lambda _number: outbox.deliver())) == 12
    assert sorted(told) == list(range(12))


def test_an_event_that_is_being_told_is_passed_over_by_another_deliverer() -> None:
    inside, go_on = Event(), Event()
    told: list[int] = []

    def slow(payload: Mapping[str, Any]) -> None:
        told.append(payload["number"])
        if payload["number"] == 0:
            inside.set()
            assert go_on.wait(20)

    def deliver(number: int) -> int:
        if number == 0:
            return outbox.deliver()
        assert inside.wait(20)
        try:
            return outbox.deliver()
        finally:
            go_on.set()

    tell(2)
    with listening(slow):
        assert at_once(2, deliver) == [1, 1]
    assert told == [0, 1]


def test_a_firm_tells_its_own_events_and_nobody_elses() -> None:
    party, other = make_party("A"), make_party("B")
    with wall(DatabaseRole.FIRM, party.firm_id):
        outbox.tell(topic=TOPIC, payload={}, firm_id=party.firm_id)
    with pytest.raises(ProgrammingError, match="row-level security"), wall(DatabaseRole.FIRM, party.firm_id):
        outbox.tell(topic=TOPIC, payload={}, firm_id=other.firm_id)
    assert [event.firm_id for event in events() if event.topic == TOPIC] == [party.firm_id]
