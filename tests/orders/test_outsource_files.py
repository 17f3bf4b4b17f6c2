"""Files of an outsource order: both parties read them, nobody else, and who has sent one may take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpResponse

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.models import AuditRow, OutboxEvent
from mes.core.wall import wall
from mes.files.models import StoredFile
from mes.files.services.sweeping import forget_dropped, remove_orphans
from orders.outsourcing.models import OutsourceFile, OutsourceOrder
from tests.api.conftest import Program
from tests.database import as_owner
from tests.factories import a_firm, a_product
from tests.factories.logins import as_worker
from tests.files.test_files import PDF, age, bytes_at
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db(transaction=True)
DRAWING, TICKET = PDF, b"\x89PNG\r\n\x1a\n\0\0"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_ROOT = str(tmp_path / "files")
    settings.FILES_QUOTA_MB = 1
    return tmp_path / "files"


@pytest.fixture
def giver() -> Program:
    return Program("F01")


@pytest.fixture
def doer() -> Program:
    return Program("F02")


@pytest.fixture
def order(giver: Program, doer: Program) -> OutsourceOrder:
    """Signed work of F01 at F02."""
    product, maker = a_product(), RowMaker(a_firm("F01").pk, a_firm("F02").pk)
    with as_owner():
        return OutsourceOrder.objects.get(pk=maker.make(OutsourceOrder, product_id=product.pk))


def attach(
    program: Program, order: OutsourceOrder, content: bytes = DRAWING, name: str = "图纸.pdf", **headers: str
) -> HttpResponse:
    address = f"/api/v1/outsource-orders/{order.pk}/files?name={name}"
    return program.client.post(address, content, content_type="application/octet-stream", headers=headers)


def listed(program: Program, order: OutsourceOrder) -> Any:
    return program.get(f"outsource-orders/{order.pk}/files").json()["results"]


def test_both_parties_read_what_each_has_attached(giver: Program, doer: Program, order: OutsourceOrder) -> None:
    drawing = attach(giver, order)
    assert drawing.status_code == 201, drawing.content
    assert drawing["Location"] == f"/api/v1/outsource-files/{drawing.json()['id']}"
    ticket = attach(doer, order, TICKET, "送货单.png").json()
    assert (drawing.json()["sent_by"], ticket["sent_by"]) == ("giver", "doer")
    assert drawing.json()["outsource_order_id"] == str(order.pk)
    for program in (giver, doer):
        assert listed(program, order) == [drawing.json(), ticket]
        for shown, content in ((drawing.json(), DRAWING), (ticket, TICKET)):
            address = f"outsource-files/{shown['id']}"
            assert program.get(address).json() == shown
            given = program.get(f"{address}/content")
            assert (given.content, given["Content-Type"]) == (content, "application/octet-stream")
            assert given["Content-Disposition"].startswith("attachment;")
    with as_owner():
        told = AuditRow.objects.filter(verb="outsource_file.add").values_list("firm_id", "changes")
        assert {firm_id for firm_id, _changes in told} == {order.giver_id, order.doer_id}
        assert "图纸" not in str(list(told))


def test_nobody_else_finds_them(giver: Program, order: OutsourceOrder) -> None:
    shown = attach(giver, order).json()
    third = Program("F03")
    address = f"outsource-files/{shown['id']}"
    for refused in (
        third.get(f"outsource-orders/{order.pk}/files"),
        third.get(address),
        third.get(f"{address}/content"),
        third.delete(address),
        attach(third, order),
    ):
        assert refused.status_code == 404
    with wall(DatabaseRole.STAFF), pytest.raises(Exception, match="permission denied"):
        OutsourceFile.objects.count()


def test_the_senders_room_counts(giver: Program, doer: Program, order: OutsourceOrder) -> None:
    large = DRAWING + b"x" * 600_000
    assert attach(giver, order, large).status_code == 201
    assert attach(doer, order, large).status_code == 201
    for refused in (
        attach(giver, order, large),
        giver.client.post("/api/v1/files?name=a.pdf", large, content_type="application/pdf"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "quota_exceeded")


def test_only_the_sender_drops_and_only_while_the_order_goes_on(
    giver: Program, doer: Program, order: OutsourceOrder
) -> None:
    shown, stays = attach(giver, order).json(), attach(giver, order, TICKET, "照片.png").json()
    address = f"outsource-files/{shown['id']}"
    refused = doer.delete(address)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert giver.delete(address).json() == shown
    assert giver.delete(address).status_code == doer.get(address).status_code == 404
    assert listed(doer, order) == [stays]
    for status in ("in_production", "dispatched", "received"):
        with as_owner():
            OutsourceOrder.objects.filter(pk=order.pk).update(status=status)
    refused = giver.delete(f"outsource-files/{stays['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed_in_state")
    assert attach(doer, order, TICKET, "签收.png").status_code == 201  # what was seen at the gate


def test_what_is_refused_leaves_nothing(giver: Program, order: OutsourceOrder, root: Path) -> None:
    with as_owner():
        before = AuditRow.objects.count(), OutboxEvent.objects.count()
    assert attach(giver, order, b"<html>", "a.pdf").json()["errors"][0]["pointer"] == "/file"
    assert attach(giver, order, DRAWING, "..%2Fa.pdf").json()["errors"][0]["pointer"] == "/name"
    with as_owner():
        OutsourceOrder.objects.filter(pk=order.pk).update(status="cancelled")
    assert attach(giver, order).status_code == 409
    assert bytes_at(root) == []
    with as_owner():
        assert (AuditRow.objects.count(), OutboxEvent.objects.count()) == before


def test_a_call_under_its_key_attaches_once(giver: Program, order: OutsourceOrder) -> None:
    first, again = (attach(giver, order, **{"Idempotency-Key": "f-1"}) for _ in range(2))
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    assert len(listed(giver, order)) == 1


def test_bytes_stay_as_long_as_a_shared_row_names_them(
    giver: Program, order: OutsourceOrder, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = giver.client.post("/api/v1/files?name=a.pdf", DRAWING, content_type="application/pdf").json()
    shared = attach(giver, order).json()
    (path,) = bytes_at(root)

    def swept() -> None:
        age(path)
        with as_owner():
            for model in (OutsourceFile, StoredFile):
                model.objects.exclude(removed_at=None).update(removed_at="2026-01-01T00:00:00Z")
        with as_worker():
            with wall(DatabaseRole.PLANNER):
                forget_dropped()
                now = database_now()
            remove_orphans(now=now)

    giver.delete(f"files/{own['id']}")
    swept()
    assert path.exists()
    with as_worker():
        call_command("files", "check")
    assert "0 missing, 0 changed, 0 orphaned" in capsys.readouterr().out
    giver.delete(f"outsource-files/{shared['id']}")
    swept()
    assert not path.exists()
