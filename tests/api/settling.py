"""The end of a round in the recorded story: invoices, a statement, and what was saved."""

from __future__ import annotations

from typing import Any

from mes.core.clock import business_now
from procurement.benchmarks.models import Benchmark
from procurement.savings.services import savings_recognise
from procurement.settlement.models import Invoice
from procurement.settlement.services import fee_book, invoice_settle
from procurement.supply.models import LotAllocation
from procurement.supply.services import deliveries_end
from tests.api.recording import RecordedProgram
from tests.database import as_owner
from tests.factories.rounds import OpenedRound, an_officer
from tests.supply.work import timed


def settled(opened: OpenedRound, owner: RecordedProgram, supplier: RecordedProgram) -> None:
    """The supplier S02 invoices what firm A got, once wrongly; A reads its statement and its saving."""
    officer = an_officer()
    with as_owner():
        part = LotAllocation.objects.select_related("order").get(firm__code="A", order__line__round_id=opened.pk)
        Benchmark.objects.create(
            line_id=part.order.line_id, quotes=3, grade="A", q1_fen_per_t=890_000, median_fen_per_t=905_000,
            q3_fen_per_t=920_000, policy_sha256="0" * 64, frozen_at=business_now(),
        )  # fmt: skip
    timed(officer, deliveries_end, round_id=opened.pk)
    net = (part.kg * part.order.price_mfen_per_t + 500_000) // 1_000_000
    wrong = invoiced(supplier, part, "25332000000012345677", net + 10_000)
    supplier.post(f"resin-invoices/{wrong['id']}/void", {"reason": "Wrong price."})
    right = invoiced(supplier, part, "25332000000012345678", net)
    with as_owner():
        invoice = Invoice.objects.get(pk=right["id"])
    timed(officer, invoice_settle, invoice_id=invoice.pk)
    timed(officer, fee_book, round_id=opened.pk, kind="inspection", fen=480_000, reference="SGS-0721")
    timed(officer, savings_recognise, round_id=opened.pk)
    owner.get("resin-invoices?limit=1")
    owner.get(f"resin-invoices/{right['id']}")
    owner.get(f"rounds/{opened.pk}/statement")
    saving = owner.get("resin-savings?limit=1")["results"][0]
    owner.get(f"resin-savings/{saving['id']}")
    owner.get(f"rounds/{opened.pk}/saving")


def invoiced(supplier: RecordedProgram, part: LotAllocation, number: str, net_fen: int) -> Any:
    line = {
        "part_id": str(part.pk),
        "kg": part.kg,
        "net_fen": net_fen,
        "vat_permille": 130,
        "vat_fen": (net_fen * 130 + 500) // 1000,
    }
    body = {"number": number, "issued_on": business_now().date().isoformat(), "lines": [line]}
    return supplier.post("resin-invoices", body, status=201)
