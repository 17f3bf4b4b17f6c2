"""The matching list: each invoice beside order and settled weight, and what is done about it."""

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
from mes.core.desk.columns import NOTHING, column, grouped, number, state
from mes.core.desk.filters import by_choice, by_flag, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from procurement.rounds.models import MOST_KG, MOST_REASON, Round
from procurement.settlement.choices import Finding, InvoiceStatus
from procurement.settlement.models import MOST_FEN, MOST_NUMBER, MOST_VAT_PERMILLE, Invoice, InvoiceLine
from procurement.settlement.services import (
    InvoiceDraft,
    InvoiceLineDraft,
    invoice_match,
    invoice_record,
    invoice_settle,
    invoice_void,
)
from procurement.supply.models import LotAllocation

FEN_A_YUAN = 100
_STATUS = state(
    Invoice,
    "status",
    good=(InvoiceStatus.MATCHED, InvoiceStatus.SETTLED),
    warn=(InvoiceStatus.RECEIVED,),
    bad=(InvoiceStatus.DISPUTED,),
)


def yuan(heading: Any, name: str) -> Any:
    """A column of fen, in CNY."""

    def show(row: Any) -> str:
        fen = getattr(row, name)
        return NOTHING if fen is None else grouped(fen / FEN_A_YUAN, places=2)

    return column(heading, show)


class ReasonForm(ActForm):
    reason = forms.CharField(label=_("reason"), max_length=MOST_REASON)


class RecordForm(ActForm):
    number = forms.CharField(label=_("number"), max_length=MOST_NUMBER)
    issued_on = forms.DateField(label=_("issued on"), widget=forms.DateInput({"type": "date"}))
    kg = forms.IntegerField(label=_("kg"), min_value=1, max_value=MOST_KG)
    net_fen = forms.IntegerField(label=_("without VAT, fen"), min_value=1, max_value=MOST_FEN)
    vat_permille = forms.IntegerField(label=_("VAT, per mille"), min_value=0, max_value=MOST_VAT_PERMILLE, initial=130)
    vat_fen = forms.IntegerField(label=_("VAT, fen"), min_value=0, max_value=MOST_FEN)


def _record(actor: Actor, row: LotAllocation, values: Mapping[str, Any]) -> LeadsTo:
    said = {name: values[name] for name in ("kg", "net_fen", "vat_permille", "vat_fen")}
    draft = InvoiceDraft(values["number"], values["issued_on"], (InvoiceLineDraft(part_id=row.pk, **said),))
    invoice = invoice_record(actor=actor, draft=draft, now=business_now())
    return LeadsTo(gettext("The invoice is received."), invoice)


def _match(actor: Actor, row: Invoice, _values: Mapping[str, Any]) -> str:
    found = invoice_match(actor=actor, invoice_id=row.pk, now=business_now())
    if found.status == InvoiceStatus.DISPUTED:
        return gettext("Something differs: see its lines.")
    return gettext("Order, weight and invoice agree.")


def _settle(actor: Actor, row: Invoice, _values: Mapping[str, Any]) -> str:
    invoice_settle(actor=actor, invoice_id=row.pk, now=business_now())
    return gettext("The invoice is booked.")


def _void(actor: Actor, row: Invoice, values: Mapping[str, Any]) -> str:
    invoice_void(actor=actor, invoice_id=row.pk, reason=values["reason"], now=business_now())
    return gettext("The invoice is void.")


def _settled_kg(row: InvoiceLine) -> int:
    return row.part.kg


def _findings(row: InvoiceLine) -> str:
    words = dict(Finding.choices)
    return ", ".join(str(words[finding]) for finding in row.findings)


offer(
    LotAllocation,
    Act(
        name="invoice",
        verb="invoice.record",
        title=_("Record an invoice"),
        explained=_("As the paper says it. Suppliers send theirs by themselves."),
        run=_record,
        icon="receipt_long",
        form=RecordForm,
        initial=lambda row: {"kg": row.kg},
    ),
)


@admin.register(Invoice)
class InvoiceAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "receipt_long"
    rank = 60
    list_display = (
        "number", _STATUS, "firm", "supplier", "round", "issued_on", yuan(_("with VAT, CNY"), "gross_fen"),
    )  # fmt: skip
    list_filter = (by_choice("status"), by_row("round"), by_row("firm"), by_row("supplier"))
    list_select_related = ("firm", "supplier", "round")
    search_fields = ("number",)
    page_fields = (
        "number", _STATUS, "firm", "supplier", "round", "issued_on", yuan(_("without VAT, CNY"), "net_fen"),
        yuan(_("VAT, CNY"), "vat_fen"), yuan(_("with VAT, CNY"), "gross_fen"), "received_at", "settled_at", "reason",
        "created_at",
    )  # fmt: skip
    ordering = ("-received_at",)
    related = (Related(InvoiceLine, "invoice"),)
    acts_on_row = (
        Act(
            name="match",
            verb="invoice.match",
            title=_("Match"),
            explained=_("Compares it with the order and the settled weight. Up to 0.06 CNY a line is booked."),
            run=_match,
            icon="fact_check",
            applies=lambda row: row.status in {InvoiceStatus.RECEIVED, InvoiceStatus.DISPUTED},
        ),
        Act(
            name="settle",
            verb="invoice.settle",
            title=_("Settle"),
            explained=_("It is owed, and booked in the firm's ledger."),
            run=_settle,
            icon="done_all",
            applies=lambda row: row.status == InvoiceStatus.MATCHED,
        ),
        Act(
            name="void",
            verb="invoice.void",
            title=_("Void"),
            explained=_("Taken back, or made good by a red-letter invoice. Its parts may be invoiced anew."),
            run=_void,
            icon="block",
            form=ReasonForm,
            applies=lambda row: row.status not in {InvoiceStatus.SETTLED, InvoiceStatus.VOID},
        ),
    )


@admin.register(InvoiceLine)
class InvoiceLineAdmin(DeskAdmin):
    list_display = (
        "part", "invoice", number(_("kg"), "kg"), column(_("kg settled"), _settled_kg),
        yuan(_("without VAT, CNY"), "net_fen"), yuan(_("difference, CNY"), "net_difference_fen"),
        column(_("findings"), _findings),
    )  # fmt: skip
    list_filter = (by_row("invoice"), by_flag("live"))
    list_select_related = ("part", "invoice")
    page_fields = (
        "invoice", "part", number(_("kg"), "kg"), column(_("kg settled"), _settled_kg),
        yuan(_("without VAT, CNY"), "net_fen"), "vat_permille", yuan(_("VAT, CNY"), "vat_fen"),
        yuan(_("difference, CNY"), "net_difference_fen"), yuan(_("difference of the VAT, CNY"), "vat_difference_fen"),
        column(_("findings"), _findings), "live", "created_at",
    )  # fmt: skip
    ordering = ("-created_at",)


relate(Round, Related(Invoice, "round"))
relate(LotAllocation, Related(InvoiceLine, "part"))
