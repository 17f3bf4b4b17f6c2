"""Records what programs send and get, so that the schema's examples are what the API really answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from mes.core.api.operations import Operation, operation_of

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
OBJECT = re.compile(rf".*?/(?:{UUID.pattern})(?=/|$)")
KEY = re.compile(r"mes_[A-Za-z0-9_-]+")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")
BASE = "/api/v1/"
# Read from the database's own clock, which no test stands still.
CLOCKED = {
    "at", "changed_at", "created_at", "finished_at", "last_used_at", "next_attempt_at", "opened_at",
    "previous_secret_until", "revoked_at", "until_at", "valid_until",
}  # fmt: skip
SOME_TIME = "2026-07-06T00:00:00+08:00"
CODE = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}\b")
SOME_CODE = "7KQWE-RT4MP-ADFGH-JKXCV"
SOME_SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
NOTED = "SELECT api_key_used("  # each key's use at most once a minute, whatever it calls
SOME_CURSOR = "WyIyMDI2LTA3LTA2IiwgIjAxOThmMDAwIl0="


@dataclass
class Recorder:
    """The first answer of each operation, with ids, keys, cursors and the database's times replaced.

    `statements`: how many the call cost that got it.
    """

    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def note(self, method: str, address: str, body: Any, answer: HttpResponse, statements: int) -> None:
        name = operation_name(method, address)
        if answer.status_code >= HTTPStatus.BAD_REQUEST or name in self.found:
            return
        self.statements[name] = statements
        record = {} if body is None else {"request": self._plain(body)}
        self.found[name] = record | {"response": self._plain(answer.json())}

    def _plain(self, value: Any) -> Any:
        text = UUID.sub(self._id, json.dumps(_timed(value), ensure_ascii=False))
        return json.loads(KEY.sub(_key, SECRET.sub(SOME_SECRET, CODE.sub(SOME_CODE, text))))

    def _id(self, match: re.Match[str]) -> str:
        key = match[0].replace("-", "")
        plain = self.ids.setdefault(key, f"0198f000-0000-7000-8000-{len(self.ids) + 1:012d}")
        return plain if "-" in match[0] else plain.replace("-", "")


@dataclass
class RecordedProgram:
    """A firm's program whose calls are noted."""

    recorder: Recorder
    client: Client

    def call(self, method: str, address: str, body: Any = None, status: int = HTTPStatus.OK) -> Any:
        """Sends, expects `status`, notes, and gives the answer's body. A query stands in the address."""
        text = "" if body is None else json.dumps(body)
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.generic(
                method, BASE + address, text, content_type="application/json", headers=_stated(method, address)
            )
        statements = statements_in(queries)
        assert answer.status_code == status, (method, address, answer.content.decode())
        if method != "GET" and "ETag" in answer:
            assert self.client.get(_shown_at(address, answer))["ETag"] == answer["ETag"], (method, address)
        self.recorder.note(method, address.partition("?")[0], body, answer, statements)
        return answer.json()

    def get(self, address: str) -> Any:
        return self.call("GET", address)

    def post(self, address: str, body: Any = None, status: int = HTTPStatus.OK) -> Any:
        return self.call("POST", address, body, status)


def statements_in(queries: CaptureQueriesContext) -> int:
    """How many there were, but for the noting of a key's use."""
    return sum(not query["sql"].startswith(NOTED) for query in queries.captured_queries)


def operation_name(method: str, address: str) -> str:
    """The operation's id in the schema."""
    return _declared(method, address).name.format(verb=address.rpartition("/")[2])


def _declared(method: str, address: str) -> Operation:
    view = resolve(BASE + address.partition("?")[0]).func.view_class  # type: ignore[attr-defined]
    declared = operation_of(view, method)
    assert declared is not None
    return declared


def _stated(method: str, address: str) -> dict[str, str]:
    """What a conditional call says of the object: whatever there is; of what a PUT makes, that there is none."""
    if not _declared(method, address).conditional:
        return {}
    makes = address == "sequences" or (method == "PUT" and address.endswith(("/commitment", "/quotation")))
    return {"If-None-Match": "*"} if makes else {"If-Match": "*"}


def _shown_at(address: str, answer: HttpResponse) -> str:
    """Where one reads the object that an answer shows."""
    parts = {"sales-order-lines": "sales-orders", "sequences": "sequences"}
    if address.endswith("/commitment"):
        return BASE + address
    if "/quotation" in address:
        return f"{BASE}{address.partition('/quotation')[0]}/quotation"
    part = parts.get(address.partition("/")[0])
    own = f"{BASE}{part}/{answer.json()['id']}" if part else BASE + address
    found = OBJECT.match(own)
    return answer.get("Location") or (found[0] if found else own)


def _key(match: re.Match[str]) -> str:
    """Made-up letters in place of a key, or of its beginning."""
    return ("mes_" + "0123456789" * 10)[: len(match[0])]


def _fixed(name: str) -> str | None:
    if name == "next_cursor":
        return SOME_CURSOR
    return SOME_TIME if name in CLOCKED else None


def _is_moment(item: Any) -> bool:
    """Also a cursor; a day is no moment: programs send it."""
    return isinstance(item, str) and len(item) > len("2026-07-06")


def _timed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: (_fixed(name) if _is_moment(item) else None) or _timed(item) for name, item in value.items()}
    return [_timed(item) for item in value] if isinstance(value, list) else value
