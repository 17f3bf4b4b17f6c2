"""What a firm's capacity offers tell the other members, and nothing else. For the exchange's role.

An offer tells whose it is, for which window, share and fee, on how many machines of which class. When those work is
what the firm's shift rules say with the park's dated days. Its overtime, downtime, bookings and plan, what its machines
are set up for, how fast they are and which others it has is told to nobody. An offer is not withdrawn when it is full,
so its end tells no load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from mes.firms.choices import FirmStatus
from production.machines.choices import OfferStatus
from production.machines.models import CapacityOffer, OfferedMachine
from production.machines.selectors.hours import ruled_hours
from production.machines.selectors.periods import Period


@dataclass(frozen=True, slots=True)
class OfferedMachineView:
    """A machine on offer, by its class. `number` tells those of one firm apart, in the order of their codes."""

    number: int
    class_code: str
    kind: str
    hours: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as the other members may use it. `firm_hours`: when its firm inspects and packs."""

    offer_id: UUID
    firm_id: UUID
    firm_code: str
    code: str
    starts_at: datetime
    ends_at: datetime
    share_pct: int
    least_lot_kg: int
    accept: str
    material_from: str
    fee_cny_per_t: Decimal
    machines: tuple[OfferedMachineView, ...]
    firm_hours: tuple[Period, ...]


def offers_told(*, zero_at: datetime, horizon_min: int, but_of: UUID) -> list[OfferView]:
    """The members' published offers that end after the zero, without those of one firm, by firm code and number.

    Minutes count from the zero. Six queries.
    """
    rows = (
        CapacityOffer.objects.filter(
            status=OfferStatus.PUBLISHED, terms__isnull=False, ends_at__gt=zero_at, firm__status=FirmStatus.MEMBER
        )
        .exclude(firm_id=but_of)
        .select_related("terms", "firm")
        .order_by("firm__code", "code")
    )
    offered = OfferedMachine.objects.filter(offer__in=rows).order_by("machine__code")
    columns = ("offer_id", "firm_id", "machine_id", "machine__machine_class__code", "machine__machine_class__kind")
    found = list(offered.values_list(*columns))
    machines: defaultdict[UUID, list[OfferedMachineView]] = defaultdict(list)
    hours = ruled_hours(zero_at=zero_at, horizon_min=horizon_min, firm_ids={row[1] for row in found})
    numbers = _numbers((firm, machine) for _offer, firm, machine, _class, _kind in found)
    for offer, firm, machine, class_code, kind in found:
        number = numbers[firm, machine]
        machines[offer].append(OfferedMachineView(number, class_code, kind, hours.of(firm, class_code)))
    return [
        OfferView(
            offer_id=row.pk,
            firm_id=row.firm_id,
            firm_code=row.firm.code,
            code=row.code,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            share_pct=row.share_pct,
            least_lot_kg=row.least_lot_kg,
            accept=row.accept,
            material_from=row.material_from,
            fee_cny_per_t=row.terms.fee_cny_per_t,
            machines=tuple(machines[row.pk]),
            firm_hours=hours.of(row.firm_id),
        )
        for row in rows
    ]


def _numbers(machines: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], int]:
    counted: dict[UUID, int] = {}
    numbers: dict[tuple[UUID, UUID], int] = {}
    for firm, machine in machines:
        if (firm, machine) not in numbers:
            counted[firm] = counted.get(firm, 0) + 1
            numbers[firm, machine] = counted[firm]
    return numbers
