"""The page on the API names each address, and each address that firms call asks for a known scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from mes.core.api.operations import operation_of
from mes.core.api.views import Api, FirmApi
from mes.firms.choices import RESOURCES

OPEN = {"/schema", "/docs"}
METHODS = ("get", "post", "put", "patch", "delete")
PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        else:
            yield address, entry


ADDRESSES = {
    re.sub(r"<int:(\w+)>", r"{\1}", re.sub(r"<(?:uuid|path):\w+>", "{id}", address.removeprefix("api/v1"))): pattern
    for address, pattern in patterns(get_resolver())
    if address.startswith("api/v1/")
}


def doors() -> Iterator[tuple[str, type[Api]]]:
    for address, pattern in ADDRESSES.items():
        if address not in OPEN:
            yield address, pattern.callback.view_class  # type: ignore[attr-defined]


def test_each_address_is_named() -> None:
    assert len(ADDRESSES) > 30
    rows = [line for line in PAGE.splitlines() if line.startswith("| `/")]
    for address in ADDRESSES:
        base, _id, verb = address.partition("/{id}")
        row = next((row for row in rows if f"`{base}" in row and (not verb or f"{verb}`" in row)), None)
        assert row is not None, address


def test_each_door_of_firms_asks_for_a_known_scope() -> None:
    for address, view in doors():
        if address != "/me":
            assert issubclass(view, FirmApi)
            assert view.resource in RESOURCES or view.every_scope, address


def test_each_door_says_what_it_takes_and_gives() -> None:
    for address, view in doors():
        served = [method for method in METHODS if hasattr(view, method)]
        assert served
        assert all(operation_of(view, method) for method in served), address
