"""The schema of the API and the page that shows it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from jsonschema import Draft202012Validator

from mes.core.api.pages import SCHEMA_FILE
from mes.core.api.schema import EXAMPLES_FILE
from tests.architecture.documents import parsed
from tests.architecture.source import CHECKOUT

SCHEMA: dict[str, Any] = parsed((CHECKOUT / SCHEMA_FILE).read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: (method, address, operation)
    for address, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
}
FILES = {
    "export_get",
    "outsource_files_add",
    "outsource_files_list",
    "outsource_files_get",
    "outsource_files_drop",
    "outsource_files_content",
    "files_store",
    "files_list",
    "files_get",
    "files_drop",
    "files_content",
    "sales_orders_import",
    "sales_orders_template",
    "products_import",
    "products_template",
    "machines_import",
    "machines_template",
    "tender_quotations_put_table",
    "tender_quotations_template",
    "round_statements_pdf",
    "round_statements_table",
}
IN_JSON = OPERATIONS.keys() - FILES  # files are no examples
EXAMPLES = json.loads((CHECKOUT / EXAMPLES_FILE).read_text(encoding="utf-8"))
SCHEMAS = SCHEMA["components"]["schemas"]


@pytest.mark.django_db
def test_the_committed_schema_is_served_to_everybody() -> None:
    answer = Client().get("/api/v1/schema")
    assert answer["Content-Type"].startswith("application/yaml")
    assert parsed(answer.content) == SCHEMA


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


def strict(schema: Any) -> Any:
    """OpenAPI 3.0's words as JSON Schema's, and no property besides those that are named."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {word: strict(value) for word, value in schema.items() if word not in {"nullable", "example"}}
    if "properties" in found:
        found.setdefault("additionalProperties", False)
    return {"anyOf": [{"type": "null"}, found]} if schema.get("nullable") is True else found


@pytest.mark.parametrize("name", sorted(IN_JSON))
def test_the_examples_are_embedded_and_fit(name: str) -> None:
    _method, _address, operation = OPERATIONS[name]
    example = EXAMPLES[name]
    answers = [body for code, body in operation["responses"].items() if code < "300"]
    answer = next((body for body in answers if "example" in json.dumps(body.get("content", {}))), answers[0])
    sides = {"response": answer["content"], "request": operation.get("requestBody", {"content": {}})["content"]}
    for side, content in sides.items():
        assert (side in example) == bool(content), side
        if content:
            described = content["application/json"]
            assert [shown["value"] for shown in described["examples"].values()] == [example[side]]
            rules = {"components": strict(SCHEMA["components"])} | strict(described["schema"])
            Draft202012Validator(rules, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example[side])


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


def headers_of(operation: dict[str, Any]) -> dict[str, bool]:
    """Headers that a call may have; True for those that it must have."""
    sent = [item for item in operation.get("parameters", ()) if item["in"] == "header"]
    return {item["name"]: item.get("required", False) for item in sent if "schema" in item}


def test_each_change_may_be_repeated() -> None:
    for name, (method, _address, operation) in OPERATIONS.items():
        assert ("Idempotency-Key" in headers_of(operation)) == (method != "get"), name


# They say all that there shall be, whatever there was: the same again changes nothing.
UPSERTS = {"sales_orders_put", "item_numbers_set"}
ADDED_BESIDE = {"outsource_files_add"}
"""Nothing of the document becomes otherwise, so that no state of it has to be meant."""
ANSWERED = {"resin_shares_confirm", "resin_shares_opt_out"}  # a yes or a no to the price that was read
ANSWERED |= {"resin_orders_sign", "resin_lots_take_in", "resin_concessions_agree", "resin_concessions_decline"}
ANSWERED |= {"resin_claims_withdraw", "resin_deliveries_cancel", "resin_deliveries_dispute"}
ANSWERED |= {"resin_delivery_lots_certify"}
ANSWERED |= {"resin_invoices_void"}


def test_changes_of_one_object_and_of_shared_documents_say_which_state_they_mean() -> None:
    for name, (method, address, operation) in OPERATIONS.items():
        headers, statuses = headers_of(operation), operation["responses"]
        demanded = (method in {"patch", "put"} and name not in UPSERTS) or (
            method == "post"
            and (operation["tags"] in (["exchange"], ["tenders"]) or name in ANSWERED)
            and name not in ADDED_BESIDE
        )
        assert ("428" in statuses) == demanded, name
        assert headers.get("If-Match", False) == (demanded and method != "put"), name
        assert ("412" in statuses) == (demanded or (method != "get" and "{" in address)), name
        assert ("If-None-Match" in headers) == ("304" in statuses or method == "put"), name


def test_bodies_take_no_other_fields_and_no_set_of_choices_holds_nothing() -> None:
    for name, schema in SCHEMAS.items():
        assert not name.endswith(("RequestRequest", "BlankEnum", "NullEnum")), name
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False, name
        if "enum" in schema:
            assert not {"", None} & {*schema["enum"]}, name
