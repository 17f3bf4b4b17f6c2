"""An owner takes the firm's data along: all of its own rows, and nothing else."""

from __future__ import annotations

import csv
import io
import zipfile

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
from tests.core.people import Party, firm_actor, staff_actor
from tests.database import as_owner
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db
EXPORT = reverse("account:export")


def exported(party: Party) -> dict[str, list[dict[str, str]]]:
    client = Client()
    client.force_login(party.user)
    answer = client.post(EXPORT)
    assert answer["Content-Disposition"] == f'attachment; filename="{party.firm.code}.zip"'
    packed = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[arg-type]
    files = {}
    for name in packed.namelist():
        raw = packed.read(name)
        assert raw.startswith(b"\xef\xbb\xbf")
        files[name.removesuffix(".csv")] = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    return files


def test_it_holds_the_rows_of_the_firm_and_none_of_another(party: Party, other: Party) -> None:
    with as_owner():
        for maker in (RowMaker(party.firm_id, other.firm_id), RowMaker(other.firm_id, party.firm_id)):
            for model in walled_models():
                if tenancy_of(model).name in {"private", "two_party", "own_or_standard"}:
                    maker.make(model)
    files = exported(party)
    assert {"sales.salesorder", "sales.salesorderterms", "machines.machine", "outsourcing.outsourceorder"} <= set(files)
    assert [row["code"] for row in files["firms.firm"]] == ["A"]
    for name, rows in files.items():
        for row in rows:
            firms = {row[column] for column in ("firm_id", "giver_id", "doer_id") if row.get(column)}
            assert name == "firms.firm" or str(party.firm_id) in firms, name
            assert str(other.firm_id) != row.get("firm_id"), name
    for row in files["outsourcing.outsourceorder"]:
        gives = row["giver_id"] == str(party.firm_id)
        assert bool(row["giver_line_id"]) is bool(row["giver_number"]) is gives
        assert bool(row["doer_order_id"]) is not gives


def test_no_password_and_no_digest_is_in_it_and_no_cell_calculates(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        User.objects.filter(pk=party.user.pk).update(full_name='=HYPERLINK("x")')
        digest = ApiKey.objects.get().digest
    files = exported(party)
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
    assert Client().post(EXPORT)["Location"].startswith(reverse("account:sign-in"))
