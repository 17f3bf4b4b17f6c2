"""The document of the webhooks, and the receiver in the docs, say and do what is sent."""

from __future__ import annotations

import os
import runpy
from datetime import UTC, datetime
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mes.core.clock import database_now
from mes.core.feed import feeds
from mes.core.ids import new_id
from mes.hooks import services
from mes.hooks.models import TEST_KIND, WebhookDelivery, WebhookEndpoint
from mes.hooks.services.sending import body_of
from mes.hooks.services.signing import signatures
from tests.architecture.source import CHECKOUT
from tests.architecture.webhooks import document

FILE = CHECKOUT / "docs/openapi/webhooks.yaml"
RECEIVER = CHECKOUT / "docs/examples/webhook_receiver.py"


def test_the_committed_document_is_what_the_feeds_say() -> None:
    assert yaml.safe_load(FILE.read_text(encoding="utf-8")) == document()
    assert document()["openapi"].startswith("3.1")


def a_delivery(kind: str, *, deleted: bool = False) -> WebhookDelivery:
    return WebhookDelivery(kind=kind, object_id=new_id(), deleted=deleted, changed_at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("kind", [*sorted(feeds()), TEST_KIND])
@pytest.mark.parametrize("deleted", [False, True])
def test_what_is_sent_fits_its_schema(kind: str, deleted: bool) -> None:
    event = yaml.safe_load(body_of(a_delivery(kind, deleted=deleted)))
    if kind == TEST_KIND and deleted:
        return
    found = document()
    schema: Any = {"$ref": f"#/components/schemas/{event['type']}", "components": found["components"]}
    Draft202012Validator(schema).validate(event)
    assert event["type"] in found["webhooks"]


@pytest.mark.django_db
def test_the_receiver_in_the_docs_takes_an_event_once_and_refuses_a_forged_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = WebhookEndpoint(url="http://127.0.0.1/")
    monkeypatch.setitem(os.environ, "WEBHOOK_SECRET", services.secret_of(endpoint))
    example = runpy.run_path(str(RECEIVER))
    server = example["server"](port=0)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    body, now = body_of(a_delivery("machine")), database_now()

    def post(sent: bytes) -> int:
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures(endpoint, message_id="msg_1", at=now, body=body),
        }
        caller = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        caller.request("POST", "/", sent, headers)
        return caller.getresponse().status

    try:
        assert [post(body), post(body), post(body + b" ")] == [204, 204, 401]
        assert len(example["TO_READ"]) == 1
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
