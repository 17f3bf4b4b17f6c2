"""A round whose resin was delivered and shared: two suppliers with prices of their own, six firms, two of them at both.

Written as the owner, so that the settlement is tried without the award's search; each act opens the actor's wall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.wall import actor_wall
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from procurement.awards.models import Allocation, AwardLine, AwardPlan, AwardRun, FirmShare
from procurement.benchmarks.models import Benchmark
from procurement.rounds.models import LockedCommitment, Round
from procurement.settlement.models import Invoice
from procurement.settlement.selectors.amounts import net_fen, vat_fen
from procurement.settlement.services import InvoiceDraft, InvoiceLineDraft, invoice_record, invoice_settle
from procurement.supply.models import (
    Delivery,
    DeliveryLot,
    FirmOrder,
    FrameworkAgreement,
    FrameworkBalance,
    LotAllocation,
)
from tests.database import as_owner
from tests.factories import MONDAY, user_of
from tests.factories.rounds import OpenedRound, Quote, Want, an_officer, an_opened_round
from tests.rounds.work import the_time_is

LATER = MONDAY + timedelta(days=40)
TODAY: date = localdate(LATER)
PRICES = {"S1": 980_000_000, "S2": 1_003_333_000}
"""Thousandths of a fen per t."""
GOT: tuple[tuple[str, str, int], ...] = (
    ("F01", "S1", 10_000), ("F01", "S2", 5_025), ("F02", "S1", 7_000), ("F03", "S2", 3_000), ("F04", "S2", 8_000),
    ("F05", "S1", 4_000), ("F06", "S1", 6_000),
)  # fmt: skip
"""Firm, supplier, kg accepted."""


@dataclass
class Settling:
    """Rows by business keys; `parts` by firm and supplier."""

    opened: OpenedRound
    got: Sequence[tuple[str, str, int]]
    material: str
    parts: dict[tuple[str, str], LotAllocation] = field(default_factory=dict)
    orders: dict[tuple[str, str], FirmOrder] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)

    @property
    def pk(self) -> UUID:
        return self.opened.pk

    def seller(self, code: str) -> Actor:
        return actor_of_user(user_of(self.opened.firms[code], Role.SELLER))

    def invoiced(self, firm: str, supplier: str, **said: Any) -> Invoice:
        """The supplier's own invoice for the part; right, unless said otherwise."""
        return act(self.seller(supplier), invoice_record, draft=self.draft(firm, supplier, **said))  # type: ignore[no-any-return]

    def draft(self, firm: str, supplier: str, *, number: str = "", **said: Any) -> InvoiceDraft:
        part = self.parts[firm, supplier]
        net = net_fen(kg=part.kg, price_mfen_per_t=PRICES[supplier])
        usual = {"kg": part.kg, "net_fen": net, "vat_permille": 130, "vat_fen": vat_fen(net_fen=net, vat_permille=130)}
        line = InvoiceLineDraft(part_id=part.pk, **{**usual, **said})
        return InvoiceDraft(number or f"{supplier}-{firm}", TODAY, (line,))


def act(actor: Actor, service: Any, **given: Any) -> Any:
    with actor_wall(actor):
        return service(actor=actor, now=business_now(), **given)


