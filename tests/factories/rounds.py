"""A round of pooled buying whose quotations are opened: firms with locked commitments, suppliers with their prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mes.catalog.models import Material
from mes.core.actors import Actor
from mes.core.ids import new_id
from mes.firms.authentication import actor_of_user
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import DeclaredInterest, Firm
from procurement.quotations.models import (
    OpeningConsent,
    PriceBreak,
    Quotation,
    QuotationLine,
    SupplierDiscount,
    Tender,
    TenderInvitation,
    TenderLine,
)
from procurement.rounds.choices import Silence
from procurement.rounds.models import Commitment, CommitmentReserve, DemandSnapshot, LockedCommitment, Round, RoundLine
from tests.database import as_owner
from tests.factories.park import MONDAY, a_firm, user_of
from tests.rounds.work import the_time_is

T = 1000
SPOT = 1_200_000


@dataclass(frozen=True)
class Want:
    """A firm's commitment, in t. `least_t` and `most_t` None: as much as it wants."""

    firm: str
    wanted_t: int
    material: str = "PE1"
    least_t: int | None = None
    most_t: int | None = None
    reserve: int | None = None
    approved: tuple[str, ...] = ()
    priority: int = 2
    silence: str = Silence.ACCEPT


@dataclass(frozen=True)
class Quote:
    """A supplier's line, delivered without VAT. `breaks`: (from t, fen per t)."""

    supplier: str
    breaks: tuple[tuple[int, int], ...] = ((0, 1_000_000),)
    material: str = "PE1"
    capacity_t: int = 100
    least_t: int = 0
    kind: str = "all_units"


USUAL_WANTS = (
    Want("F01", 30, most_t=36), Want("F02", 20), Want("F03", 5, least_t=4, reserve=1_100_000), Want("F04", 10),
    Want("F05", 8), Want("F06", 7, silence=Silence.OPT_OUT), Want("F01", 12, "PE2"), Want("F03", 8, "PE2"),
)  # fmt: skip
USUAL_QUOTES = (
    Quote("S1", ((0, 1_010_000), (30, 980_000)), capacity_t=60, least_t=5),
    Quote("S2", ((0, 1_000_000), (20, 990_000)), capacity_t=50, kind="incremental"),
    Quote("S1", ((0, 1_300_000),), "PE2", capacity_t=20),
    Quote("S2", ((0, 1_310_000),), "PE2", capacity_t=20),
)


@dataclass
class OpenedRound:
    """Rows by business keys."""

    row: Round
    opened_at: datetime = MONDAY
    lines: dict[str, RoundLine] = field(default_factory=dict)
    firms: dict[str, Firm] = field(default_factory=dict)
    commitments: dict[tuple[str, str], Commitment] = field(default_factory=dict)

    @property
    def pk(self) -> UUID:
        return self.row.pk

    def again(self) -> Round:
        with as_owner():
            return Round.objects.get(pk=self.row.pk)

    def buyer(self, code: str) -> Actor:
        return actor_of_user(user_of(self.firms[code], Role.BUYER))


def an_officer(name: str = "officer") -> Actor:
    """One of the association's round officers."""
    return actor_of_user(user_of(None, Role.ROUND_OFFICER, username=name))


def with_interest(name: str, firm: Firm) -> Actor:
    """An officer who has declared an interest in the firm."""
    user = user_of(None, Role.ROUND_OFFICER, username=name)
    with as_owner():
        DeclaredInterest.objects.create(user=user, firm=firm, since=MONDAY)
    return actor_of_user(user)


def an_opened_round(
    wants: Sequence[Want] = USUAL_WANTS,
    quotes: Sequence[Quote] = USUAL_QUOTES,
    *,
    discounts: Mapping[str, tuple[int, int]] | None = None,
    terms: Mapping[str, Any] | None = None,
    code: str = "R1",
    opened_at: datetime = MONDAY,
) -> OpenedRound:
    """As the freeze and the opening leave it. `discounts`: by supplier, (from t of all, per mille). `terms`: of all
    quotations. The business clock stands at `opened_at` afterwards.
    """
    the_time_is(opened_at - timedelta(days=10))
    firms = {want.firm: a_firm(want.firm) for want in wants}
    firms |= {
        key: a_firm(key, status=FirmStatus.SUPPLIER) for key in sorted({q.supplier for q in quotes} | _approved(wants))
    }
    with as_owner():
        found = OpenedRound(_collecting(code, opened_at), opened_at, firms=firms)
        _lines(found, wants, quotes)
        for want in wants:
            _commitment(found, want)
    the_time_is(opened_at - timedelta(days=7))
    with as_owner():
        for line in found.lines.values():
            _frozen(line, opened_at)
        _to(found.row, "frozen", "tendering")
        tender = _tender(found)
        for supplier in sorted({quote.supplier for quote in quotes}):
            row = _quotation(found, tender, supplier, terms or {})
            _quoted(found, row, [quote for quote in quotes if quote.supplier == supplier])
            if supplier in (discounts or {}):
                _discount(row, *(discounts or {})[supplier])
            Quotation.objects.filter(pk=row.pk).update(
                status="sealed", sealed_at=opened_at - timedelta(days=5), sealed_sha256="0"
            )
    the_time_is(opened_at)
    with as_owner():
        _open(found, tender)
    return found


