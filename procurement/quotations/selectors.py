"""Reads of requests and quotations: a supplier's own, and what an officer compares once it is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from procurement.award.pricing import cost_mfen
from procurement.award.problem import Break, BreakKind
from procurement.award.problem import Quotation as Offer
from procurement.benchmarks.selectors import SaidPrice, normalised_fen_per_t
from procurement.quotations.choices import DeliveryBasis
from procurement.quotations.models import (
    PriceBreak,
    Quotation,
    QuotationLine,
    SupplierDiscount,
    Tender,
    TenderInvitation,
    TenderLine,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of an opened quotation. `offered_kg`: the most of the wanted that is offered, in the line's multiples.

    Fen per t without VAT, delivered, cash, without the supplier's discounts over all lines; None where nothing is
    offered of so much.
    """

    line: TenderLine
    quotation: Quotation
    offered_kg: int
    normalised_fen_per_t: int | None


def tenders_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, updated_since: datetime | None = None
) -> list[Tender]:
    """The requests to which the supplier was invited, by time and key."""
    rows = changed_since(_invited(actor), kind="tender", firm_id=actor.firm_id, since=updated_since)
    return page_after(rows, by="created_at", after=after, limit=limit)


def tender_get(*, actor: Actor, tender_id: UUID) -> Tender:
    """One of them. Raises NotFound, NotPermitted."""
    row = _invited(actor).filter(pk=tender_id).first()
    if row is None:
        raise NotFound
    return row


def quotation_get(*, actor: Actor, tender_id: UUID) -> Quotation:
    """The supplier's own, with its lines, breaks and discounts. Raises NotFound, NotPermitted."""
    if actor.firm_id is None:
        raise NotPermitted
    lines = QuotationLine.objects.select_related("line").order_by("line__number")
    row = (
        Quotation.objects.filter(tender_id=tender_id, supplier_id=actor.firm_id)
        .select_related("tender")
        .prefetch_related(
            Prefetch("lines", lines),
            Prefetch("lines__breaks", PriceBreak.objects.order_by("from_kg")),
            Prefetch("discounts", SupplierDiscount.objects.order_by("from_kg")),
        )
        .first()
    )
    if row is None:
        raise NotFound
    return row


def comparison(*, tender_id: UUID) -> list[Compared]:
    """What is open of a request, by line and price, as the reader sees it: nothing before the opening."""
    found = []
    lines = QuotationLine.objects.filter(quotation__tender_id=tender_id, opened_at__isnull=False)
    for row in lines.select_related("line", "quotation__supplier", "quotation__tender").prefetch_related("breaks"):
        offered_kg = min(row.capacity_kg, row.line.wanted_kg) // row.multiple_kg * row.multiple_kg
        price = priced(row, kg=offered_kg, interest_permille=row.quotation.tender.interest_permille)
        found.append(Compared(row.line, row.quotation, offered_kg, price))
    return sorted(
        found,
        key=lambda item: (
            item.line.number,
            item.normalised_fen_per_t is None,
            item.normalised_fen_per_t or 0,
            item.quotation.supplier.code,
        ),
    )


def priced(row: QuotationLine, *, kg: int, interest_permille: int) -> int | None:
    """Fen per t on average for so many kg, without VAT, delivered, cash; None where so much is not offered."""
    offer = normalised_offer(row, interest_permille=interest_permille)
    cost = cost_mfen(offer, 0, kg) if kg else None
    return None if cost is None else (2 * cost + kg) // (2 * kg)


def normalised_offer(row: QuotationLine, *, interest_permille: int) -> Offer:
    """The line as the award takes it: each break's price without VAT, delivered, cash."""
    terms = row.quotation
    kind: BreakKind = "incremental" if row.kind == "incremental" else "all_units"
    return Offer(
        supplier=str(terms.supplier_id),
        line=str(row.line_id),
        capacity_kg=row.capacity_kg,
        breaks=tuple(
            Break(found.from_kg, normalised(terms, found.price_fen_per_t, interest_permille=interest_permille))
            for found in sorted(row.breaks.all(), key=lambda item: item.from_kg)
        ),
        least_kg=row.least_kg,
        lot_kg=row.multiple_kg,
        kind=kind,
    )


def normalised(terms: Quotation, price_fen_per_t: int, *, interest_permille: int) -> int:
    """A price of a quotation without VAT, delivered, cash, in fen per t, as market quotes are made comparable."""
    return normalised_fen_per_t(
        SaidPrice(
            price_fen_per_t=price_fen_per_t,
            with_vat=terms.with_vat,
            vat_permille=terms.vat_permille,
            delivered=terms.basis == DeliveryBasis.DELIVERED,
            freight_fen_per_t=terms.freight_fen_per_t,
            payment_days=terms.payment_days,
            interest_permille=interest_permille,
        )
    )


def _invited(actor: Actor) -> QuerySet[Tender]:
    if actor.firm_id is None:
        raise NotPermitted
    invitations = TenderInvitation.objects.filter(supplier_id=actor.firm_id)
    lines = TenderLine.objects.order_by("number")
    return Tender.objects.filter(pk__in=invitations.values("tender_id")).prefetch_related(Prefetch("lines", lines))
