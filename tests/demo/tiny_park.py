"""A park of three firms with a published plan, made by hand: one order split between its firm and one doer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mes.catalog.models import Grade, MachineClass, Product
from mes.firms.models import Firm
from orders.outsourcing.models import OutsourceOrder, OutsourceOrderTerms
from orders.sales.models import SalesOrder, SalesOrderLine, SalesOrderLineTerms, SalesOrderTerms
from production.machines.models import CapacityOffer, Machine
from production.plans.models import MachineRun, PlannedLot, PlanRun, Proposal, RunPart

ZERO = datetime(2026, 7, 5, 16, tzinfo=UTC)
UNIT_MASS_G = 50_000
ORDER_NUMBER = "T-1"


def day(number: float) -> datetime:
    return ZERO + timedelta(days=number)


@dataclass(frozen=True)
class TinyPark:
    giver: Firm
    doer: Firm
    other: Firm
    line: SalesOrderLine
    run: PlanRun
    machines: dict[UUID, Machine]

    def machine_run(self, firm: Firm, start: float, end: float, *, status: str = "proposed") -> MachineRun:
        """A run of the firm's machine from one day to another."""
        return MachineRun.objects.create(
            firm=firm,
            machine=self.machines[firm.pk],
            plan_run=self.run,
            key=f"{firm.code}:{start}",
            process="PRESS",
            period=DateTimeTZRange(day(start), day(end), "[)"),
            work_starts_at=day(start),
            pieces=10,
            status=status,
        )


def make_tiny_park() -> TinyPark:
    """Giver A makes 60 of 100 pieces by day 18, doer B 40 by day 19 at A's gate; C has a late order of 20 pieces.

    Call as the owner.
    """
    firms = [Firm.objects.create(code=code, name_zh=code) for code in ("A", "B", "C")]
    giver, doer, other = firms
    grade = Grade.objects.create(code="U", name_zh="U", family="U")
    press = MachineClass.objects.create(code="P", kind="press", name_zh="P")
    product = Product.objects.create(
        code="PANEL", name_zh="P", form="panel", length_mm=1, thickness_mm=1, unit_mass_g=UNIT_MASS_G, grade=grade,
        colour="black",
    )  # fmt: skip
    machines = {
        firm.pk: Machine.objects.create(firm=firm, code=f"{firm.code}-1", machine_class=press) for firm in firms
    }
    run = PlanRun.objects.create(
        state="published",
        zero_at=ZERO,
        rule="due",
        figures={"violations": 0, "plan_ms": 1500},
        tiers={"makespan_min": 1440 * 19},
        versions={"planner": "1"},
    )
    line = _order(giver, product, ORDER_NUMBER, 100, due=20, plan_state="on_time")
    _order(other, product, "T-2", 20, due=5, plan_state="late")
    park = TinyPark(giver, doer, other, line, run, machines)
    _own_lot(park, line, giver, 60, 18)
    _own_lot(park, SalesOrderLine.objects.get(order__number="T-2"), other, 20, 6)
    _placement(park, product)
    return park


def _order(
    firm: Firm, product: Product, number: str, pieces: int, *, due: float, plan_state: str, origin: str = "own"
) -> SalesOrderLine:
    order = SalesOrder.objects.create(firm=firm, number=number, origin=origin, status="planned", ordered_on=ZERO.date())
    line = SalesOrderLine.objects.create(
        firm=firm, order=order, number=1, product=product, pieces=pieces, due_at=day(due), plan_state=plan_state
    )
    if origin == "own":
        SalesOrderTerms.objects.create(firm=firm, order=order, customer_name="Customer")
        SalesOrderLineTerms.objects.create(firm=firm, line=line, price_cny_per_t=15000)
    return line


def _own_lot(park: TinyPark, line: SalesOrderLine, firm: Firm, pieces: int, finish: float) -> None:
    lot = PlannedLot.objects.create(
        firm=firm, plan_run=park.run, line=line, key=f"{firm.code}-lot", routing_variant="press", pieces=pieces,
        batches=[pieces], finish_at=day(finish),
    )  # fmt: skip
    _part(park, lot, firm, pieces, 1)


def _part(park: TinyPark, lot: PlannedLot, firm: Firm, pieces: int, start: float) -> None:
    RunPart.objects.create(
        firm=firm, run=park.machine_run(firm, start, start + 1), lot=lot, step=0, first_batch=0, batches=1,
        pieces=pieces,
    )  # fmt: skip


def _placement(park: TinyPark, product: Product) -> None:
    offer = CapacityOffer.objects.create(firm=park.doer, code="O", starts_at=day(0), ends_at=day(30))
    parties = {"giver": park.giver, "doer": park.doer}
    proposal = Proposal.objects.create(
        **parties, line=park.line, offer=offer, plan_run=park.run, product=product, pieces=40,
        weight_g=40 * UNIT_MASS_G, starts_at=day(2), finish_at=day(19), material_from="giver", status="accepted",
        expires_at=day(1), giver_agreed_at=ZERO, doer_agreed_at=ZERO,
    )  # fmt: skip
    doer_line = _order(park.doer, product, "B-1", 40, due=19, plan_state="unplanned", origin="outsourced")
    order = OutsourceOrder.objects.create(
        **parties, giver_number="A-O-1", giver_line=park.line, doer_order=doer_line.order, product=product,
        pieces=40, weight_g=40 * UNIT_MASS_G, due_at=day(19), material_from="giver",
    )  # fmt: skip
    OutsourceOrderTerms.objects.create(**parties, order=order, fee_cny_per_t=3000, fee_cny=6000)
    lot = PlannedLot.objects.create(
        firm=park.doer, plan_run=park.run, line=doer_line, proposal=proposal, key="B:lot", routing_variant="press",
        pieces=40, batches=[40], finish_at=day(19),
    )  # fmt: skip
    _part(park, lot, park.doer, 40, 2)
