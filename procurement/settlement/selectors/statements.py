"""A firm's statement of a round: what it got, what was invoiced, what its ledger says. Under the firm's own wall."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.firms.models import Firm
from procurement.rounds.models import Round
from procurement.settlement.choices import Account, PostingKind
from procurement.settlement.models import Deposit, InvoiceLine, LedgerEntry
from procurement.supply.models import LotAllocation


@dataclass(frozen=True, slots=True)
class Lot:
    """A part of a lot. `price_mfen_per_t`: the supplier's, without VAT; its invoice is None before it came."""

    part: LotAllocation
    price_mfen_per_t: int
    line: InvoiceLine | None


@dataclass(frozen=True, slots=True)
class Owed:
    """To a supplier (its code), after deposits and claims. Positive: the firm owes it."""

    supplier: str
    fen: int


@dataclass(frozen=True, slots=True)
class Passed:
    """A fee's kind, and the firm's part of it."""

    kind: str
    fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Amounts in fen. `goods_fen` holds `balancing_fen`, what was paid or got back so that all pay one price, and less
    what suppliers gave for claims. `association_fen`: owed to the association for fees and balancing.
    """

    firm: Firm
    round: Round
    lots: tuple[Lot, ...]
    goods_fen: int
    balancing_fen: int
    claims_fen: int
    rounding_fen: int
    input_vat_fen: int
    fees: tuple[Passed, ...]
    suppliers: tuple[Owed, ...]
    association_fen: int
    deposits: tuple[Deposit, ...]

    @property
    def kg(self) -> int:
        return sum(lot.part.kg for lot in self.lots)


def statement_get(*, actor: Actor, round_id: UUID) -> Statement:
    """Empty where the firm has got nothing of the round. Raises NotFound, NotPermitted for who has no firm."""
    if actor.firm_id is None:
        raise NotPermitted
    row = Round.objects.filter(pk=round_id).first()
    parts = list(
        LotAllocation.objects.filter(firm_id=actor.firm_id, order__line__round_id=round_id)
        .select_related("order__supplier", "order__line__material")
        .order_by("order__line__number", "order__supplier__code", "pk")
    )
    if row is None:
        raise NotFound
    lines = InvoiceLine.objects.filter(part__in=parts, live=True).select_related("invoice")
    invoiced = {line.part_id: line for line in lines}
    sums, suppliers, fees, evened, claims = _ledger(actor.firm_id, round_id)
    deposits = Deposit.objects.filter(firm_id=actor.firm_id, order__line__round_id=round_id)
    return Statement(
        firm=Firm.objects.get(pk=actor.firm_id),
        round=row,
        lots=tuple(Lot(part, part.order.price_mfen_per_t, invoiced.get(part.pk)) for part in parts),
        goods_fen=sums[Account.GOODS],
        balancing_fen=evened,
        claims_fen=claims,
        rounding_fen=sums[Account.ROUNDING],
        input_vat_fen=sums[Account.INPUT_VAT],
        fees=tuple(Passed(kind, fen) for kind, fen in sorted(fees.items())),
        suppliers=tuple(Owed(code, -fen) for code, fen in sorted(suppliers.items())),
        association_fen=-sums[Account.ASSOCIATION],
        deposits=tuple(deposits.select_related("order").order_by("pk")),
    )


def _ledger(firm_id: UUID, round_id: UUID) -> tuple[dict[str, int], dict[str, int], dict[str, int], int, int]:
    """Sums by account, payables by supplier, fees by kind, what was evened out and what was got for claims."""
    sums: defaultdict[str, int] = defaultdict(int)
    suppliers: defaultdict[str, int] = defaultdict(int)
    fees: defaultdict[str, int] = defaultdict(int)
    evened = claims = 0
    entries = LedgerEntry.objects.filter(firm_id=firm_id, posting__round_id=round_id)
    for entry in entries.select_related("posting__reverses", "supplier"):
        cause = entry.posting.reverses or entry.posting
        sums[entry.account] += entry.fen
        if entry.supplier is not None:
            suppliers[entry.supplier.code] += entry.fen
        if entry.account == Account.FEES:
            fees[cause.note] += entry.fen
        if entry.account == Account.GOODS and cause.kind == PostingKind.BALANCING:
            evened += entry.fen
        if entry.account == Account.GOODS and cause.kind == PostingKind.CLAIM:
            claims -= entry.fen
    return sums, suppliers, fees, evened, claims
