"""Programs of firms that call the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from mes.core.actors import Actor
from tests.database import close_connections
from tests.factories import a_firm, a_product, an_api_key, planner_of


@dataclass
class Program:
    """A firm's program: sends JSON with its key, each call under one request id, so that equal refusals are equal."""

    code: str
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(headers=an_api_key(a_firm(self.code)) | {"X-Request-Id": "test"})

    @property
    def actor(self) -> Actor:
        return planner_of(a_firm(self.code))

    def get(self, address: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{address}", query)

    def post(self, address: str, body: Any = None, **headers: str) -> HttpResponse:
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return self.client.post(f"/api/v1/{address}", text, content_type="application/json", headers=headers)

    def patch(self, address: str, body: Any, **headers: str) -> HttpResponse:
        """For what its address itself shows, in the state that it shows now unless `headers` say otherwise."""
        return self._changed("PATCH", address, body, headers)

    def put(self, address: str, body: Any, **headers: str) -> HttpResponse:
        return self._changed("PUT", address, body, headers)

    def delete(self, address: str, **headers: str) -> HttpResponse:
        return self.client.delete(f"/api/v1/{address}", headers=headers)

    def seen(self, address: str) -> dict[str, str]:
        """The header for a change of what a GET of the address shows now."""
        return {"If-Match": self.get(address).get("ETag", "*")}

    def agree(self, address: str, body: Any = None) -> HttpResponse:
        """A POST of a verb of a shared document, in the state that it has now."""
        return self.post(address, body, **self.seen(address.rpartition("/")[0]))

    def _changed(self, method: str, address: str, body: Any, headers: dict[str, str]) -> HttpResponse:
        told = headers or self.seen(address)
        text = json.dumps(body)
        return self.client.generic(method, f"/api/v1/{address}", text, content_type="application/json", headers=told)


@pytest.fixture
def program(db: None) -> Program:
    a_product()
    return Program("F01")


@pytest.fixture
def rival(db: None) -> Program:
    return Program("F02")


@pytest.fixture
def as_web(web_url: str) -> Any:
    """A block in which this process is the web's, as a program's request finds it. For tests that commit."""

    @contextmanager
    def block() -> Iterator[None]:
        parts = urlsplit(web_url)
        with pytest.MonkeyPatch.context() as patch:
            close_connections()
            patch.setitem(connection.settings_dict, "USER", unquote(parts.username or ""))
            patch.setitem(connection.settings_dict, "PASSWORD", unquote(parts.password or ""))
            yield
            close_connections()

    return block


def order_body(**fields: Any) -> dict[str, Any]:
    """An order of ten panels, due in ten years; `line` replaces fields of its line."""
    line = {"product_code": "PANEL-30", "pieces": 10, "due_at": "2036-03-12T08:00:00+08:00"} | fields.pop("line", {})
    return {"customer_name": "客户甲", "lines": [line]} | fields