def _approved(wants: Sequence[Want]) -> set[str]:
    return {code for want in wants for code in want.approved}


def _collecting(code: str, opened_at: datetime) -> Round:
    return Round.objects.create(
        code=code,
        title="三月树脂",
        status="collecting",
        firming_at=opened_at - timedelta(days=9),
        demand_closes_at=opened_at - timedelta(days=8),
        quotations_close_at=opened_at - timedelta(days=1),
    )


def _lines(found: OpenedRound, wants: Sequence[Want], quotes: Sequence[Quote]) -> None:
    day = found.opened_at.date() + timedelta(days=20)
    codes = {want.material for want in wants} | {quote.material for quote in quotes}
    for number, code in enumerate(sorted(codes), start=1):
        material, _new = Material.objects.get_or_create(code=code, defaults={"kind": "resin"})
        found.lines[code] = RoundLine.objects.create(
            round=found.row, number=number, material=material, window_from=day, window_to=day,
            spot_fen_per_t=SPOT if number == 1 else SPOT + 300_000,
        )  # fmt: skip


def _commitment(found: OpenedRound, want: Want) -> None:
    firm = found.firms[want.firm]
    row = Commitment.objects.create(
        firm=firm,
        line=found.lines[want.material],
        least_kg=(want.wanted_t if want.least_t is None else want.least_t) * T,
        wanted_kg=want.wanted_t * T,
        most_kg=(want.most_t or want.wanted_t) * T,
        priority=want.priority,
        approved_suppliers=[found.firms[code].pk for code in want.approved],
        silence=want.silence,
    )
    found.commitments[want.firm, want.material] = row
    if want.reserve is not None:
        CommitmentReserve.objects.create(firm=firm, commitment=row, reserve_fen_per_t=want.reserve)


def _frozen(line: RoundLine, opened_at: datetime) -> None:
    rows = list(Commitment.objects.filter(line=line).order_by("firm__code").select_related("firm"))
    if not rows:
        return
    snapshot = DemandSnapshot.objects.create(
        line=line,
        firms=len(rows),
        least_kg=sum(row.least_kg for row in rows),
        wanted_kg=sum(row.wanted_kg for row in rows),
        most_kg=sum(row.most_kg for row in rows),
        sha256="0" * 64,
        frozen_at=opened_at - timedelta(days=7),
    )
    for row in rows:
        LockedCommitment.objects.create(
            firm_id=row.firm_id, snapshot=snapshot, commitment=row, least_kg=row.least_kg, wanted_kg=row.wanted_kg,
            most_kg=row.most_kg, priority=row.priority, approved_suppliers=row.approved_suppliers, silence=row.silence,
            tie=f"{row.firm.code}-tie",
        )  # fmt: skip


def _tender(found: OpenedRound) -> Tender:
    tender = Tender.objects.create(
        round=found.row,
        code=found.row.code,
        published_at=found.opened_at - timedelta(days=6),
        closes_at=found.opened_at - timedelta(days=1),
    )
    demand = DemandSnapshot.objects.in_bulk([line.pk for line in found.lines.values()], field_name="line_id")
    for code, line in found.lines.items():
        of_line = demand.get(line.pk)
        TenderLine.objects.create(
            tender=tender, line=line, number=line.number, material_code=code, window_from=line.window_from,
            window_to=line.window_to, bag_kg=line.bag_kg, wanted_kg=of_line.wanted_kg if of_line else 1,
            most_kg=of_line.most_kg if of_line else 1,
        )  # fmt: skip
    return tender


def _quotation(found: OpenedRound, tender: Tender, supplier: str, terms: Mapping[str, Any]) -> Quotation:
    firm = found.firms[supplier]
    TenderInvitation.objects.create(tender=tender, supplier=firm)
    usual = {"valid_until": found.opened_at.date() + timedelta(days=60), "with_vat": False, "basis": "delivered"}
    return Quotation.objects.create(supplier=firm, tender=tender, tender_revision=1, **{**usual, **terms})


def _quoted(found: OpenedRound, row: Quotation, quotes: Sequence[Quote]) -> None:
    for quote in quotes:
        line = QuotationLine.objects.create(
            supplier_id=row.supplier_id,
            quotation=row,
            line=found.lines[quote.material].tender_line,
            capacity_kg=quote.capacity_t * T,
            least_kg=quote.least_t * T,
            kind=quote.kind,
        )
        for from_t, price in quote.breaks:
            PriceBreak.objects.create(supplier_id=row.supplier_id, line=line, from_kg=from_t * T, price_fen_per_t=price)


def _discount(row: Quotation, from_t: int, permille: int) -> None:
    SupplierDiscount.objects.create(supplier_id=row.supplier_id, quotation=row, from_kg=from_t * T, permille=permille)


def _open(found: OpenedRound, tender: Tender) -> None:
    for _officer in range(2):
        OpeningConsent.objects.create(tender=tender, officer_id=new_id(), at=found.opened_at)
    Tender.objects.filter(pk=tender.pk).update(opened_at=found.opened_at)
    Quotation.objects.filter(tender=tender).update(status="opened", opened_at=found.opened_at)
    _to(found.row, "opened")


def _to(row: Round, *statuses: str) -> None:
    for status in statuses:
        Round.objects.filter(pk=row.pk).update(status=status)
