"""Over TLS: the name in the address is the one that the certificate must bear, at the address that was judged.

The authority and the certificate for erp.example, with its key, are the tests' own and good for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mes.hooks import services
from mes.hooks.choices import DeliveryState, Failure
from tests.factories import a_firm, a_machine, a_machine_class
from tests.hooks.receiver import Receiver, receiving
from tests.hooks.test_addresses import names
from tests.hooks.work import an_endpoint, changed, deliveries, turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]
CERTIFICATES = Path(__file__).parent / "certificates"


@pytest.fixture
def secure() -> Iterator[Receiver]:
    """A receiver with the certificate of erp.example."""
    with receiving(certificate=CERTIFICATES / "erp.example.pem") as found:
        yield found


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is trusted, as an administrator would have the machine trust it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))


def told_at(host: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret of an endpoint at `host`, to which a turn has sent an event. The name is this machine's, once."""
    asked = names(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    a_machine_class()
    machine = a_machine(a_firm())
    row = an_endpoint(f"https://{host}:{urlsplit(receiver.url).port}/hooks")
    changed(machine, 900)
    turn()
    assert asked == [host]
    return services.secret_of(row)


@pytest.mark.usefixtures("trusting")
def test_an_event_arrives_over_tls_and_its_signature_holds(secure: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = told_at("erp.example", secure, monkeypatch)
    assert [event["type"] for event in secure.events(secret)] == ["machine.updated"]
    assert secure.calls[0][0]["host"] == f"erp.example:{urlsplit(secure.url).port}"
    assert deliveries()[0].state == DeliveryState.DELIVERED


@pytest.mark.usefixtures("trusting")
def test_a_certificate_for_another_name_is_refused(secure: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    told_at("shop.example", secure, monkeypatch)
    assert secure.calls == []
    assert (deliveries()[0].state, deliveries()[0].last_failure) == (DeliveryState.WAITING, Failure.CERTIFICATE)


def test_a_certificate_of_an_unknown_authority_is_refused(secure: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    told_at("erp.example", secure, monkeypatch)
    assert secure.calls == []
    assert deliveries()[0].last_failure == Failure.CERTIFICATE
