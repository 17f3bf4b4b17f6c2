"""The demo's round from the firms' orders to the end of deliveries: one comes short, one lot is not as specified, one
load is heavier than its ticket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum, auto
from uuid import UUID

from django.db.models import QuerySet

from mes.core.clock import business_now
from mes.demo.board import Board
from mes.demo.round_people import FIRST, People, head_of, owner_of
from mes.demo.sample.round_book import RoundBook
from mes.demo.seed.index import local_midnight
from procurement.supply.choices import ClaimKind, Property
from procurement.supply.models import Claim, Concession, Delivery, DeliveryLot, FirmOrder, FrameworkAgreement
from procurement.supply.models import LotAllocation as Part
from procurement.supply.services import (
    ClaimDraft,
    DeliveryDraft,
    LotDraft,
    ValueDraft,
    certificate_put,
    claim_open,
    claim_settle,
    concession_agree,
    concession_ask,
    concession_decline,
    deliveries_end,
    delivery_announce,
    delivery_settle,
    delivery_share,
    delivery_weigh,
    limit_set,
    lot_concede,
    lot_release,
    order_sign,
    orders_make,
)

TRUCK_TARE_KG = 15_000
METHOD = "ISO 1628-3"
LOAD_BAGS, LOT_BAGS = 12_000, 4_000
SHORT_PERMILLE, HEAVY_PERMILLE, DAMAGES_PERMILLE, REBATE_PERMILLE = 920, 1006, 50, 30
PERMILLE = 1000
KG_PER_T, MFEN_PER_FEN = 1000, 1000
DISPUTED_UNTIL = timedelta(hours=49)


class Trouble(Enum):
    NONE = auto()
    SHORT = auto()
    OFF_SPECIFICATION = auto()
    HEAVY = auto()


TROUBLES = (Trouble.SHORT, Trouble.OFF_SPECIFICATION, Trouble.HEAVY)


@dataclass(frozen=True, slots=True)
class Load:
    """What a supplier brings at once of a line: the bags of each lot."""

    agreement: FrameworkAgreement
    number: str
    lots: tuple[int, ...]
    trouble: Trouble

    @property
    def ticket_kg(self) -> int:
        return sum(self.lots) * self.agreement.bag_kg


def order(board: Board, people: People, book: RoundBook, round_id: UUID) -> None:
    """Each firm's order is made of the award and signed by it. What resin must keep to is laid down."""
    with board.step("orders made of the award and signed") as said:
        for grade_code, least in book.least_viscosity.items():
            people.act(
                FIRST,
                limit_set,
                material_id=people.index.materials[grade_code],
                property=Property.VISCOSITY_NUMBER.value,
                method=METHOD,
                least=Decimal(least),
            )
        people.act_now(FIRST, orders_make, round_id=round_id)
        made = people.rows(FIRST, _orders(round_id))
        for row in made:
            people.act_now(owner_of(row.firm.code), order_sign, order_id=row.pk, contract_number=f"HT-{row.number}")
        said.append(str(len(made)))


def deliver(board: Board, people: People, book: RoundBook, round_id: UUID) -> None:
    """Loads come, are weighed, judged and shared; what is wrong with them is claimed and settled."""
    with board.step("resin delivered and weighed") as said:
        people.the_time_is(local_midnight(book.window[0]))
        loads = people.rows(FIRST, _loads(round_id))
        brought = [(load, _brought(people, book, load)) for load in loads]
        said.append(f"{len(loads)} loads")
    with board.step("weights settled, lots judged and shared") as said:
        people.the_time_is(people.read(FIRST, business_now) + DISPUTED_UNTIL)
        for load, delivery in brought:
            people.act_now(FIRST, delivery_settle, delivery_id=delivery.pk)
            _judge(people, load, delivery)
            people.act_now(FIRST, delivery_share, delivery_id=delivery.pk)
        parts = Part.objects.filter(order__line__round=round_id)
        said.append(f"{people.read(FIRST, parts.count)} parts of lots")
    with board.step("claims settled, deliveries ended") as said:
        said.append(f"{_claims(people, round_id)} claims")
        people.act_now(FIRST, deliveries_end, round_id=round_id)


def _orders(round_id: UUID) -> QuerySet[FirmOrder]:
    rows = FirmOrder.objects.filter(line__round=round_id).select_related("firm", "agreement")
    return rows.order_by("line__number", "supplier__code", "firm__code")


