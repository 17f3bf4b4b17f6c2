"""A supplier's part of the recorded story: what it is asked for, and what it quotes."""

from __future__ import annotations

from datetime import timedelta

from mes.core.wall import actor_wall
from mes.firms.models import Firm
from procurement.benchmarks.services import PolicyDraft, benchmark_policy_set
from procurement.quotations.services import TenderDraft, tender_publish
from procurement.rounds.services import round_freeze, use_allowance_grant
from procurement.suppliers.models import SupplierQualification
from procurement.suppliers.services import qualification_decide
from tests.api.recording import RecordedProgram
from tests.plans.small_park import ZERO
from tests.rounds.work import an_officer, an_open_round, commit


def a_request_to(supplier: Firm, firm: Firm) -> str:
    """A request to one supplier, which was qualified, for what one firm has committed to."""
    days = {"firming_at": 5, "demand_closes_at": 7, "quotations_close_at": 14}
    times = {name: ZERO + timedelta(days=number) for name, number in days.items()}
    row, officer, now = an_open_round("2026-R5", material="U2R", **times), an_officer(), times["demand_closes_at"]
    with actor_wall(officer):
        use_allowance_grant(actor=officer, round_id=row.pk, number=1, firm_id=firm.pk, most_kg=64_000, reason="新厂")
        asked = SupplierQualification.objects.get(supplier=supplier)
        qualification_decide(actor=officer, qualification_id=asked.pk, status="qualified", reason="样品合格")
        benchmark_policy_set(actor=officer, round_id=row.pk, draft=PolicyDraft({"trader_quote": 1}))
    commit(firm, row, 64_000)
    with actor_wall(officer):
        round_freeze(actor=officer, round_id=row.pk, now=now, few_firms_reason="试运行")
        draft = TenderDraft(suppliers=(supplier.code,), conditions="含托盘", few_suppliers_reason="只有一家")
        return str(tender_publish(actor=officer, round_id=row.pk, draft=draft, now=now).pk)


def quoted(program: RecordedProgram, tender_id: str) -> None:
    program.get("tenders?limit=1")
    program.get(f"tenders/{tender_id}")
    address = f"tenders/{tender_id}/quotation"
    breaks = [{"from_kg": 0, "price_fen_per_t": 900_000}, {"from_kg": 32_000, "price_fen_per_t": 880_000}]
    line = {"line": 1, "capacity_kg": 400_000, "least_kg": 0, "multiple_kg": 25, "kind": "all_units", "breaks": breaks}
    terms = {"valid_until": "2027-12-31", "payment_days": 30, "with_vat": True, "vat_permille": 130}
    priced = {"basis": "delivered", "freight_fen_per_t": 0, "capacity_kg": None, "lines": [line]}
    discounts = {"discounts": [{"from_kg": 64_000, "permille": 5}]}
    program.call("PUT", address, terms | priced | discounts, 201)
    program.get(address)
    program.post(f"{address}/seal", {"tender_revision": 1})
    program.post(f"{address}/unseal")
    program.post(f"{address}/withdraw")
