"""What follows an award in the recorded story: orders, a delivery that is disputed, a lot by concession, a claim."""

from __future__ import annotations

from typing import Any

from mes.core.clock import business_now
from procurement.supply import services
from procurement.supply.models import Delivery, DeliveryLot, FrameworkAgreement
from procurement.supply.services import AgreementChanges
from tests.api.recording import RecordedProgram
from tests.database import as_owner
from tests.factories.rounds import OpenedRound, an_officer
from tests.supply.work import act, limited, timed

_WEIGHED = {"gross_kg": 46_000, "tare_kg": 14_100, "ticket_number": "W-0721"}


def supplied(opened: OpenedRound, owner: RecordedProgram, supplier: RecordedProgram) -> None:
    """The owner of firm A orders, gets and claims; the supplier S02 brings a lot of low viscosity."""
    officer = an_officer()
    limited(opened, "U2R")
    timed(officer, services.orders_make, round_id=opened.pk)
    ordered(opened, owner)
    delivery_id, lot_id, other_id = announced(owner, supplier)
    timed(officer, services.delivery_weigh, delivery_id=delivery_id, **_WEIGHED)
    supplier.post(f"resin-deliveries/{delivery_id}/dispute", {"reason": "Our scales were calibrated last week."})
    act(officer, services.delivery_weigh_again, delivery_id=delivery_id, third_kg=31_950)
    timed(officer, services.delivery_settle, delivery_id=delivery_id)
    act(officer, services.concession_ask, lot_id=lot_id, reason="Good enough for wear strips.")
    act(officer, services.concession_ask, lot_id=other_id, reason="Of another colour.")
    asked(owner)
    timed(officer, services.lot_reject, lot_id=other_id, reason="Nobody takes it.")
    timed(officer, services.lot_concede, lot_id=lot_id, reason="Taken for wear strips.")
    timed(officer, services.delivery_share, delivery_id=delivery_id)
    supplier.get(f"resin-delivery-lots/{lot_id}")
    supplier.get(f"resin-deliveries/{delivery_id}")
    supplier.get("resin-deliveries?limit=1")
    got(owner)


def ordered(opened: OpenedRound, owner: RecordedProgram) -> None:
    with as_owner():
        agreement = FrameworkAgreement.objects.select_related("balance").get(award_line__plan__round_id=opened.pk)
    changes = AgreementChanges(cap_kg=agreement.balance.cap_kg + 5_000, price_terms="At the award's price until May.")
    timed(an_officer(), services.agreement_change, agreement_id=agreement.pk, changes=changes)
    owner.get("resin-agreements?limit=1")
    owner.get(f"resin-agreements/{agreement.pk}")
    listed = owner.get("resin-orders?limit=1")
    order_id = listed["results"][0]["id"]
    owner.get(f"resin-orders/{order_id}")
    owner.post(f"resin-orders/{order_id}/sign", {"contract_number": "HT-2026-118"})
    body = {"agreement_id": str(agreement.pk), "kg": 2_000, "wanted_on": agreement.until_on.isoformat()}
    owner.post("resin-orders", body, status=201)


def announced(owner: RecordedProgram, supplier: RecordedProgram) -> tuple[Any, Any, Any]:
    agreement_id = owner.get("resin-agreements?limit=1")["results"][0]["id"]
    day = business_now().date().isoformat()
    body: dict[str, Any] = {
        "number": "LS-88",
        "expected_on": day,
        "ticket_kg": 32_000,
        "lots": [
            {"lot_number": "P26-0703", "bags": 1_270, "produced_on": day},
            {"lot_number": "P26-0704", "bags": 10, "produced_on": day},
        ],
    }
    delivery = supplier.post(f"resin-agreements/{agreement_id}/deliveries", body, status=201)
    wrong = supplier.post(f"resin-agreements/{agreement_id}/deliveries", {**body, "number": "LS-89"}, status=201)
    supplier.post(f"resin-deliveries/{wrong['id']}/cancel")
    lot_id = delivery["lots"][0]["id"]
    values = [
        {"property": "viscosity_number", "value": "1830", "unit": "ml/g", "method": "ISO 1628-3"},
        {
            "property": "molecular_weight",
            "value": "4.1",
            "unit": "10^6 g/mol",
            "method": "ISO 1628-3",
            "equation": "Margolies",
        },
        {"property": "bulk_density", "value": "0.44", "unit": "g/cm3", "method": "ISO 60"},
    ]
    supplier.post(f"resin-delivery-lots/{lot_id}/certify", {"values": values})
    with as_owner():
        first, other = DeliveryLot.objects.filter(delivery_id=delivery["id"]).order_by("lot_number")
        return Delivery.objects.get(pk=delivery["id"]).pk, first.pk, other.pk


def asked(owner: RecordedProgram) -> None:
    concession_id = owner.get("resin-concessions?limit=1")["results"][0]["id"]
    owner.get(f"resin-concessions/{concession_id}")
    owner.post(f"resin-concessions/{concession_id}/agree")
    for row in owner.get("resin-concessions")["results"]:
        if row["status"] == "asked":
            owner.post(f"resin-concessions/{row['id']}/decline")


def got(owner: RecordedProgram) -> None:
    part = owner.get("resin-lots?limit=1")["results"][0]
    owner.get(f"resin-lots/{part['id']}")
    owner.post(f"resin-lots/{part['id']}/take-in", {"code": "U2R-0721"})
    body = {
        "order_id": part["order_id"],
        "lot_id": part["id"],
        "kind": "off_specification",
        "kg": part["kg"],
        "amount_fen": 150_000,
        "reason": "Viscosity number 1830 instead of 2000 ml/g.",
    }
    claim = owner.post("resin-claims", body, status=201)
    owner.get("resin-claims?limit=1")
    owner.get(f"resin-claims/{claim['id']}")
    owner.post(f"resin-claims/{claim['id']}/withdraw")
