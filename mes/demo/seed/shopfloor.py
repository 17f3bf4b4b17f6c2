"""One firm's machines, working times, offers and stock. Every function runs behind that firm's wall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from mes.core.units import GRAMS_PER_KG
from mes.demo.sample import shapes
from mes.demo.seed.index import Index, cny_per_t, local_midnight
from mes.lots.choices import LotKind
from mes.lots.models import Lot
from production.machines import models
from production.machines.choices import MovementReason

PERMILLE = 1000
EVERY_CLASS = "*"
WEEK_MIN = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Shop:
    """A firm and the keys of its machines."""

    firm_id: UUID
    machines: Mapping[str, UUID]


def seed_machines(
    *, firm: shapes.Firm, machines: Sequence[shapes.Machine], setups: Mapping[str, str], index: Index
) -> Shop:
    """Approvals, working days and machines; `setups` gives the changeover family by machine code."""
    firm_id = index.firms[firm.code]
    models.FirmApproval.objects.bulk_create(models.FirmApproval(firm_id=firm_id, code=code) for code in firm.approvals)
    models.CalendarRule.objects.bulk_create(
        models.CalendarRule(
            firm_id=firm_id,
            machine_class_id=None if class_code == EVERY_CLASS else index.classes[class_code],
            pattern_id=index.patterns[rule.pattern],
            weekdays="".join(map(str, rule.weekdays)),
            keeps_holidays=rule.keeps_holidays,
            keeps_closure=rule.keeps_closure,
        )
        for class_code, rule in firm.rules
    )
    rows = [
        models.Machine(
            firm_id=firm_id,
            code=row.code,
            machine_class_id=index.classes[row.class_code],
            status=row.status,
            efficiency_permille=int(row.efficiency * PERMILLE),
            family_id=index.families[setups[row.code]] if row.code in setups else None,
        )
        for row in machines
    ]
    models.Machine.objects.bulk_create(rows)
    return Shop(firm_id, {row.code: row.pk for row in rows})


def seed_periods(
    *, shop: Shop, overtime: Sequence[shapes.Overtime], bookings: Sequence[shapes.FrozenBooking], index: Index
) -> None:
    """Overtime of the whole firm, and machine time that is promised already."""
    models.Overtime.objects.bulk_create(
        models.Overtime(
            firm_id=shop.firm_id,
            starts_at=local_midnight(row.start_date),
            ends_at=local_midnight(row.end_date),
            note=row.note,
        )
        for row in overtime
    )
    models.FrozenBooking.objects.bulk_create(
        models.FrozenBooking(
            firm_id=shop.firm_id,
            machine_id=shop.machines[row.machine_code],
            starts_at=index.at(row.start_min),
            ends_at=index.at(row.end_min),
            note=row.note,
        )
        for row in bookings
    )


def seed_offers(*, shop: Shop, offers: Sequence[shapes.Offer], index: Index) -> None:
    """Capacity offers with their machines and, apart, their standing fees."""
    rows = [
        models.CapacityOffer(
            firm_id=shop.firm_id,
            code=row.code,
            published_at=index.at(-WEEK_MIN),
            starts_at=index.at(row.start_min),
            ends_at=index.at(row.end_min),
            share_pct=row.share_pct,
            least_lot_kg=row.least_lot_kg,
            accept=row.accept,
            material_from=row.material_from,
        )
        for row in offers
    ]
    models.CapacityOffer.objects.bulk_create(rows)
    models.OfferedMachine.objects.bulk_create(
        models.OfferedMachine(firm_id=shop.firm_id, offer=offer, machine_id=shop.machines[code])
        for offer, row in zip(rows, offers, strict=True)
        for code in row.machine_codes
    )
    models.CapacityOfferTerms.objects.bulk_create(
        models.CapacityOfferTerms(firm_id=shop.firm_id, offer=offer, fee_cny_per_t=cny_per_t(row.fee_fen_per_t))
        for offer, row in zip(rows, offers, strict=True)
    )


def seed_stock(
    *,
    shop: Shop,
    stocks: Sequence[shapes.Stock],
    blanks: Sequence[shapes.BlankStock],
    blank_mass_g: Mapping[str, int],
    index: Index,
) -> None:
    """Opening stock and arrivals, each of a lot of its own."""
    movements = [
        (row.item_code, row.supplier_code, row.kg * GRAMS_PER_KG, row.available_min) for row in stocks if row.kg > 0
    ]
    movements += [(row.item_code, "", row.pieces * blank_mass_g[row.item_code], 0) for row in blanks]
    lots = list(_lots(shop, movements, index))
    Lot.objects.bulk_create(lots)
    models.StockMovement.objects.bulk_create(
        models.StockMovement(
            firm_id=shop.firm_id,
            material_id=index.materials[item_code],
            lot=lot,
            mass_g=mass_g,
            available_at=index.at(available_min),
            reason=MovementReason.ARRIVAL if available_min else MovementReason.OPENING,
        )
        for lot, (item_code, _supplier, mass_g, available_min) in zip(lots, movements, strict=True)
    )


def _lots(shop: Shop, movements: Sequence[tuple[str, str, int, int]], index: Index) -> Iterator[Lot]:
    for number, (item_code, supplier_code, _mass_g, _available_min) in enumerate(movements, start=1):
        yield Lot(
            firm_id=shop.firm_id,
            code=f"{item_code}-{number:03}",
            kind=LotKind.MATERIAL,
            material_id=index.materials[item_code],
            supplier_name=supplier_code,
        )
