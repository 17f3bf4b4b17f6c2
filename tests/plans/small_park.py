"""A small park as committed rows: a giver with one press, a doer that offers two, a third firm that looks on.

A panel is mixed, pressed (two at a time, one hour), rests a day, is sawn and packed. All work around the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mes.catalog.models import (
    BomLine,
    ChangeoverFamily,
    Grade,
    MachineClass,
    Material,
    Product,
    Routing,
    RoutingStep,
    StepOption,
    TransportTariff,
)
from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.wall import wall
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES
from mes.firms.models import Firm
from orders.sales.models import SalesOrder, SalesOrderLine
from production.machines.models import (
    CalendarRule,
    CapacityOffer,
    CapacityOfferTerms,
    Machine,
    OfferedMachine,
    Shift,
    ShiftPattern,
    StockMovement,
)

ZERO = datetime(2026, 7, 5, 16, tzinfo=UTC)
UNIT_MASS_G = 50_000
PRESSES = {"A": 1, "B": 2, "C": 0}


def staff() -> Actor:
    """A person of the association with all its roles."""
    return Actor(DatabaseRole.STAFF, Channel.COMMAND, roles=frozenset(ASSOCIATION_ROLES))


def planner_of(firm: Firm) -> Actor:
    """A person of the firm with all its roles."""
    return Actor(DatabaseRole.FIRM, Channel.COMMAND, firm_id=firm.pk, roles=frozenset(FIRM_ROLES))


@dataclass
class SmallPark:
    """The rows that tests name."""

    firms: dict[str, Firm] = field(default_factory=dict)
    product: Product = field(init=False)
    offer: CapacityOffer = field(init=False)

    def order(
        self, firm: str, number: str, *, pieces: int, due_days: float, consent: str = "allowed"
    ) -> SalesOrderLine:
        """A confirmed order with one line."""
        owner = self.firms[firm]
        with wall(DatabaseRole.FIRM, owner.pk):
            order = SalesOrder.objects.create(firm=owner, number=number, status="confirmed", ordered_on=ZERO.date())
            return SalesOrderLine.objects.create(
                firm=owner,
                order=order,
                number=1,
                product=self.product,
                pieces=pieces,
                due_at=ZERO + timedelta(days=due_days),
                consent=consent,
            )


def small_park(*, accept: str = "at_once") -> SmallPark:
    """Makes the rows and commits them, under the working roles."""
    park = SmallPark()
    with wall(DatabaseRole.STAFF):
        for number, code in enumerate(PRESSES):
            park.firms[code] = Firm.objects.create(code=code, name_zh=f"企业{code}", gate_east_m=number * 3000)
        classes = _catalogue(park)
        pattern = ShiftPattern.objects.create(code="always")
        Shift.objects.create(pattern=pattern, start_min=0, end_min=1440)
    for code, firm in park.firms.items():
        with wall(DatabaseRole.FIRM, firm.pk):
            _machines(park, firm, PRESSES[code], classes, pattern, accept)
    return park


def _catalogue(park: SmallPark) -> dict[str, MachineClass]:
    grade = Grade.objects.create(code="U2R", name_zh="回料", family="U2R")
    resin = Material.objects.create(code="U2R", kind="resin", grade=grade)
    kinds = {"MIXER": "mixer", "PRESS-M": "press", "SAW": "saw"}
    classes = {code: MachineClass.objects.create(code=code, kind=kind, name_zh=code) for code, kind in kinds.items()}
    family = ChangeoverFamily.objects.create(code="U2R/black/30", grade_family="U2R", colour="black", thickness_mm=30)
    park.product = Product.objects.create(
        code="PAVE-30",
        name_zh="铺路板",
        form="panel",
        length_mm=2000,
        width_mm=1000,
        thickness_mm=30,
        unit_mass_g=UNIT_MASS_G,
        grade=grade,
        colour="black",
    )
    routing = Routing.objects.create(product=park.product, variant="press")
    BomLine.objects.create(routing=routing, material=resin, kg_per_piece=Decimal("52"))
    steps = (
        ("MIX", None, {"MIXER": {"seconds_per_piece": 300}}, {}),
        ("PRESS", family, {"PRESS-M": {"pieces_per_cycle": 2, "cycle_s": 3600}}, {}),
        ("REST", None, {}, {"fixed_min": 1440, "clock": "elapsed"}),
        ("SAW", None, {"SAW": {"seconds_per_piece": 240}}, {}),
        ("PACK", None, {}, {"seconds_per_piece": 120, "clock": "firm"}),
    )
    for number, (process, its_family, options, times) in enumerate(steps, start=1):
        step = RoutingStep.objects.create(
            routing=routing, number=10 * number, process=process, family=its_family, transfer_pieces=12, **times
        )
        for code, law in options.items():
            StepOption.objects.create(step=step, machine_class=classes[code], **law)
    TransportTariff.objects.create(
        fixed_min=30,
        min_per_km=2,
        truck_kg=10_000,
        fixed_cny_per_truck=200,
        cny_per_km=6,
        handling_cny_per_t=20,
    )
    return classes


def _machines(
    park: SmallPark,
    firm: Firm,
    presses: int,
    classes: dict[str, MachineClass],
    pattern: ShiftPattern,
    accept: str,
) -> None:
    CalendarRule.objects.create(firm=firm, pattern=pattern, weekdays="1234567", keeps_holidays=False)
    for code in ("MIXER", "SAW"):
        Machine.objects.create(firm=firm, code=f"{code}-1", machine_class=classes[code])
    rows = [
        Machine.objects.create(firm=firm, code=f"P-{number}", machine_class=classes["PRESS-M"])
        for number in range(1, presses + 1)
    ]
    resin = Material.objects.get(code="U2R")
    StockMovement.objects.create(
        firm=firm, material=resin, mass_g=200_000_000, available_at=ZERO - timedelta(days=1), reason="opening"
    )
    if presses > 1:
        park.offer = CapacityOffer.objects.create(
            firm=firm,
            code="OF-1",
            starts_at=ZERO,
            ends_at=ZERO + timedelta(days=30),
            accept=accept,
            material_from="doer",
        )
        CapacityOfferTerms.objects.create(firm=firm, offer=park.offer, fee_cny_per_t=Decimal("2500"))
        for row in rows:
            OfferedMachine.objects.create(firm=firm, offer=park.offer, machine=row)