def a_settling_round(
    code: str = "R1",
    *,
    waits_for: str = "",
    got: Sequence[tuple[str, str, int]] = GOT,
    material: str = "PE1",
) -> Settling:
    """One line of the round, all weights settled but a supplier's; the park's clock stands at LATER."""
    kg: dict[str, int] = {}
    for firm, _supplier, part in got:
        kg[firm] = kg.get(firm, 0) + part
    wants = tuple(Want(firm, 1 + part // 1000, material) for firm, part in kg.items())
    quotes = tuple(Quote(supplier, material=material) for supplier in sorted(PRICES))
    found = Settling(an_opened_round(wants, quotes, code=code), got, material)
    the_time_is(LATER)
    with as_owner():
        plan = _award(found, kg)
        for number, supplier in enumerate(sorted({of for _firm, of, _kg in got})):
            _supply(found, plan, supplier, number, "weighed" if supplier == waits_for else "settled")
        for status in ("proposed", "confirming", "awarded", "delivering", "settling"):
            Round.objects.filter(pk=found.pk).update(status=status)
    return found


def _award(found: Settling, kg: dict[str, int]) -> AwardPlan:
    run = AwardRun.objects.create(round=found.opened.row, problem_sha256="0" * 64, record={})
    plan = AwardPlan.objects.create(round=found.opened.row, run=run, kind="optimal", cost_mfen=1)
    for firm, wanted in kg.items():
        locked = LockedCommitment.objects.get(commitment=found.opened.commitments[firm, found.material])
        FirmShare.objects.create(
            firm=found.opened.firms[firm], plan=plan, line=found.opened.lines[found.material], locked=locked, kg=wanted,
            price_fen_per_t=990_000, alone_fen_per_t=1_000_000,
        )  # fmt: skip
    return plan


def _supply(found: Settling, plan: AwardPlan, supplier: str, number: int, status: str) -> None:
    seller, line = found.opened.firms[supplier], found.opened.lines[found.material]
    kg = sum(part for _firm, of, part in found.got if of == supplier)
    award_line = AwardLine.objects.create(plan=plan, supplier=seller, line=line, kg=kg, cost_mfen=1)
    agreement = FrameworkAgreement.objects.create(
        supplier=seller, award_line=award_line, line=line, material=line.material, bag_kg=25,
        price_mfen_per_t=PRICES[supplier], from_on=TODAY, until_on=TODAY, tolerance_permille=3, dispute_h=48,
    )  # fmt: skip
    FrameworkBalance.objects.create(supplier=seller, agreement=agreement, cap_kg=kg, remaining_kg=kg)
    delivery = Delivery.objects.create(
        supplier=seller, agreement=agreement, number=f"{found.opened.row.code}-{supplier}", expected_on=TODAY,
        bags=kg // 25, ticket_kg=kg, status=status, gross_kg=kg + 15_000, tare_kg=15_000, ticket_number="W1",
        weighed_at=LATER, basis="ticket",
        settled_kg=kg, settled_at=LATER,
    )  # fmt: skip
    found.deliveries[supplier] = delivery
    lot = DeliveryLot.objects.create(
        supplier=seller, delivery=delivery, lot_number=f"L-{supplier}", bags=kg // 25, status="released", kg=kg,
        accepted_bags=kg // 25, accepted_kg=kg, decided_at=LATER,
    )  # fmt: skip
    for at, (firm, of, part) in enumerate(found.got):
        if of == supplier:
            _part(found, award_line, agreement, lot, firm, part, f"{100 * number + at}")


def _part(
    found: Settling, award_line: AwardLine, agreement: FrameworkAgreement, lot: DeliveryLot, firm: str, kg: int,
    number: str,
) -> None:  # fmt: skip
    seller, supplier = award_line.supplier, award_line.supplier.code
    share = FirmShare.objects.get(firm__code=firm, plan_id=award_line.plan_id)
    allocation = Allocation.objects.create(firm=share.firm, share=share, award_line=award_line, supplier=seller, kg=kg)
    order = FirmOrder.objects.create(
        firm=share.firm, supplier=seller, seller=seller, agreement=agreement, line=award_line.line,
        locked=share.locked, allocation=allocation, number=f"{found.opened.row.code}-{number}", kg=kg,
        price_mfen_per_t=agreement.price_mfen_per_t, wanted_on=TODAY, status="signed", contract_number="C-1",
        signed_at=LATER,
    )  # fmt: skip
    found.orders[firm, supplier] = order
    found.parts[firm, supplier] = LotAllocation.objects.create(
        firm=share.firm, seller=seller, lot=lot, order=order, bags=kg // 25, kg=kg, allocated_at=LATER,
        lot_number=lot.lot_number,
    )  # fmt: skip


def settled(found: Settling) -> Settling:
    """Each part is invoiced by its supplier, and each invoice settled."""
    for firm, supplier, _kg in found.got:
        act(an_officer(), invoice_settle, invoice_id=found.invoiced(firm, supplier).pk)
    return found


def benchmarked(found: Settling) -> Settling:
    """Of grade B; the first quartile is below what S2 charges."""
    with as_owner():
        Benchmark.objects.create(
            line=found.opened.lines[found.material], quotes=4, grade="B", q1_fen_per_t=990_000,
            median_fen_per_t=1_010_000, q3_fen_per_t=1_020_000, policy_sha256="0" * 64, frozen_at=LATER,
        )  # fmt: skip
    return found
