"""How many statements each operation costs: exactly what was recorded, for a list however many rows there are.

What a list costs and what files cost is counted here, all else in the story of test_examples.py. With
RECORD_QUERY_COUNTS=1 the file is written anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mes.catalog.models import Product
from orders.outsourcing.models import OutsourceFile, OutsourceOrder, OutsourceOrderTerms
from procurement.rounds.models import Commitment, Round, RoundLine
from production.plans.models import Proposal, ProposalTerms
from tests.api.conftest import Program
from tests.api.recording import statements_in
from tests.api.test_examples import CALL_COUNTS
from tests.api.test_imports import MACHINES, PRODUCTS, TABLE, classes  # noqa: F401 - what the tables name
from tests.api.test_schema import EXAMPLES, OPERATIONS
from tests.architecture.source import CHECKOUT
from tests.core.people import Party, make_party
from tests.database import as_owner
from tests.factories import a_firm
from tests.isolation.matrix import COMMON, DOORS, OBJECTS
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db
FILE = CHECKOUT / "tests" / "api" / "query_counts.json"
# An export reads each table once; a table of a quotation costs what its PUT does, and its template nothing of its own.
NOT_COUNTED = {"export_get", "tender_quotations_put_table", "tender_quotations_template"}
READING = [door for door in DOORS if door.method == "get" and not door.is_of_an_object and door.name not in NOT_COUNTED]
TWO_PARTIES = {  # a document of two firms is shown with its fee → the reference to it
    OutsourceOrder: (OutsourceOrderTerms, "order_id"),
    Proposal: (ProposalTerms, "proposal_id"),
}
SPECIFICATION = json.dumps(EXAMPLES["proposals_get"]["response"]["specification"])


def add_rows(party: Party, other: Party, number: int) -> None:
    """As many for either side of what has two."""
    with as_owner():
        for label in dict.fromkeys(OBJECTS.values()):
            model = apps.get_model(label)
            for _ in range(number):
                if model is OutsourceFile:
                    continue  # listed with its order, and counted below
                if model in TWO_PARTIES:
                    add_document(model, RowMaker(party.firm_id, other.firm_id))
                    add_document(model, RowMaker(other.firm_id, party.firm_id))
                else:
                    RowMaker(party.firm_id, other.firm_id).make(model)


def add_document(model: Any, rows: RowMaker) -> UUID:
    """Of a standard product, which both know."""
    terms, column = TWO_PARTIES[model]
    product_id = rows.make(Product, firm_id=None)
    document_id = rows.make(model, specification=SPECIFICATION, product_id=product_id)
    rows.make(terms, **{column: document_id})
    return document_id


def add_common(party: Party) -> None:
    """What is every member's, and the party's part in it."""
    with as_owner():
        maker = RowMaker(party.firm_id, party.firm_id)
        line = maker.make(RoundLine, number=1, round_id=maker.make(Round, id=COMMON["rounds"]))
        maker.make(Commitment, line_id=line)


def counted(party: Party) -> dict[str, int]:
    client = Client(headers=party.headers)
    found = {}
    for door in READING:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(door.path(""))
        assert answer.status_code == 200, (door, answer.content)
        found[door.name] = len(queries)
    return found


def recorded(found: dict[str, int]) -> dict[str, int]:
    """Of these operations what the file says; with RECORD_QUERY_COUNTS=1 it says the same afterwards."""
    said: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    if os.environ.get("RECORD_QUERY_COUNTS"):
        said |= found
        FILE.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return {name: said[name] for name in found if name in said}


def test_the_number_of_statements_is_that_on_record_and_does_not_grow() -> None:
    party, other = make_party("A"), make_party("B")
    add_rows(party, other, 2)
    add_common(party)
    few = counted(party)
    add_rows(party, other, 6)
    many = counted(party)
    assert {name: count for name, count in many.items() if count > few[name]} == {}
    assert few == recorded(few), "RECORD_QUERY_COUNTS=1 writes tests/api/query_counts.json"


@pytest.mark.parametrize("list_name", ["outsource_orders_list", "proposals_list"])
def test_documents_of_two_parties_have_rows_here(list_name: str) -> None:
    party, other = make_party("A"), make_party("B")
    add_rows(party, other, 1)
    (door,) = (door for door in READING if door.name == list_name)
    sides = [row["side"] for row in Client(headers=party.headers).get(door.path("")).json()["results"]]
    assert sorted(sides) == ["doer", "giver"]


def test_what_files_cost_is_that_on_record(
    program: Program,
    classes: None,  # noqa: F811 - the fixture
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.FILES_ROOT = str(tmp_path)
    found: dict[str, int] = {}

    def call(name: str, method: str, address: str, content: str = "", kind: str = "application/json") -> HttpResponse:
        with CaptureQueriesContext(connection) as queries:
            answer = program.client.generic(method, f"/api/v1/{address}", content, content_type=kind)
        assert answer.status_code < 300, (name, answer.content)
        found[name] = statements_in(queries)
        return answer

    stored = call("files_store", "POST", "files?name=a.pdf", "%PDF-1.7\n1 0 obj\n", "application/pdf").json()
    call("files_get", "GET", f"files/{stored['id']}")
    call("files_content", "GET", f"files/{stored['id']}/content")
    call("files_drop", "DELETE", f"files/{stored['id']}")
    rows = RowMaker(a_firm("F01").pk, a_firm("F02").pk)
    with as_owner():
        order_id = add_document(OutsourceOrder, rows)
    files = f"outsource-orders/{order_id}/files"
    sent = call("outsource_files_add", "POST", f"{files}?name=a.pdf", "%PDF-1.7\n1 0 obj\n", "application/pdf").json()
    call("outsource_files_list", "GET", files)
    call("outsource_files_get", "GET", f"outsource-files/{sent['id']}")
    call("outsource_files_content", "GET", f"outsource-files/{sent['id']}/content")
    call("outsource_files_drop", "DELETE", f"outsource-files/{sent['id']}")
    for kind, table in (("sales-orders", TABLE), ("products", PRODUCTS), ("machines", MACHINES)):
        call(f"{kind.replace('-', '_')}_import", "POST", f"imports/{kind}", table, "text/csv")
    assert found == recorded(found), "RECORD_QUERY_COUNTS=1 writes tests/api/query_counts.json"


def test_each_operation_is_on_record() -> None:
    of_lists, of_calls = (json.loads(file.read_text(encoding="utf-8")) for file in (FILE, CALL_COUNTS))
    assert of_lists.keys() | of_calls.keys() == OPERATIONS.keys() - NOT_COUNTED
