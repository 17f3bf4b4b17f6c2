"""Fees, deposits and postings as the round officer reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm, LeadsTo, offer
from mes.core.desk.columns import state, worded
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from procurement.settlement.admin.invoices import ReasonForm, yuan
from procurement.settlement.choices import DepositStatus, FeeKind
from procurement.settlement.models import MOST_FEN, Deposit, Fee, LedgerEntry, Posting
from procurement.settlement.services import deposit_apply, deposit_forfeit, deposit_hold, deposit_refund
from procurement.supply.choices import ClaimKind
from procurement.supply.models import FirmOrder

_DEPOSIT = state(
    Deposit,
    "status",
    good=(DepositStatus.APPLIED, DepositStatus.REFUNDED),
    warn=(DepositStatus.HELD,),
    bad=(DepositStatus.FORFEITED,),
)
_NOTE = worded(Posting, "note", dict(FeeKind.choices) | dict(ClaimKind.choices))


class HoldForm(ActForm):
    fen = forms.IntegerField(label=_("amount, fen"), min_value=1, max_value=MOST_FEN)


def _hold(actor: Actor, row: FirmOrder, values: Mapping[str, Any]) -> LeadsTo:
    deposit = deposit_hold(actor=actor, order_id=row.pk, fen=values["fen"], now=business_now())
    return LeadsTo(gettext("The deposit is held."), deposit)


def _apply(actor: Actor, row: Deposit, _values: Mapping[str, Any]) -> str:
    deposit_apply(actor=actor, deposit_id=row.pk, now=business_now())
    return gettext("The deposit is set against what the firm owes.")


def _refund(actor: Actor, row: Deposit, _values: Mapping[str, Any]) -> str:
    deposit_refund(actor=actor, deposit_id=row.pk, now=business_now())
    return gettext("The firm has its deposit back.")


def _forfeit(actor: Actor, row: Deposit, values: Mapping[str, Any]) -> str:
    deposit_forfeit(actor=actor, deposit_id=row.pk, reason=values["reason"], now=business_now())
    return gettext("The deposit is forfeited.")


def _is_held(row: Deposit) -> bool:
    return row.status == DepositStatus.HELD


offer(
    FirmOrder,
    Act(
        name="hold-deposit",
        verb="deposit.hold",
        title=_("Hold a deposit"),
        explained=_("All deposits on an order are a fifth of its value without VAT at most."),
        run=_hold,
        icon="savings",
        form=HoldForm,
    ),
)


@admin.register(Fee)
class FeeAdmin(DeskAdmin):
    list_display = ("reference", "round", "kind", yuan(_("without VAT, CNY"), "fen"), "booked_at")
    list_filter = (by_row("round"), by_choice("kind"))
    list_select_related = ("round",)
    page_fields = ("round", "kind", yuan(_("without VAT, CNY"), "fen"), "reference", "booked_at", "created_at")
    ordering = ("-booked_at",)


@admin.register(Deposit)
class DepositAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "savings"
    rank = 62
    list_display = ("order", _DEPOSIT, "firm", yuan(_("amount, CNY"), "fen"), "held_at", "ended_at")
    list_filter = (by_choice("status"), by_row("firm"))
    list_select_related = ("order", "firm")
    page_fields = (
        "order",
        _DEPOSIT,
        "firm",
        yuan(_("amount, CNY"), "fen"),
        "held_at",
        "ended_at",
        "reason",
        "created_at",
    )
    ordering = ("-held_at",)
    acts_on_row = (
        Act(
            name="apply",
            verb="deposit.end",
            title=_("Apply"),
            explained=_("It pays a part of what the firm owes its supplier."),
            run=_apply,
            icon="payments",
            applies=_is_held,
        ),
        Act(
            name="refund",
            verb="deposit.end",
            title=_("Refund"),
            explained=_("The firm gets it back."),
            run=_refund,
            icon="undo",
            applies=_is_held,
        ),
        Act(
            name="forfeit",
            verb="deposit.end",
            title=_("Forfeit"),
            explained=_("The firm did not take what it ordered."),
            run=_forfeit,
            icon="gavel",
            form=ReasonForm,
            applies=_is_held,
        ),
    )


@admin.register(Posting)
class PostingAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "account_balance"
    rank = 64
    grows_long = True
    list_display = ("at", "round", "firm", "kind", _NOTE)
    list_filter = (by_row("round"), by_row("firm"), by_choice("kind"))
    list_select_related = ("round", "firm")
    page_fields = ("at", "round", "firm", "kind", _NOTE, "key", "reverses", "created_at")
    ordering = ("-at", "-pk")
    related = (Related(LedgerEntry, "posting"),)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(DeskAdmin):
    grows_long = True
    list_display = ("account", "posting", "firm", "supplier", yuan(_("amount, CNY"), "fen"))
    list_filter = (by_row("firm"), by_choice("account"))
    list_select_related = ("posting", "firm", "supplier")
    page_fields = ("posting", "firm", "account", "supplier", yuan(_("amount, CNY"), "fen"), "created_at")
    ordering = ("-created_at", "-pk")


relate(FirmOrder, Related(Deposit, "order"))
