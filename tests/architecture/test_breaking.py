"""A schema that would break programs written for the released one is refused: each kind of break, made on purpose."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.architecture import breaking
from tests.architecture.documents import parsed

SCHEMA: dict[str, Any] = breaking.bare(parsed(breaking.CURRENT.read_text("utf-8")))
Change = Callable[[dict[str, Any]], Any]


def breaks(change: Change, *, backwards: bool = False) -> list[str]:
    other = copy.deepcopy(SCHEMA)
    change(other)
    old, new = (other, SCHEMA) if backwards else (SCHEMA, other)
    return list(breaking.Comparison(old, new).breaks())


def operation(schema: dict[str, Any], method: str = "get") -> dict[str, Any]:
    return schema["paths"]["/api/v1/sales-orders"][method]  # type: ignore[no-any-return]


def component(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return schema["components"]["schemas"][name]  # type: ignore[no-any-return]


def properties(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return component(schema, name)["properties"]  # type: ignore[no-any-return]


BREAKS: dict[str, tuple[Change, str]] = {
    "path": (lambda s: s["paths"].pop("/api/v1/machines"), "/api/v1/machines: is gone"),
    "method": (lambda s: s["paths"]["/api/v1/machines"].pop("post"), "POST /api/v1/machines: is gone"),
    "name": (lambda s: operation(s).update(operationId="x_y"), "has another operationId"),
    "status": (lambda s: operation(s)["responses"].pop("401"), "answers 401 no more"),
    "success": (
        lambda s: operation(s, "post")["responses"].update({"200": operation(s, "post")["responses"].pop("201")}),
        "answers 201 no more",
    ),
    "parameter": (lambda s: operation(s)["parameters"].pop(), "any more"),
    "demand": (lambda s: operation(s)["parameters"][0].update(required=True), "demands"),
    "answer's field": (lambda s: properties(s, "SalesOrder").pop("number"), "/number: is gone"),
    "answer's type": (lambda s: properties(s, "Machine")["code"].update(type="integer"), "/code: has another type"),
    "answer's null": (lambda s: properties(s, "Machine")["code"].update(nullable=True), "/code: may be null"),
    "answer's certainty": (lambda s: component(s, "Machine")["required"].remove("code"), "/code: may be missing"),
    "body's field": (lambda s: properties(s, "OrderRequest").pop("external_ref"), "/external_ref: is taken no more"),
    "body's demand": (lambda s: component(s, "OrderRequest")["required"].append("number"), "/number: is demanded"),
    "body's length": (
        lambda s: properties(s, "OrderRequest")["customer_name"].update(maxLength=3),
        "maxLength is narrower",
    ),
    "body's number": (lambda s: properties(s, "LineRequest")["pieces"].update(minimum=9), "minimum is narrower"),
    "choice": (lambda s: component(s, "Consent")["enum"].pop(), "no more"),
    "problem": (lambda s: properties(s, "Problem").pop("code"), "/code: is gone"),
}


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_a_break_is_named(name: str) -> None:
    change, told = BREAKS[name]
    found = breaks(change)
    assert any(told in line for line in found), found


ADDITIONS = ("path", "method", "status", "parameter", "answer's field", "body's field", "problem", "body's length")


@pytest.mark.parametrize("name", ADDITIONS)
def test_the_same_the_other_way_round_breaks_nothing(name: str) -> None:
    assert breaks(BREAKS[name][0], backwards=True) == []


def test_the_same_schema_breaks_nothing() -> None:
    assert breaks(lambda _schema: None) == []


def test_a_code_that_goes_or_moves_is_named() -> None:
    codes = breaking.codes_of(breaking.CODES.read_text("utf-8"))
    assert codes["not_found"] == 404
    assert breaking.codes_that_changed(codes, codes | {"more": 409}) == []
    assert len(breaking.codes_that_changed(codes, codes | {"not_found": 410})) == 1
    del codes["not_found"]
    assert len(breaking.codes_that_changed({"not_found": 404}, codes)) == 1
