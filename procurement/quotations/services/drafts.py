"""A quotation as a supplier writes it, and the rules that it keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from mes.core.bounds import is_plausible
from procurement.quotations.choices import BreakKind, DeliveryBasis
from procurement.quotations.errors import QuotationFault as Fault
from procurement.quotations.models import MOST_DAYS, MOST_PERMILLE, Tender, TenderLine
from procurement.rounds.models import MOST_FEN_PER_T, MOST_KG, WHOLE_PERMILLE

MOST_BREAKS = 20
MOST_DISCOUNTS = 20


@dataclass(frozen=True, slots=True)
class BreakDraft:
    """The price from so many kg of the line on."""

    from_kg: int
    price_fen_per_t: int


@dataclass(frozen=True, slots=True)
class DiscountDraft:
    """Off each price, from so many kg of all lines on."""

    from_kg: int
    permille: int


@dataclass(frozen=True, slots=True)
class LineDraft:
    """`line`: the number of the request's line. Nothing is sold, or a multiple of `multiple_kg` from the least on."""

    line: int
    capacity_kg: int
    least_kg: int
    multiple_kg: int
    kind: str
    breaks: tuple[BreakDraft, ...]


@dataclass(frozen=True, slots=True)
class QuotationDraft:
    """All terms are said, none is assumed. `capacity_kg` None: no limit but the lines' own.

    `freight_fen_per_t`: without VAT, 0 where the price is a delivered one.
    """

    valid_until: date
    payment_days: int
    with_vat: bool
    vat_permille: int
    basis: str
    freight_fen_per_t: int
    capacity_kg: int | None
    lines: tuple[LineDraft, ...]
    discounts: tuple[DiscountDraft, ...] = ()


def least_validity(tender: Tender) -> date:
    """The day until which firms may still confirm what is awarded: a quotation holds longer."""
    return localdate(tender.closes_at + timedelta(hours=tender.confirm_within_h))


def faults_of(
    draft: QuotationDraft, *, tender: Tender, lines: Mapping[int, TenderLine], qualified: Collection[str]
) -> Iterator[Fault]:
    """What is wrong with a quotation. `lines` of the request by number; `qualified`: for which materials' codes."""
    yield from _faults_of_terms(draft, tender)
    if not draft.lines:
        yield Fault("/lines", _("At least one line is quoted."))
    seen: set[int] = set()
    for place, line in enumerate(draft.lines):
        at = f"/lines/{place}"
        asked = lines.get(line.line)
        if asked is None:
            yield Fault(f"{at}/line", _("The request has no such line."))
            continue
        if line.line in seen:
            yield Fault(f"{at}/line", _("The line is quoted twice."))
        seen.add(line.line)
        if asked.material_code not in qualified:
            yield Fault(f"{at}/line", _("You are not qualified for this material."))
        yield from _faults_of_line(line, asked.bag_kg, at)
        yield from _faults_of_breaks(line, at)
    yield from _faults_of_discounts(draft)


def _faults_of_terms(draft: QuotationDraft, tender: Tender) -> Iterator[Fault]:
    if not is_plausible(draft.valid_until) or draft.valid_until <= least_validity(tender):
        wanted = least_validity(tender).isoformat()
        yield Fault("/valid_until", _("A quotation holds beyond %(day)s.") % {"day": wanted})
    if draft.basis not in DeliveryBasis.values:
        yield Fault("/basis", _("delivered or ex_works is wanted."))
    elif draft.basis == DeliveryBasis.DELIVERED and draft.freight_fen_per_t:
        yield Fault("/freight_fen_per_t", _("A delivered price has no freight on top."))
    whole = {
        "payment_days": (draft.payment_days, 0, MOST_DAYS),
        "vat_permille": (draft.vat_permille, 0, MOST_PERMILLE),
        "freight_fen_per_t": (draft.freight_fen_per_t, 0, MOST_FEN_PER_T),
    }
    for name, (value, least, most) in whole.items():
        yield from _out_of_range(f"/{name}", value, least, most)
    if draft.capacity_kg is not None:
        yield from _out_of_range("/capacity_kg", draft.capacity_kg, 1, MOST_KG)


def _faults_of_line(line: LineDraft, bag_kg: int, at: str) -> Iterator[Fault]:
    yield from _out_of_range(f"{at}/capacity_kg", line.capacity_kg, 1, MOST_KG)
    yield from _out_of_range(f"{at}/least_kg", line.least_kg, 0, MOST_KG)
    if line.capacity_kg < line.least_kg:
        yield Fault(f"{at}/capacity_kg", _("The capacity is below the least quantity."))
    if line.multiple_kg < 1 or line.multiple_kg % bag_kg:
        yield Fault(f"{at}/multiple_kg", _("Multiples of the bag of %(bag)s kg are wanted.") % {"bag": bag_kg})
    elif line.multiple_kg > line.capacity_kg:
        yield Fault(f"{at}/multiple_kg", _("The capacity is below one multiple."))
    if line.kind not in BreakKind.values:
        yield Fault(f"{at}/kind", _("all_units or incremental is wanted."))


def _faults_of_breaks(line: LineDraft, at: str) -> Iterator[Fault]:
    if not 1 <= len(line.breaks) <= MOST_BREAKS:
        yield Fault(f"{at}/breaks", _("From 1 to %(most)s price breaks are wanted.") % {"most": MOST_BREAKS})
    for place, found in enumerate(line.breaks):
        here = f"{at}/breaks/{place}"
        yield from _out_of_range(f"{here}/price_fen_per_t", found.price_fen_per_t, 1, MOST_FEN_PER_T)
        yield from _out_of_range(f"{here}/from_kg", found.from_kg, 0, MOST_KG)
        if found.from_kg > line.capacity_kg:
            yield Fault(f"{here}/from_kg", _("The break begins above the capacity."))
        if place == 0:
            if 0 < found.from_kg < line.least_kg:
                yield Fault(f"{here}/from_kg", _("The first break begins at 0 or at the least quantity."))
            continue
        before = line.breaks[place - 1]
        if found.from_kg <= before.from_kg:
            yield Fault(f"{here}/from_kg", _("Each break begins above the one before."))
        if found.price_fen_per_t > before.price_fen_per_t:
            yield Fault(f"{here}/price_fen_per_t", _("The price of a larger quantity is not higher."))


def _faults_of_discounts(draft: QuotationDraft) -> Iterator[Fault]:
    if len(draft.discounts) > MOST_DISCOUNTS:
        yield Fault("/discounts", _("At most %(most)s discounts are taken.") % {"most": MOST_DISCOUNTS})
    for place, found in enumerate(draft.discounts):
        at = f"/discounts/{place}"
        yield from _out_of_range(f"{at}/from_kg", found.from_kg, 1, MOST_KG)
        yield from _out_of_range(f"{at}/permille", found.permille, 1, WHOLE_PERMILLE - 1)
        if place and found.from_kg <= draft.discounts[place - 1].from_kg:
            yield Fault(f"{at}/from_kg", _("Each discount begins above the one before."))
        if place and found.permille < draft.discounts[place - 1].permille:
            yield Fault(f"{at}/permille", _("The discount of a larger quantity is not smaller."))


def _out_of_range(pointer: str, value: int, least: int, most: int) -> Iterator[Fault]:
    if not least <= value <= most:
        yield Fault(pointer, _("A whole number from %(least)s to %(most)s is wanted.") % {"least": least, "most": most})
