"""What each part of a round's lots cost in the end, from invoices, ledger, deposits and claims.

Under a role that sees all firms of the round. What a firm paid as a whole goes to its parts by kg, to the fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from procurement.quotations.models import Tender
from procurement.savings.selectors.landed import Landed, financing_fen
from procurement.settlement.choices import Account, FeeKind, InvoiceStatus, PostingKind
from procurement.settlement.models import Deposit, InvoiceLine, LedgerEntry
from procurement.settlement.selectors.amounts import split_fen
from procurement.supply.choices import ClaimKind, ClaimStatus
from procurement.supply.models import Claim

Costs = defaultdict[UUID, int]


def invoiced_parts(round_id: UUID) -> list[InvoiceLine]:
    """The lines of settled invoices with their parts, in an order that nobody chooses."""
    lines = InvoiceLine.objects.filter(invoice__round_id=round_id, invoice__status=InvoiceStatus.SETTLED, live=True)
    related = ("part__order__line__benchmark", "part__order__allocation__share")
    return list(lines.select_related(*related).order_by("part_id"))


def landed_of(lines: list[InvoiceLine], round_id: UUID, now: datetime) -> dict[UUID, Landed]:
    """By the part's key."""
    freight, fees, balancing = _ledger(lines, round_id)
    financing = _financing(lines, round_id, now)
    claims, rebates = _claims(lines, round_id)
    return {
        line.part_id: Landed(
            kg=line.part.kg,
            net_fen=line.net_fen,
            balancing_fen=balancing[line.part_id],
            freight_fen=freight[line.part_id],
            fee_fen=fees[line.part_id],
            financing_fen=financing[line.part_id],
            claims_fen=claims[line.part_id],
            rebates_fen=rebates[line.part_id],
        )
        for line in lines
    }


def _ledger(lines: list[InvoiceLine], round_id: UUID) -> tuple[Costs, Costs, Costs]:
    """Freight, other fees, and what was paid so that all pay one price."""
    freight, fees, balancing = Costs(int), Costs(int), Costs(int)
    entries = LedgerEntry.objects.filter(posting__round_id=round_id)
    booked = entries.filter(posting__kind=PostingKind.FEE, account=Account.FEES)
    for firm_id, kind, fen in booked.values_list("firm_id", "posting__note").annotate(fen=Sum("fen")):
        _spread(fen, (x for x in lines if x.firm_id == firm_id), freight if kind == FeeKind.FREIGHT else fees)
    evened = entries.filter(posting__kind=PostingKind.BALANCING, account=Account.GOODS)
    for firm_id, key, fen in evened.values_list("firm_id", "posting__key", "fen"):
        its = (x for x in lines if x.firm_id == firm_id and key.endswith(str(x.part.order.line_id)))
        _spread(fen, (x for x in its if x.part.order.allocation_id), balancing)
    return freight, fees, balancing


def _financing(lines: list[InvoiceLine], round_id: UUID, now: datetime) -> Costs:
    """A deposit costs the interest that the request named for a year of credit, for the days that it was held."""
    interest = Tender.objects.filter(round_id=round_id).values_list("interest_permille", flat=True).first() or 0
    costs = Costs(int)
    for row in Deposit.objects.filter(order__line__round_id=round_id).order_by("pk"):
        days = ((row.ended_at or now) - row.held_at).days
        cost = financing_fen(deposit_fen=row.fen, days=days, interest_permille=interest)
        _spread(cost, (x for x in lines if x.part.order_id == row.order_id), costs)
    return costs


def _claims(lines: list[InvoiceLine], round_id: UUID) -> tuple[Costs, Costs]:
    """What bad quality cost, claimed and not withdrawn; what suppliers gave back for whatever reason."""
    claims, rebates = Costs(int), Costs(int)
    rows = Claim.objects.filter(round_id=round_id, firm__isnull=False).exclude(status=ClaimStatus.WITHDRAWN)
    for row in rows.order_by("pk"):
        its = [x for x in lines if row.lot_part_id in {None, x.part_id} and x.part.order_id == row.order_id]
        if row.kind == ClaimKind.OFF_SPECIFICATION:
            _spread(row.amount_fen, its, claims)
        _spread(row.settled_fen or 0, its, rebates)
    return claims, rebates


def _spread(fen: int, lines: Iterable[InvoiceLine], costs: Costs) -> None:
    """What no invoiced part bears, stays with the round."""
    its = list(lines)
    if its:
        for line, share in zip(its, split_fen(fen, [line.part.kg for line in its]), strict=True):
            costs[line.part_id] += share
