"""An owner takes the firm's data along: all of its own rows, and nothing else."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.errors import NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.core.walls import tenancy_of, walled_models
from mes.firms.choices import Role
from mes.firms.models import ApiKey, User
from mes.firms.services import firm_export
from production.plans.models import Proposal
from tests.api.test_query_counts import add_document
from tests.core.people import Party, firm_actor, staff_actor
from tests.database import as_owner
from tests.factories import MONDAY, an_api_key
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db
EXPORT = reverse("account:export")
PROGRAMS = "/api/v1/export"


def taken(party: Party, door: str) -> Any:
    """The answer of a door: the owner's page, or what a program of his calls."""
    if door == "program":
        return Client(headers=party.headers).get(PROGRAMS)
    client = Client()
    client.force_login(party.user)
    return client.post(EXPORT)


@pytest.fixture(params=["page", "program"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def exported(party: Party, door: str) -> dict[str, list[dict[str, str]]]:
    answer = taken(party, door)
    name = {"page": f'filename="{party.firm.code}.zip"', "program": "filename*=UTF-8''export.zip"}[door]
    assert answer["Content-Disposition"] == f"attachment; {name}"
    content = b"".join(answer.streaming_content) if door == "page" else answer.content
    packed = zipfile.ZipFile(io.BytesIO(content))
    files = {}
    for name in packed.namelist():
        raw = packed.read(name)
        assert raw.startswith(b"\xef\xbb\xbf")
        files[name.removesuffix(".csv")] = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    return files


def test_it_holds_the_rows_of_the_firm_and_none_of_another(party: Party, other: Party, door: str) -> None:
    with as_owner():
        for maker in (RowMaker(party.firm_id, other.firm_id), RowMaker(other.firm_id, party.firm_id)):
            for model in walled_models():
                if tenancy_of(model).name in {"private", "two_party", "own_or_standard"}:
                    maker.make(model)
    files = exported(party, door)
    assert {"sales.salesorder", "sales.salesorderterms", "machines.machine", "outsourcing.outsourceorder"} <= set(files)
    assert [row["code"] for row in files["firms.firm"]] == ["A"]
    for name, rows in files.items():
        for row in rows:
            firms = {
                row[column]
                for column in ("firm_id", "giver_id", "doer_id", "supplier_id", "seller_id")
                if row.get(column)
            }
            assert name == "firms.firm" or str(party.firm_id) in firms, name
            assert str(other.firm_id) != row.get("firm_id") or row.get("seller_id") == str(party.firm_id), name
    for row in files["outsourcing.outsourceorder"]:
        gives = row["giver_id"] == str(party.firm_id)
        assert bool(row["giver_line_id"]) is bool(row["giver_number"]) is gives
        assert bool(row["doer_order_id"]) is not gives


def test_of_a_document_of_two_each_takes_what_the_api_shows_it(party: Party, other: Party, door: str) -> None:
    """The doer's machine time is not the giver's to know, nor the giver's order line the doer's."""
    with as_owner():
        for maker in (RowMaker(party.firm_id, other.firm_id), RowMaker(other.firm_id, party.firm_id)):
            add_document(Proposal, maker)
        Proposal.objects.update(giver_agreed_at=MONDAY, doer_agreed_at=MONDAY)
    proposals = exported(party, door)["plans.proposal"]
    assert {row["giver_id"] == str(party.firm_id) for row in proposals} == {True, False}
    for row in proposals:
        shown = Client(headers=party.headers).get(f"/api/v1/proposals/{row['id']}").json()
        for column, field in (("starts_at", "starts_at"), ("line_id", "sales_order_line_id")):
            assert bool(row[column]) is (shown[field] is not None)
        for column in ("finish_at", "weight_g", "giver_agreed_at", "doer_agreed_at"):
            assert row[column]


def test_no_password_and_no_digest_is_in_it_and_no_cell_calculates(party: Party, door: str) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        User.objects.filter(pk=party.user.pk).update(full_name='=HYPERLINK("x")')
        digest = ApiKey.objects.get().digest
    files = exported(party, door)
    text = str(files)
    assert digest not in text
    assert party.user.password not in text
    assert [row["full_name"] for row in files["firms.user"]] == ['\'=HYPERLINK("x")']
    with wall(DatabaseRole.FIRM, party.firm_id):
        assert AuditRow.objects.filter(verb="firm.export").count() == 1


def test_only_the_owner_takes_it(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id), pytest.raises(NotPermitted):
        firm_export(actor=firm_actor(party.firm_id, Role.PLANNER))
    with wall(DatabaseRole.STAFF), pytest.raises(NotPermitted):
        firm_export(actor=staff_actor())
    planner = an_api_key(party.firm, Role.PLANNER)
    elsewhere = an_api_key(party.firm, Role.OWNER, scopes=["orders:read", "export:write"])
    for headers, code in ((planner, "not_permitted"), (elsewhere, "scope_missing")):
        refused = Client(headers=headers).get(PROGRAMS)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    alone = Client(headers=an_api_key(party.firm, Role.OWNER, scopes=["export:read"])).get(PROGRAMS)
    assert (alone.status_code, alone["Content-Type"], alone["Cache-Control"]) == (
        200,
        "application/octet-stream",
        "private, no-store",
    )
    assert Client().get(PROGRAMS).status_code == 401
    assert Client().post(EXPORT)["Location"].startswith(reverse("account:sign-in"))
