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
    """A firm's program: sends JSON with its key."""

    code: str
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(headers=an_api_key(a_firm(self.code)))

    @property
    def actor(self) -> Actor:
        return planner_of(a_firm(self.code))

    def get(self, address: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{address}", query)

    def post(self, address: str, body: Any = None, **headers: str) -> HttpResponse:
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return self.client.post(f"/api/v1/{address}", text, content_type="application/json", headers=headers)

    def patch(self, address: str, body: Any) -> HttpResponse:
        return self.client.patch(f"/api/v1/{address}", json.dumps(body), content_type="application/json")


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
