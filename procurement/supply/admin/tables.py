"""What stands inside a delivery or an order, and what materials must keep to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import MaterialKind
from mes.catalog.models import Material
from mes.core.actors import Actor
from mes.core.desk.acts import Act, ActForm
from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from procurement.supply import services
from procurement.supply.choices import Property
from procurement.supply.models import MOST_TEXT, CertificateValue, Claim, Concession, LotAllocation, ResinLimit

_PLACES = 4


class LimitForm(ActForm):
    material = forms.ModelChoiceField(
        label=_("material"), queryset=Material.objects.filter(kind=MaterialKind.RESIN).order_by("code")
    )
    property = forms.ChoiceField(label=_("property"), choices=Property.choices)
    method = forms.CharField(
        label=_("method"),
        max_length=MOST_TEXT,
        required=False,
        help_text=_("Or the equation of a molecular weight. It then judges only what was measured by it."),
    )
    least = forms.DecimalField(label=_("at least"), min_value=0, decimal_places=_PLACES, required=False)
    most = forms.DecimalField(label=_("at most"), min_value=0, decimal_places=_PLACES, required=False)


def _set_limit(actor: Actor, _row: None, values: Mapping[str, Any]) -> str:
    given = {name: value for name, value in values.items() if name != "material"}
    services.limit_set(actor=actor, material_id=values["material"].pk, **given)
    return gettext("Lots are judged by it from now on.")


@admin.register(LotAllocation)
class LotAllocationAdmin(DeskAdmin):
    list_display = ("lot_number", "firm", "order", "bags", "kg", "conceded", "allocated_at")
    list_filter = (by_row("firm"),)
    list_select_related = ("firm", "order")
    search_fields = ("lot_number",)
    page_fields = ("lot_number", "lot", "firm", "order", "bags", "kg", "conceded", "allocated_at", "created_at")
    ordering = ("-created_at", "lot_number")
    related = (Related(Claim, "lot_part"),)


@admin.register(Concession)
class ConcessionAdmin(DeskAdmin):
    list_display = ("lot_number", "firm", "status", "reason", "answered_at")
    list_filter = (by_row("firm"), by_choice("status"))
    list_select_related = ("firm",)
    search_fields = ("lot_number",)
    page_fields = ("lot_number", "lot", "firm", "order", "status", "reason", "answered_at", "created_at")
    ordering = ("-created_at",)


@admin.register(CertificateValue)
class CertificateValueAdmin(DeskAdmin):
    list_display = ("property", "lot", "value", "unit", "method", "equation", "retest")
    list_filter = (by_choice("property"),)
    list_select_related = ("lot",)
    page_fields = ("lot", "property", "value", "unit", "method", "equation", "retest", "created_at")
    ordering = ("-created_at",)


@admin.register(ResinLimit)
class ResinLimitAdmin(DeskAdmin):
    section = Section.ROUNDS
    icon = "rule"
    rank = 80
    list_display = ("material", "property", "method", "least", "most")
    list_filter = (by_row("material"), by_choice("property"))
    list_select_related = ("material",)
    search_fields = ("material__code",)
    page_fields = ("material", "property", "method", "least", "most", "created_at")
    ordering = ("material__code", "property")
    acts_on_list = (
        Act(
            name="set",
            verb="resin_limit.set",
            title=_("Set a limit"),
            explained=_("In the property's own unit. A limit that is there is replaced."),
            run=_set_limit,
            icon="rule",
            form=LimitForm,
        ),
    )
