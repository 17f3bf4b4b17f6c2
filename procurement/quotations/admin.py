"""Requests for quotations on the desk of the round officer. Before the opening it shows no quotation, and no number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm, LeadsTo, offer
from mes.core.desk.columns import NOTHING, column, grouped, linked, state
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, Table, relate, relate_to_all
from mes.core.desk.sections import Section
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm, User
from procurement.quotations.choices import QuotationStatus, TenderStatus
from procurement.quotations.models import (
    MOST_CONDITIONS,
    MOST_DAYS,
    MOST_PERMILLE,
    OpeningConsent,
    PriceBreak,
    Quotation,
    QuotationLine,
    SupplierDiscount,
    Tender,
    TenderInvitation,
    TenderLine,
)
from procurement.quotations.selectors import comparison
from procurement.quotations.services import (
    TenderChanges,
    TenderDraft,
    opening_consent,
    tender_change,
    tender_open,
    tender_publish,
)
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_REASON, Round

_FEN_A_YUAN = 100
_TENDER_STATUS = state(
    Tender,
    "status",
    good=(TenderStatus.OPENED, TenderStatus.AWARDED),
    warn=(TenderStatus.OPEN, TenderStatus.SUSPENDED),
    bad=(TenderStatus.ENDED,),
)
_STATUS = state(
    Quotation,
    "status",
    good=(QuotationStatus.AWARDED,),
    warn=(QuotationStatus.OPENED,),
    bad=(QuotationStatus.LOST,),
)


class ConditionsForm(ActForm):
    conditions = forms.CharField(
        label=_("conditions"), max_length=MOST_CONDITIONS, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    payment_days = forms.IntegerField(label=_("payment, days"), min_value=0, max_value=MOST_DAYS, initial=0)


class PublishForm(ConditionsForm):
    interest_permille = forms.IntegerField(
        label=_("interest a year, per mille"),
        min_value=0,
        max_value=MOST_PERMILLE,
        initial=0,
        help_text=_("What a year of credit counts when quotations are compared."),
    )
    suppliers = forms.ModelMultipleChoiceField(
        label=_("suppliers"), queryset=Firm.objects.filter(status=FirmStatus.SUPPLIER).order_by("code")
    )
    few_suppliers_reason = forms.CharField(
        label=_("reason to ask fewer than three"), max_length=MOST_REASON, required=False
    )


class ChangeForm(ConditionsForm):
    closes_at = forms.DateTimeField(
        label=_("quotations until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M:%S"),
    )


def _publish(actor: Actor, row: Round, values: Mapping[str, Any]) -> LeadsTo:
    codes = tuple(firm.code for firm in values["suppliers"])
    draft = TenderDraft(**{**values, "suppliers": codes})
    tender = tender_publish(actor=actor, round_id=row.pk, draft=draft, now=business_now())
    return LeadsTo(gettext("The suppliers are asked."), tender)


def _change(actor: Actor, row: Tender, values: Mapping[str, Any]) -> str:
    changes: TenderChanges = {
        "conditions": values["conditions"],
        "payment_days": values["payment_days"],
        "closes_at": values["closes_at"],
    }
    changed = tender_change(actor=actor, tender_id=row.pk, changes=changes, now=business_now())
    return gettext("Revision %(revision)s holds.") % {"revision": changed.revision}


def _consent(actor: Actor, row: Tender, _values: Mapping[str, Any]) -> str:
    opening_consent(actor=actor, tender_id=row.pk, now=business_now())
    return gettext("You take part in the opening.")


def _open(actor: Actor, row: Tender, _values: Mapping[str, Any]) -> str:
    tender_open(actor=actor, tender_id=row.pk, now=business_now())
    return gettext("What was sealed is open.")


def _is_open(row: Tender) -> bool:
    return row.status == TenderStatus.OPEN


def _is_closed(row: Tender) -> bool:
    return _is_open(row) and row.closes_at <= business_now()


def _stage(row: Tender) -> str:
    """Where the opening stands. Whether anybody has quoted is not said, for nobody knows."""
    if row.status != TenderStatus.OPEN:
        return NOTHING
    return gettext("waits for two officers") if _is_closed(row) else gettext("waits for the close")


def _officer(row: Any) -> object:
    return row.officer or NOTHING


offer(
    Round,
    Act(
        name="ask-suppliers",
        verb="tender.publish",
        title=_("Ask suppliers"),
        explained=_("They are shown the whole demand of each line, and no firm's. The benchmark freezes with it."),
        run=_publish,
        icon="request_quote",
        form=PublishForm,
        applies=lambda row: row.status == RoundStatus.FROZEN and row.suspended_at is None,
    ),
)


@admin.register(Tender)
class TenderAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "request_quote"
    rank = 20
    list_display = ("code", _TENDER_STATUS, "closes_at", column(_("opening"), _stage), "revision")
    list_filter = (by_choice("status"), by_row("round"))
    search_fields = ("code",)
    page_fields = (
        "code", "round", _TENDER_STATUS, column(_("opening"), _stage), "revision", "conditions", "payment_days",
        "interest_permille", "published_at", "closes_at", "opened_at", "confirm_within_h", "few_suppliers_reason",
        "created_at",
    )  # fmt: skip
    ordering = ("-closes_at",)
    related = (Related(TenderLine, "tender"), Related(TenderInvitation, "tender"), Related(OpeningConsent, "tender"))
    acts_on_row = (
        Act(
            name="change",
            verb="tender.change",
            title=_("Change the conditions"),
            explained=_("A new revision: what was sealed is void until it is sealed again. There are 48 hours for it."),
            run=_change,
            icon="edit_document",
            form=ChangeForm,
            initial=lambda row: {name: getattr(row, name) for name in ("conditions", "payment_days", "closes_at")},
            applies=lambda row: _is_open(row) and not _is_closed(row),
        ),
        Act(
            name="consent",
            verb="tender.consent",
            title=_("Take part in the opening"),
            explained=_("Two officers open together, who share no interest and have none in the round."),
            run=_consent,
            icon="how_to_reg",
            applies=_is_closed,
        ),
        Act(
            name="open",
            verb="tender.open",
            title=_("Open the quotations"),
            explained=_("All that are sealed, at once. Where there is none, the round fails."),
            run=_open,
            icon="drafts",
            applies=_is_closed,
        ),
    )


@admin.register(TenderLine)
class TenderLineAdmin(DeskAdmin):
    list_display = ("number", "tender", "material_code", "zone", "window_from", "window_to", "wanted_kg", "most_kg")
    list_filter = (by_row("tender"),)
    list_select_related = ("tender",)
    page_fields = (
        "tender", "number", "material_code", "zone", "window_from", "window_to", "bag_kg", "wanted_kg", "most_kg",
        "created_at",
    )  # fmt: skip
    ordering = ("-tender__closes_at", "number")


@admin.register(TenderInvitation)
class TenderInvitationAdmin(DeskAdmin):
    list_display = ("supplier", "tender", "created_at")
    list_filter = (by_row("tender"), by_row("supplier"))
    list_select_related = ("supplier", "tender")
    page_fields = ("supplier", "tender", "created_at")
    ordering = ("supplier__code",)


@admin.register(OpeningConsent)
class OpeningConsentAdmin(DeskAdmin):
    list_display = (column(_("officer"), _officer), "tender", "at")
    list_filter = (by_row("tender"),)
    list_select_related = ("tender",)
    page_fields = (column(_("officer"), _officer), "tender", "at", "created_at")
    ordering = ("at",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        named = User.objects.filter(pk=models.OuterRef("officer_id")).values("username")
        rows: models.QuerySet[Any] = super().get_queryset(request).annotate(officer=models.Subquery(named))
        return rows


@admin.register(Quotation)
class QuotationAdmin(DeskAdmin):
    list_display = ("supplier", "tender", _STATUS, "valid_until", "opened_at")
    list_filter = (by_row("tender"), by_row("supplier"), by_choice("status"))
    list_select_related = ("supplier", "tender")
    page_fields = (
        "supplier", "tender", _STATUS, "tender_revision", "sealed_at", "sealed_sha256", "opened_at", "valid_until",
        "payment_days", "with_vat", "vat_permille", "basis", "freight_fen_per_t", "capacity_kg", "created_at",
    )  # fmt: skip
    ordering = ("supplier__code",)
    related = (Related(QuotationLine, "quotation"), Related(SupplierDiscount, "quotation"))


@admin.register(QuotationLine)
class QuotationLineAdmin(DeskAdmin):
    list_display = ("line", "quotation", "capacity_kg", "least_kg", "multiple_kg", "kind")
    list_filter = (by_row("quotation"),)
    list_select_related = ("line", "quotation")
    page_fields = ("line", "quotation", "capacity_kg", "least_kg", "multiple_kg", "kind", "opened_at", "created_at")
    ordering = ("line__number",)
    related = (Related(PriceBreak, "line"),)


@admin.register(PriceBreak)
class PriceBreakAdmin(DeskAdmin):
    list_display = ("from_kg", "line", "price_fen_per_t")
    list_filter = (by_row("line"),)
    list_select_related = ("line",)
    page_fields = ("line", "from_kg", "price_fen_per_t", "opened_at", "created_at")
    ordering = ("from_kg",)


@admin.register(SupplierDiscount)
class SupplierDiscountAdmin(DeskAdmin):
    list_display = ("from_kg", "quotation", "permille")
    list_filter = (by_row("quotation"),)
    list_select_related = ("quotation",)
    page_fields = ("quotation", "from_kg", "permille", "opened_at", "created_at")
    ordering = ("from_kg",)


def _comparison(_request: HttpRequest, row: models.Model) -> Table | None:
    """What was opened, by line and price, at the wanted quantity or at all that is offered of it."""
    if not isinstance(row, Tender) or row.opened_at is None:
        return None
    cells = [
        (
            item.line.number,
            item.line.material_code,
            linked(item.quotation, str(item.quotation.supplier)),
            grouped(item.line.wanted_kg),
            grouped(item.offered_kg),
            NOTHING if item.normalised_fen_per_t is None else f"{item.normalised_fen_per_t / _FEN_A_YUAN:,.2f}",
        )
        for item in comparison(tender_id=row.pk)
    ]
    headings = (_("number"), _("material"), _("supplier"), _("wanted, kg"), _("offered, kg"), _("CNY per t"))
    return Table(
        title=gettext("Comparison"),
        headings=[str(heading) for heading in headings],
        rows=cells,
        note=gettext("Without VAT, delivered, cash; before discounts over all lines."),
    )


relate_to_all(_comparison)
relate(Round, Related(Tender, "round"))
