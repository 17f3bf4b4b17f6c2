"""How many statements each reading operation costs: exactly what was recorded, however many rows there are.

With RECORD_QUERY_COUNTS=1 the file is written anew.
"""

from __future__ import annotations

import json
import os

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.architecture.source import CHECKOUT
from tests.core.people import Party, make_party
from tests.database import as_owner
from tests.isolation.matrix import DOORS, OBJECTS
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db
FILE = CHECKOUT / "tests" / "api" / "query_counts.json"
# An export reads each table once: its number is that of the tables.
READING = [door for door in DOORS if door.method == "get" and not door.is_of_an_object and door.name != "export_get"]
TWO_PARTIES = {
    "outsourcing.OutsourceFile",
    "outsourcing.OutsourceOrder",
    "plans.Proposal",
}  # need terms and a specification, which a plan makes


def add_rows(party: Party, other: Party, number: int) -> None:
    with as_owner():
        for label in dict.fromkeys(OBJECTS.values()):
            if label not in TWO_PARTIES:
                for _ in range(number):
                    RowMaker(party.firm_id, other.firm_id).make(apps.get_model(label))


def counted(party: Party) -> dict[str, int]:
    client = Client(headers=party.headers)
    found = {}
    for door in READING:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(door.path(""))
        assert answer.status_code == 200, (door, answer.content)
        found[door.name] = len(queries)
    return found


def test_the_number_of_statements_is_that_on_record_and_does_not_grow() -> None:
    party, other = make_party("A"), make_party("B")
    add_rows(party, other, 2)
    few = counted(party)
    add_rows(party, other, 18)
    many = counted(party)
    if os.environ.get("RECORD_QUERY_COUNTS"):
        FILE.write_text(json.dumps(few, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert {name: count for name, count in many.items() if count > few[name]} == {}
    assert few == json.loads(FILE.read_text(encoding="utf-8")), (
        "RECORD_QUERY_COUNTS=1 writes tests/api/query_counts.json"
    )
