"""Postings: what one event moves between a firm's accounts. Under the exchange's role, for who has checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from procurement.settlement.choices import Account, PostingKind
from procurement.settlement.models import LedgerEntry, Posting


class Side(NamedTuple):
    """An account, and of a payable the supplier."""

    account: Account
    supplier_id: UUID | None = None


def post(
    *, firm_id: UUID, round_id: UUID, kind: PostingKind, key: str, now: datetime, sides: Mapping[Side, int],
    note: str = "",
) -> Posting | None:  # fmt: skip
    """Books an event once: a key that the firm's book has, books nothing. None then, and where nothing moves.

    `sides`: fen by account, debit positive. Raises ValueError unless they sum to zero.
    """
    moved = {side: fen for side, fen in sides.items() if fen}
    if sum(moved.values()):
        raise ValueError("A posting sums to zero.")
    if not moved or Posting.objects.filter(firm_id=firm_id, key=key).exists():
        return None
    posting = Posting.objects.create(firm_id=firm_id, round_id=round_id, kind=kind, key=key, at=now, note=note)
    _enter(posting, moved)
    return posting


def _enter(posting: Posting, sides: Mapping[Side, int]) -> None:
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            firm_id=posting.firm_id, posting=posting, account=side.account, supplier_id=side.supplier_id, fen=fen
        )
        for side, fen in sides.items()
    )
