"""The schema of the API and the page that shows it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.test import Client

SCHEMA: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docs/openapi/v1.yaml").read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: (method, address, operation)
    for address, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
}
SCHEMAS = SCHEMA["components"]["schemas"]


@pytest.mark.django_db
def test_the_committed_schema_is_served_to_everybody() -> None:
    answer = Client().get("/api/v1/schema")
    assert answer["Content-Type"].startswith("application/yaml")
    assert yaml.safe_load(answer.content) == SCHEMA


@pytest.mark.django_db
def test_the_page_that_shows_it_loads_nothing_from_elsewhere() -> None:
    page = Client().get("/api/v1/docs").content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/static/"), address
        assert finders.find(address.removeprefix("/static/")), address
    assert not re.search(r"https?://", page)
    assert '"validatorUrl": null' in page  # else the page would send the schema away to be judged


def test_operations_are_named_and_grouped() -> None:
    assert SCHEMA["openapi"] == "3.0.3"
    assert len(OPERATIONS) == sum(len(methods) for methods in SCHEMA["paths"].values())
    tags = {tag["name"] for tag in SCHEMA["tags"]}
    for name, (_method, _address, operation) in OPERATIONS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name)
        assert operation["description"], name
        assert set(operation["tags"]) <= tags
        assert operation["security"] == [{"key": []}], name


def test_refusals_are_one_component() -> None:
    for name, (method, address, operation) in OPERATIONS.items():
        refusals = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
        wanted = {"401", "403", "503"} | ({"404"} if "{" in address else set())
        wanted |= set() if method == "get" else {"400", "409", "422"}
        assert wanted <= set(refusals), name
        for answer in refusals.values():
            (schema,) = (content["schema"] for content in answer["content"].values())
            assert list(answer["content"]) == ["application/problem+json"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


def test_each_post_but_that_of_keys_may_be_repeated() -> None:
    for name, (method, _address, operation) in OPERATIONS.items():
        headers = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method == "post" and name != "api_keys_create"), name


def test_bodies_take_no_other_fields_and_no_set_of_choices_holds_nothing() -> None:
    for name, schema in SCHEMAS.items():
        assert not name.endswith(("RequestRequest", "BlankEnum", "NullEnum")), name
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False, name
        if "enum" in schema:
            assert not {"", None} & {*schema["enum"]}, name
