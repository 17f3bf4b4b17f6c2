"""Sums of a round's ledger and what they must agree with. Under a role that sees all firms of the round."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from procurement.settlement.choices import Account, InvoiceStatus, PostingKind
from procurement.settlement.models import Fee, Invoice, LedgerEntry
from procurement.supply.models import LotAllocation


@dataclass(frozen=True, slots=True)
class LedgerSums:
    """In fen; each is 0 in a ledger that is right.

    `entries`: of all. `fees`: passed on less what the association paid. `balancing`: what firms paid each other so
    that all pay one price. `invoices`: what was booked as owed for them less what they say.
    """

    entries: int
    fees: int
    balancing: int
    invoices: int

    @property
    def are_zero(self) -> bool:
        return (self.entries, self.fees, self.balancing, self.invoices) == (0, 0, 0, 0)


def ledger_sums(round_id: UUID) -> LedgerSums:
    """Read from the entries, never kept."""
    entries = LedgerEntry.objects.filter(posting__round_id=round_id)
    # A reversal counts with what it reverses.
    by_kind: dict[tuple[str, str], int] = {}
    told = entries.values_list("posting__kind", "posting__reverses__kind", "account").annotate(fen=Sum("fen"))
    for kind, reversed_kind, account, fen in told:
        key = (reversed_kind or kind, account)
        by_kind[key] = by_kind.get(key, 0) + fen
    invoices = Invoice.objects.filter(round_id=round_id, status=InvoiceStatus.SETTLED)
    return LedgerSums(
        entries=sum(by_kind.values()),
        fees=by_kind.get((PostingKind.FEE, Account.FEES), 0) - _sum(Fee.objects.filter(round_id=round_id), "fen"),
        balancing=by_kind.get((PostingKind.BALANCING, Account.ASSOCIATION), 0),
        invoices=by_kind.get((PostingKind.INVOICE, Account.PAYABLE), 0) + _sum(invoices, "gross_fen"),
    )


def accepted_kg(round_id: UUID) -> dict[UUID, int]:
    """What each firm has got of a round, by the firm's key, in its order: no firm chooses its key."""
    rows = LotAllocation.objects.filter(order__line__round_id=round_id).values("firm_id")
    return dict(rows.annotate(all_kg=Sum("kg")).order_by("firm_id").values_list("firm_id", "all_kg"))


def _sum(rows: object, name: str) -> int:
    return rows.aggregate(whole=Sum(name))["whole"] or 0  # type: ignore[attr-defined]
