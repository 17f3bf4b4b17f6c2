"""Agreements, orders and claims on the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm, offer
from mes.core.desk.columns import column, state
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_KG, MOST_REASON, Round
from procurement.supply import services
from procurement.supply.choices import ClaimKind, ClaimStatus, OrderStatus, WeightBasis
from procurement.supply.models import (
    Claim,
    Delivery,
    FirmOrder,
    FrameworkAgreement,
    FrameworkBalance,
    LotAllocation,
)
from procurement.supply.models.agreements import MOST_MFEN_PER_T, MOST_TERMS
from procurement.supply.models.claims import MOST_CLAIM_FEN

_MFEN_A_YUAN = 100_000
_ORDER_STATUS = state(
    FirmOrder, "status", good=(OrderStatus.SIGNED,), warn=(OrderStatus.OPEN,), bad=(OrderStatus.CANCELLED,)
)
_CLAIM_STATUS = state(Claim, "status", good=(ClaimStatus.SETTLED,), warn=(ClaimStatus.OPEN,))
_PRICE = column(_("CNY per t"), lambda row: f"{row.price_mfen_per_t / _MFEN_A_YUAN:,.4f}")


class ReasonForm(ActForm):
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)


class AgreementForm(ActForm):
    """Empty: stays as it is."""

    cap_kg = forms.IntegerField(label=_("cap, kg"), min_value=1, max_value=MOST_KG, required=False)
    price_mfen_per_t = forms.IntegerField(
        label=_("price of later call-offs, thousandths of a fen per t"),
        min_value=1,
        max_value=MOST_MFEN_PER_T,
        required=False,
    )
    price_terms = forms.CharField(label=_("terms of the price"), max_length=MOST_TERMS, required=False)
    until_on = forms.DateField(
        label=_("until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    basis_within = forms.ChoiceField(
        label=_("weight within the tolerance"),
        choices=[(basis.value, basis.label) for basis in (WeightBasis.TICKET, WeightBasis.RECEIVED)],
    )
    basis_beyond = forms.ChoiceField(label=_("weight beyond the tolerance"), choices=WeightBasis.choices)


class SettleForm(ActForm):
    settled_fen = forms.IntegerField(label=_("settled, fen"), min_value=0, max_value=MOST_CLAIM_FEN)
    answer = forms.CharField(label=_("answer"), max_length=MOST_REASON)


class ClaimForm(ReasonForm):
    kind = forms.ChoiceField(label=_("kind"), choices=ClaimKind.choices)
    kg = forms.IntegerField(label=_("kg"), min_value=1, max_value=MOST_KG)
    amount_fen = forms.IntegerField(label=_("amount, fen"), min_value=0, max_value=MOST_CLAIM_FEN)


def _make_orders(actor: Actor, row: Round, _values: Mapping[str, Any]) -> str:
    made = services.orders_make(actor=actor, round_id=row.pk, now=business_now())
    return gettext("%(count)s orders are made. Each firm signs its own.") % {"count": len(made)}


def _end(actor: Actor, row: Round, _values: Mapping[str, Any]) -> str:
    services.deliveries_end(actor=actor, round_id=row.pk, now=business_now())
    return gettext("All has come that will come. The round is settled now.")


def _change(actor: Actor, row: FrameworkAgreement, values: Mapping[str, Any]) -> str:
    given = {
        name: value for name, value in values.items() if value not in {None, ""} and value != getattr(row, name, 0)
    }
    services.agreement_change(
        actor=actor,
        agreement_id=row.pk,
        changes=given,  # type: ignore[arg-type]
        now=business_now(),
    )
    return gettext("The agreement is changed.")


def _cancel(actor: Actor, row: FirmOrder, values: Mapping[str, Any]) -> str:
    services.order_cancel(actor=actor, order_id=row.pk, reason=values["reason"])
    return gettext("The order is cancelled.")


def _settle(actor: Actor, row: Claim, values: Mapping[str, Any]) -> str:
    services.claim_settle(actor=actor, claim_id=row.pk, now=business_now(), **values)
    return gettext("The claim is settled.")


def _withdraw(actor: Actor, row: Claim, _values: Mapping[str, Any]) -> str:
    services.claim_withdraw(actor=actor, claim_id=row.pk, now=business_now())
    return gettext("The claim is withdrawn.")


def _terms(row: FrameworkAgreement) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in ("price_terms", "until_on", "basis_within", "basis_beyond")}


offer(
    Round,
    Act(
        name="make-orders",
        verb="resin_order.make",
        title=_("Make the orders"),
        explained=_("Of the signed award: an agreement with each supplier, an order for each firm's part."),
        run=_make_orders,
        icon="assignment",
        applies=lambda row: row.status == RoundStatus.AWARDED and row.suspended_at is None,
    ),
    Act(
        name="end-deliveries",
        verb="resin_delivery.end",
        title=_("End the deliveries"),
        explained=_("Each delivery is settled, each lot judged and shared. What did not come is claimed."),
        run=_end,
        icon="inventory",
        applies=lambda row: row.status == RoundStatus.DELIVERING and row.suspended_at is None,
    ),
)


@admin.register(FrameworkAgreement)
class FrameworkAgreementAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "handshake"
    rank = 40
    list_display = ("created_at", "supplier", "material", _PRICE, "from_on", "until_on")
    list_filter = (by_row("supplier"), by_row("material"))
    list_select_related = ("supplier", "material")
    search_fields = ("supplier__code", "material__code")
    page_fields = (
        "supplier", "line", "material", "bag_kg", _PRICE, "price_terms", "from_on", "until_on", "tolerance_permille",
        "basis_within", "basis_beyond", "dispute_h", "created_at",
    )  # fmt: skip
    also_asked = ("line__round",)
    ordering = ("-created_at",)
    related = (
        Related(FrameworkBalance, "agreement"),
        Related(FirmOrder, "agreement"),
        Related(Delivery, "agreement"),
    )
    acts_on_row = (
        Act(
            name="change",
            verb="resin_agreement.change",
            title=_("Change the agreement"),
            explained=_("What was agreed with the supplier. Orders that were made keep their price."),
            run=_change,
            icon="edit_document",
            form=AgreementForm,
            initial=_terms,
        ),
    )


@admin.register(FrameworkBalance)
class FrameworkBalanceAdmin(DeskAdmin):
    list_display = ("agreement", "supplier", "cap_kg", "remaining_kg")
    list_filter = (by_row("supplier"),)
    list_select_related = ("agreement", "supplier")
    page_fields = ("agreement", "supplier", "cap_kg", "remaining_kg", "created_at")
    ordering = ("-created_at",)


@admin.register(FirmOrder)
class FirmOrderAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "assignment"
    rank = 50
    list_display = ("number", "firm", "supplier", _ORDER_STATUS, "kg", _PRICE, "wanted_on", "contract_number")
    list_filter = (by_row("firm"), by_row("supplier"), by_choice("status"))
    list_select_related = ("firm", "supplier")
    search_fields = ("number", "contract_number")
    page_fields = (
        "number", "firm", "supplier", "agreement", "line", _ORDER_STATUS, "kg", _PRICE, "wanted_on", "contract_number",
        "signed_at", "allocation", "reason", "created_at",
    )  # fmt: skip
    also_asked = ("line__round",)
    ordering = ("-created_at", "number")
    related = (Related(LotAllocation, "order"), Related(Claim, "order"))
    acts_on_row = (
        Act(
            name="cancel",
            verb="resin_order.cancel",
            title=_("Cancel the order"),
            explained=_("While nothing was delivered for it. Its kg are left under the agreement again."),
            run=_cancel,
            icon="cancel",
            form=ReasonForm,
            applies=lambda row: row.status != OrderStatus.CANCELLED,
        ),
    )


@admin.register(Claim)
class ClaimAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "gavel"
    rank = 70
    list_display = ("created_at", "kind", _CLAIM_STATUS, "firm", "supplier", "kg", "amount_fen", "settled_fen")
    list_filter = (by_choice("kind"), by_choice("status"), by_row("supplier"), by_row("round"))
    list_select_related = ("firm", "supplier")
    search_fields = ("reason",)
    page_fields = (
        "kind", _CLAIM_STATUS, "round", "firm", "supplier", "order", "lot_part", "delivery", "kg", "amount_fen",
        "reason", "settled_fen", "answer", "ended_at", "created_at",
    )  # fmt: skip
    ordering = ("-created_at",)
    acts_on_row = (
        Act(
            name="settle",
            verb="resin_claim.settle",
            title=_("Settle the claim"),
            explained=_("What the supplier pays, and why."),
            run=_settle,
            icon="balance",
            form=SettleForm,
            applies=lambda row: row.status == ClaimStatus.OPEN,
        ),
        Act(
            name="withdraw",
            verb="resin_claim.withdraw",
            title=_("Withdraw the claim"),
            explained=_("The association claims no longer."),
            run=_withdraw,
            icon="undo",
            applies=lambda row: row.status == ClaimStatus.OPEN and row.firm_id is None,
        ),
    )


relate(Round, Related(FrameworkAgreement, "line__round"))
