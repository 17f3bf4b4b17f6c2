"""Deposits on orders: held, then applied, refunded or forfeited. Each move is booked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.states import move
from mes.core.wall import switched
from mes.firms.access import require
from procurement.rounds.models import MOST_REASON
from procurement.settlement.choices import DEPOSIT_MOVES, Account, DepositStatus, PostingKind
from procurement.settlement.models import MOST_FEN, Deposit
from procurement.settlement.services.opened import hold_open
from procurement.settlement.services.posting import Side, post
from procurement.supply.models import FirmOrder


@transaction.atomic
def deposit_hold(*, actor: Actor, order_id: UUID, fen: int, now: datetime) -> Deposit:
    """A firm has paid a deposit on its order: all of an order's are a fifth of its value without VAT at most.

    Raises InvalidValue with a pointer, NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "deposit.hold")
    check_whole_number(fen, MOST_FEN, "/fen")
    order = FirmOrder.objects.filter(pk=order_id).select_related("line").first()
    if order is None:
        raise NotFound
    hold_open(order.line.round_id)
    with switched(DatabaseRole.EXCHANGE):
        try:
            with transaction.atomic():
                row = Deposit.objects.create(firm_id=order.firm_id, order=order, fen=fen, held_at=now)
        except IntegrityError as error:
            raise InvalidValue(_("Deposits are a fifth of the contract at most."), pointer="/fen") from error
        _book(row, {Side(Account.DEPOSIT): fen, Side(Account.CASH): -fen}, now)
        audit.record(actor=actor, verb="deposit.hold", obj=row, firm_id=row.firm_id, changes={"fen": fen})
    return row


@transaction.atomic
def deposit_apply(*, actor: Actor, deposit_id: UUID, now: datetime) -> Deposit:
    """held → applied: the association pays the supplier with it. Raises NotFound, NotAllowedInState, NotPermitted."""
    require(actor, "deposit.end")
    return _ended(actor, deposit_id, DepositStatus.APPLIED, "", now)


@transaction.atomic
def deposit_refund(*, actor: Actor, deposit_id: UUID, now: datetime) -> Deposit:
    """held → refunded: the firm has it back. Raises as deposit_apply."""
    require(actor, "deposit.end")
    return _ended(actor, deposit_id, DepositStatus.REFUNDED, "", now)


@transaction.atomic
def deposit_forfeit(*, actor: Actor, deposit_id: UUID, reason: str, now: datetime) -> Deposit:
    """held → forfeited: the firm did not take what it ordered. Raises InvalidValue too, without a reason."""
    require(actor, "deposit.end")
    check_text(reason, MOST_REASON, "/reason")
    return _ended(actor, deposit_id, DepositStatus.FORFEITED, reason, now)


def _ended(actor: Actor, deposit_id: UUID, to: DepositStatus, reason: str, now: datetime) -> Deposit:
    row = Deposit.objects.filter(pk=deposit_id).select_related("order__line").first()
    if row is None:
        raise NotFound
    hold_open(row.order.line.round_id)
    against = {
        DepositStatus.APPLIED: Side(Account.PAYABLE, row.order.supplier_id),
        DepositStatus.REFUNDED: Side(Account.CASH),
        DepositStatus.FORFEITED: Side(Account.FORFEIT),
    }[to]
    with switched(DatabaseRole.EXCHANGE):
        changes = move(row, to, moves=DEPOSIT_MOVES, ended_at=now, reason=reason)
        _book(row, {against: row.fen, Side(Account.DEPOSIT): -row.fen}, now)
        audit.record(actor=actor, verb="deposit.end", obj=row, firm_id=row.firm_id, changes=changes)
    return row


def _book(row: Deposit, sides: dict[Side, int], now: datetime) -> None:
    """Raises NotAllowedInState for an event that was booked."""
    booked = post(
        firm_id=row.firm_id,
        round_id=row.order.line.round_id,
        kind=PostingKind.DEPOSIT,
        key=f"deposit/{row.pk}/{row.status}",
        now=now,
        sides=sides,
        note=row.order.number,
    )
    if booked is None:
        raise NotAllowedInState
