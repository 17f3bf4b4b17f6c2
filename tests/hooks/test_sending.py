"""Each event arrives at least once, in order per object, whatever the receiver does."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.hooks import services
from mes.hooks.choices import DeliveryState, DisabledBecause, EndpointStatus, Failure
from mes.hooks.services.retention import deliveries_drop
from mes.hooks.services.sending import SCHEDULE
from production.machines.models import Machine
from tests.core.work import at_once
from tests.factories import a_firm, a_machine, a_machine_class, an_owner
from tests.hooks.receiver import Receiver, receiving
from tests.hooks.work import Owner, an_endpoint, changed, collected, deliveries, endpoint, make_due, turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]


@pytest.fixture
def machine() -> Machine:
    a_machine_class()
    return a_machine(a_firm())


def test_an_event_says_what_changed_and_where_to_read_it_and_is_signed(machine: Machine, receiver: Receiver) -> None:
    row = an_endpoint(receiver.url)
    changed(machine, 900)
    assert turn() == 1
    (event,) = receiver.events(services.secret_of(row))
    address = f"/api/v1/machines/{machine.pk}"
    assert event["type"] == "machine.updated"
    assert event["data"] == {"id": str(machine.pk), "kind": "machine", "address": address, "deleted": False}
    assert len(receiver.calls[0][1]) < 20_000
    assert receiver.calls[0][0]["host"] == urlsplit(receiver.url).netloc
    assert deliveries()[0].state == DeliveryState.DELIVERED
    assert turn() == 0
    assert len(receiver.calls) == 1


def test_after_a_500_it_comes_again_under_the_same_id(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    row = an_endpoint(receiver.url)
    receiver.answers = [500]
    changed(machine, 900)
    assert turn() == 0
    assert endpoint(row.pk).status == EndpointStatus.FAILING
    assert deliveries()[0].last_failure == Failure.STATUS
    make_due(owner)
    assert turn() == 1
    assert len(set(receiver.ids())) == 1
    assert deliveries()[0].attempts == 2
    well = endpoint(row.pk)
    assert (well.status, well.failing_since, well.failures) == (EndpointStatus.ACTIVE, None, 0)


def test_a_later_event_of_an_object_waits_for_the_earlier_and_others_do_not(
    machine: Machine, receiver: Receiver, owner: Owner
) -> None:
    other = a_machine(a_firm(), "P2-02")
    row = an_endpoint(receiver.url)
    receiver.answers = [503]
    for permille in (900, 800):
        changed(machine, permille)
        assert collected() == 1
    changed(other, 900)
    turn()
    owner.execute("UPDATE hooks_webhookdelivery SET due_at = now() + interval '1 hour' WHERE attempts > 0")
    make_due(owner, rested_only=True)
    turn()
    assert [event["data"]["id"] for event in receiver.events(services.secret_of(row))] == [
        str(machine.pk),
        str(other.pk),
    ]
    make_due(owner)
    assert turn() == 2
    first, _other, again, second = receiver.ids()
    assert first == again
    assert second == f"msg_{deliveries()[1].pk.hex}"


def test_a_redirect_is_not_followed(machine: Machine, receiver: Receiver) -> None:
    an_endpoint(receiver.url)
    with receiving() as elsewhere:
        receiver.answers, receiver.elsewhere = [302], elsewhere.url
        changed(machine, 900)
        turn()
        assert elsewhere.calls == []
    assert deliveries()[0].last_failure == Failure.REDIRECT


def test_a_receiver_that_is_away_gets_it_when_it_is_back(machine: Machine, owner: Owner) -> None:
    with receiving() as gone:
        port = urlsplit(gone.url).port
    an_endpoint(gone.url)
    changed(machine, 900)
    turn()
    assert deliveries()[0].last_failure == Failure.UNREACHABLE
    make_due(owner)
    with receiving(port or 0) as back:
        assert turn() == 1
        assert len(back.calls) == 1


def test_410_disables_at_once_and_the_firm_switches_it_on_again(
    machine: Machine, receiver: Receiver, owner: Owner
) -> None:
    row = an_endpoint(receiver.url)
    receiver.answers = [410]
    changed(machine, 900)
    turn()
    gone = endpoint(row.pk)
    assert (gone.status, gone.disabled_because) == (EndpointStatus.DISABLED, DisabledBecause.GONE)
    changed(machine, 800)
    make_due(owner)
    assert turn() == 0
    actor = an_owner(a_firm())
    with wall(DatabaseRole.FIRM, machine.firm_id):
        services.webhook_endpoint_change(actor=actor, endpoint_id=row.pk, wanted={"status": "active"})
    assert turn() == 2


def test_three_days_of_failures_disable(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    row = an_endpoint(receiver.url)
    receiver.answers = [500, 500]
    changed(machine, 900)
    turn()
    owner.execute("UPDATE hooks_webhookendpoint SET failing_since = now() - interval '3 days'")
    make_due(owner)
    turn()
    tired = endpoint(row.pk)
    assert (tired.status, tired.disabled_because) == (EndpointStatus.DISABLED, DisabledBecause.FAILURES)


def test_the_schedule_takes_three_days_and_then_gives_up(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    assert timedelta(days=3) < sum(SCHEDULE, timedelta()) < timedelta(days=3, hours=6)
    an_endpoint(receiver.url)
    receiver.answers = [500]
    for permille in (900, 800):
        changed(machine, permille)
        collected()
    owner.execute("UPDATE hooks_webhookdelivery SET attempts = %s", [len(SCHEDULE)])
    turn()
    make_due(owner)
    assert turn() == 1
    assert [row.state for row in deliveries()] == [DeliveryState.GIVEN_UP, DeliveryState.DELIVERED]


def test_an_object_that_is_gone_is_not_told_as_changed_but_as_gone(
    machine: Machine, receiver: Receiver, owner: Owner
) -> None:
    row = an_endpoint(receiver.url)
    changed(machine, 900)
    collected()
    owner.execute("DELETE FROM machines_machine WHERE id = %s", [machine.pk])
    assert turn() == 1
    assert [event["type"] for event in receiver.events(services.secret_of(row))] == ["machine.deleted"]
    assert deliveries()[0].state == DeliveryState.DROPPED


def test_a_firm_that_was_suspended_is_told_nothing(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    an_endpoint(receiver.url)
    changed(machine, 900)
    collected()
    owner.execute("UPDATE firms_firm SET status = 'suspended'")
    assert turn() == 0
    assert receiver.calls == []


def test_a_rival_is_told_nothing_of_it(machine: Machine, receiver: Receiver) -> None:
    an_endpoint(receiver.url, a_firm("F02"))
    changed(machine, 900)
    assert turn() == 0
    assert receiver.calls == []


def test_kinds_narrow_what_is_told(machine: Machine, receiver: Receiver) -> None:
    an_endpoint(receiver.url, kinds=["sales_order"])
    changed(machine, 900)
    assert turn() == 0


def test_many_senders_send_each_event_once(machine: Machine, receiver: Receiver) -> None:
    an_endpoint(receiver.url)
    machines = [machine, *(a_machine(a_firm(), f"M{number}") for number in range(5))]
    collected()
    for one in machines:
        changed(one, 900)
    collected()
    at_once(3, lambda _number: services.send_due())
    assert len(receiver.calls) == len(set(receiver.ids())) == len(deliveries())


def test_what_a_dead_sender_had_leased_is_sent_by_another(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    an_endpoint(receiver.url)
    changed(machine, 900)
    collected()
    owner.execute("UPDATE hooks_webhookendpoint SET busy_until = now() + interval '1 minute', token = token + 1")
    assert turn() == 0
    owner.execute("UPDATE hooks_webhookendpoint SET busy_until = now() - interval '1 second'")
    assert turn() == 1


def test_for_a_day_after_a_rotation_both_secrets_sign(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    row = an_endpoint(receiver.url)
    before = services.secret_of(row)
    owner.execute("UPDATE hooks_webhookendpoint SET version = version + 1, rotated_at = now()")
    after = services.secret_of(endpoint(row.pk))
    assert before != after
    changed(machine, 900)
    turn()
    assert receiver.events(before) == receiver.events(after)
    assert len(receiver.calls[0][0]["webhook-signature"].split(" ")) == 2
    owner.execute("UPDATE hooks_webhookendpoint SET rotated_at = now() - interval '24 hours'")
    changed(machine, 800)
    turn()
    assert len(receiver.calls[1][0]["webhook-signature"].split(" ")) == 1


def test_while_the_pepper_changes_the_old_secret_signs_as_well(machine: Machine, receiver: Receiver) -> None:
    row = an_endpoint(receiver.url)
    before = services.secret_of(row)
    with override_settings(API_KEY_PEPPER="another pepper", API_KEY_PEPPER_OLD=settings.API_KEY_PEPPER):
        after = services.secret_of(row)
        changed(machine, 900)
        turn()
    assert before != after
    assert receiver.events(before) == receiver.events(after)


def test_loopback_is_refused_where_the_setting_does_not_allow_it(machine: Machine, receiver: Receiver) -> None:
    an_endpoint(receiver.url)
    changed(machine, 900)
    collected()
    with override_settings(WEBHOOKS_TO_LOOPBACK=False):
        turn()
    assert receiver.calls == []
    assert deliveries()[0].last_failure == Failure.UNKNOWN_HOST


def test_old_deliveries_are_dropped(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    an_endpoint(receiver.url)
    changed(machine, 900)
    turn()
    owner.execute("UPDATE hooks_webhookdelivery SET finished_at = now() - interval '31 days'")
    with wall(DatabaseRole.PLANNER):
        assert deliveries_drop() == 1


def test_no_secret_is_in_the_database(machine: Machine, receiver: Receiver, owner: Owner) -> None:
    secret = services.secret_of(an_endpoint(receiver.url))
    changed(machine, 900)
    turn()
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    dump = "".join(
        str(row) for (name,) in tables for row in owner.execute(f'SELECT t::text FROM "{name}" AS t').fetchall()
    )
    assert receiver.url in dump
    assert "whsec" not in dump
    assert secret.removeprefix("whsec_").rstrip("=") not in dump
    assert base64.b64decode(secret.removeprefix("whsec_")).hex() not in dump