def _loads(round_id: UUID) -> Iterator[Load]:
    """Of the largest agreements each has one trouble, in its last load."""
    agreements = list(
        FrameworkAgreement.objects.filter(line__round=round_id)
        .select_related("line", "supplier", "material", "award_line")
        .order_by("-award_line__kg", "line__number", "supplier__code")
    )
    troubles = dict(zip((row.pk for row in agreements), TROUBLES, strict=False))
    for row in agreements:
        sizes = list(_pieces(row.award_line.kg // row.bag_kg, LOAD_BAGS))
        for at, bags in enumerate(sizes, start=1):
            trouble = troubles.get(row.pk, Trouble.NONE) if at == len(sizes) else Trouble.NONE
            brought = bags * SHORT_PERMILLE // PERMILLE if trouble is Trouble.SHORT else bags
            number = f"{row.material.code}-{row.supplier.code}-{at}"
            yield Load(row, number, tuple(_pieces(brought, LOT_BAGS)), trouble)


def _pieces(whole: int, most: int) -> Iterator[int]:
    """Nearly equal parts, none above the most."""
    count = -(-whole // most)
    for at in range(count):
        yield whole * (at + 1) // count - whole * at // count


def _brought(people: People, book: RoundBook, load: Load) -> Delivery:
    """Announced with a certificate for each lot, and weighed at the park's bridge."""
    agreement, head = load.agreement, head_of(load.agreement.supplier.code)
    lots = tuple(
        LotDraft(f"{load.number}/{at}", bags, produced_on=book.window[0] - timedelta(days=10))
        for at, bags in enumerate(load.lots, start=1)
    )
    draft = DeliveryDraft(load.number, book.window[0], load.ticket_kg, lots)
    delivery = people.act_now(head, delivery_announce, agreement_id=agreement.pk, draft=draft)
    least = Decimal(book.least_viscosity[agreement.material.code])
    for lot in people.rows(head, _lots(delivery)):
        is_wrong = load.trouble is Trouble.OFF_SPECIFICATION and lot.lot_number == lots[-1].lot_number
        value = ValueDraft(Property.VISCOSITY_NUMBER.value, least + (-100 if is_wrong else 150), "ml/g", METHOD)
        people.act(head, certificate_put, lot_id=lot.pk, values=(value,))
    net_kg = load.ticket_kg * HEAVY_PERMILLE // PERMILLE if load.trouble is Trouble.HEAVY else load.ticket_kg
    return people.act_now(
        FIRST,
        delivery_weigh,
        delivery_id=delivery.pk,
        gross_kg=net_kg + TRUCK_TARE_KG,
        tare_kg=TRUCK_TARE_KG,
        ticket_number=f"W-{load.number}",
    )


def _lots(delivery: Delivery) -> QuerySet[DeliveryLot]:
    return DeliveryLot.objects.filter(delivery=delivery).order_by("lot_number")


def _judge(people: People, load: Load, delivery: Delivery) -> None:
    """The last lot of the wrong load is taken by concession of every second firm that was asked; all else released."""
    lots = people.rows(FIRST, _lots(delivery))
    wrong = lots[-1:] if load.trouble is Trouble.OFF_SPECIFICATION else []
    for lot in wrong:
        reason = "粘数低于要求"
        people.act(FIRST, concession_ask, lot_id=lot.pk, reason=reason)
        rows = Concession.objects.filter(lot=lot).select_related("firm").order_by("firm__code")
        for at, row in enumerate(people.rows(FIRST, rows)):
            answer = concession_decline if at % 2 else concession_agree
            people.act_now(owner_of(row.firm.code), answer, concession_id=row.pk)
        people.act_now(FIRST, lot_concede, lot_id=lot.pk, reason=reason)
    for lot in lots[: len(lots) - len(wrong)]:
        people.act_now(FIRST, lot_release, lot_id=lot.pk)


def _claims(people: People, round_id: UUID) -> int:
    """For what was ordered and did not come, and for what was taken by concession; the association settles them."""
    for row in people.rows(FIRST, _orders(round_id)):
        owner = owner_of(row.firm.code)
        parts = Part.objects.filter(order=row)
        bags = sum(people.rows(owner, parts.values_list("bags", flat=True)))
        lacking = row.kg - bags * row.agreement.bag_kg
        if lacking > 0:
            draft = _claim(row, ClaimKind.SHORT, lacking, DAMAGES_PERMILLE, "少交")
            people.act(owner, claim_open, order_id=row.pk, draft=draft)
        conceded = parts.filter(conceded=True)
        for part in people.rows(owner, conceded):
            draft = _claim(row, ClaimKind.OFF_SPECIFICATION, part.kg, REBATE_PERMILLE, "让步接收")
            people.act(owner, claim_open, order_id=row.pk, draft=draft, lot_part_id=part.pk)
    claims = people.rows(FIRST, Claim.objects.filter(round_id=round_id).order_by("pk"))
    for claim in claims:
        people.act_now(FIRST, claim_settle, claim_id=claim.pk, settled_fen=claim.amount_fen, answer="供应商认可")
    return len(claims)


def _claim(row: FirmOrder, kind: ClaimKind, kg: int, permille: int, reason: str) -> ClaimDraft:
    worth_fen = kg * row.price_mfen_per_t // (KG_PER_T * MFEN_PER_FEN)
    return ClaimDraft(kind.value, kg, worth_fen * permille // PERMILLE, reason)
