from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import APPROVALS, CHANGEOVER_GROUPS, COLOURS, FORMS
from mes.catalog.models import (
    MOST_G,
    MOST_NAME,
    BomLine,
    ChangeoverFamily,
    ChangeoverRule,
    Grade,
    MachineClass,
    Material,
    Product,
    ProductEnvelope,
    Routing,
    RoutingStep,
    StepOption,
    TransportTariff,
)
from mes.catalog.services import (
    StandardChanges,
    standard_product_change,
    standard_product_restore,
    standard_product_retire,
)
from mes.core.actors import Actor
from mes.core.clock import business_now
from mes.core.desk.acts import Act, ActForm
from mes.core.desk.columns import column, worded
from mes.core.desk.filters import Question, by_choice, by_few, by_flag, by_row, by_word
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section

_FORM = worded(Product, "form", FORMS)
_COLOUR = worded(Product, "colour", COLOURS)
_NEEDS = worded(Product, "needs", APPROVALS)
_FAMILY_COLOUR = worded(ChangeoverFamily, "colour", COLOURS)
_GROUP = worded(ChangeoverRule, "group", CHANGEOVER_GROUPS)


class StandardForm(ActForm):
    name_zh = forms.CharField(label=_("name (Chinese)"), max_length=MOST_NAME)
    name_en = forms.CharField(label=_("name (English)"), max_length=MOST_NAME, required=False)
    unit_mass_g = forms.IntegerField(label=_("mass of a piece, g"), min_value=1, max_value=MOST_G)
    needs = forms.ChoiceField(label=_("approval needed"), choices=[("", _("none")), *APPROVALS.items()], required=False)


def _change(actor: Actor, product: Product, values: Mapping[str, Any]) -> str:
    changes = StandardChanges(
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        unit_mass_g=values["unit_mass_g"],
        needs=values["needs"],
    )
    standard_product_change(actor=actor, product_id=product.pk, changes=changes)
    return gettext("The product is changed for all members.")


def _retire(actor: Actor, product: Product, values: Mapping[str, Any]) -> str:
    standard_product_retire(actor=actor, product_id=product.pk, now=business_now())
    return gettext("The product is retired.")


def _restore(actor: Actor, product: Product, values: Mapping[str, Any]) -> str:
    standard_product_restore(actor=actor, product_id=product.pk)
    return gettext("The product takes orders again.")


class Retired(Question):
    title = _("retired")
    parameter_name = "retired"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("takes orders")), ("yes", _("retired"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        wanted = {"no": True, "yes": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(retired_at__isnull=wanted)


def _attribute(rule: ChangeoverRule) -> Any:
    """The attribute of the recipe by its heading."""
    field: Any = ChangeoverFamily._meta.get_field(rule.attribute)
    return field.verbose_name


class _CatalogueAdmin(DeskAdmin):
    section: ClassVar[Section | None] = Section.CATALOGUE


@admin.register(Product)
class ProductAdmin(_CatalogueAdmin):
    """The association's standards. A firm's own products are its own affair."""

    icon = "category"
    list_display = ("code", "name_zh", _FORM, "length_mm", "width_mm", "thickness_mm", "unit_mass_g", "grade", _NEEDS)
    list_filter = (Retired, by_few("grade"), by_word("form", FORMS), by_word("colour", COLOURS))
    list_select_related = ("grade",)
    search_fields = ("code", "name_zh", "name_en")
    page_fields = (
        "code", "name_zh", "name_en", _FORM, "length_mm", "width_mm", "thickness_mm", "unit_mass_g", "grade", _COLOUR,
        _NEEDS, "retired_at",
    )  # fmt: skip
    ordering = ("code",)
    related = (Related(Routing, "product"),)
    acts_on_row = (
        Act(
            name="change",
            verb="catalogue.edit",
            title=_("Change"),
            explained=_(
                "For all members, from the next plan on. Another size, grade or colour is another product. What is"
                " agreed or declined already keeps its weight."
            ),
            run=_change,
            icon="edit",
            form=StandardForm,
            initial=lambda product: {name: getattr(product, name) for name in StandardForm.base_fields},
        ),
        Act(
            name="retire",
            verb="catalogue.edit",
            title=_("Retire"),
            explained=_("No new order line takes the product. Those that there are go on."),
            run=_retire,
            icon="archive",
            applies=lambda product: product.retired_at is None,
        ),
        Act(
            name="restore",
            verb="catalogue.edit",
            title=_("Take orders again"),
            explained=_("New order lines may take the product again."),
            run=_restore,
            icon="unarchive",
            applies=lambda product: product.retired_at is not None,
        ),
    )


@admin.register(ProductEnvelope)
class ProductEnvelopeAdmin(_CatalogueAdmin):
    """What the association sees of the firms' own products."""

    icon = "aspect_ratio"
    list_display = (column(_("product"), str), "firm", "family", "mass_g", "length_mm", "width_mm", "thickness_mm")
    list_filter = (by_row("firm"), "family")
    list_select_related = ("firm",)
    search_fields = ("firm__code", "family")
    page_fields = ("firm", "family", "mass_g", "length_mm", "width_mm", "thickness_mm", "created_at")
    ordering = ("firm__code", "family", "length_mm", "width_mm", "thickness_mm")


@admin.register(Routing)
class RoutingAdmin(_CatalogueAdmin):
    icon = "conversion_path"
    list_display = ("variant", "product", "preference")
    list_filter = (by_row("product"),)
    list_select_related = ("product",)
    search_fields = ("variant", "product__code")
    page_fields = ("variant", "product", "preference")
    ordering = ("product__code", "preference")
    related = (Related(RoutingStep, "routing"), Related(BomLine, "routing"))


@admin.register(RoutingStep)
class RoutingStepAdmin(DeskAdmin):
    """One operation; reached from its routing."""

    list_display = (
        "number", "process", "routing", "family", "setup_min", "fixed_min", "seconds_per_piece", "clock",
        "transfer_pieces",
    )  # fmt: skip
    list_filter = (by_choice("process"), by_row("routing"))
    list_select_related = ("routing__product", "family")
    search_fields = ("routing__product__code",)
    page_fields = list_display
    ordering = ("routing__product__code", "routing__preference", "number")
    related = (Related(StepOption, "step"),)


@admin.register(StepOption)
class StepOptionAdmin(DeskAdmin):
    """A machine class for a step; reached from the step."""

    list_display = ("machine_class", "step", "pieces_per_cycle", "cycle_s", "seconds_per_piece")
    list_filter = (by_row("machine_class"),)
    list_select_related = ("machine_class", "step")
    search_fields = ("machine_class__code",)
    page_fields = list_display
    ordering = ("step", "machine_class__code")


@admin.register(BomLine)
class BomLineAdmin(DeskAdmin):
    """What a piece takes; reached from its routing."""

    list_display = ("material", "routing", "kg_per_piece", "pieces_per_blank")
    list_filter = (by_row("material"),)
    list_select_related = ("material", "routing__product")
    search_fields = ("material__code", "routing__product__code")
    page_fields = list_display
    ordering = ("routing__product__code", "material__code")


@admin.register(MachineClass)
class MachineClassAdmin(_CatalogueAdmin):
    icon = "settings_suggest"
    list_display = (
        "code", "name_zh", "kind", "daylights", "platen_length_mm", "platen_width_mm", "max_thickness_mm", "load_min",
    )  # fmt: skip
    list_filter = (by_choice("kind"),)
    search_fields = ("code", "name_zh", "name_en")
    page_fields = (
        "code", "name_zh", "name_en", "kind", "daylights", "platen_length_mm", "platen_width_mm", "max_thickness_mm",
        "load_min", "connected_kw", "floor_m2",
    )  # fmt: skip
    ordering = ("kind", "code")


@admin.register(Grade)
class GradeAdmin(_CatalogueAdmin):
    icon = "grain"
    list_display = ("code", "name_zh", "name_en", "family", "molecular_weight")
    list_filter = ("family",)
    search_fields = ("code", "name_zh", "name_en")
    page_fields = list_display
    ordering = ("code",)
    related = (Related(Material, "grade"), Related(Product, "grade"))


@admin.register(Material)
class MaterialAdmin(_CatalogueAdmin):
    icon = "inventory_2"
    list_display = ("code", "name_zh", "name_en", "kind", "grade")
    list_filter = (by_choice("kind"), by_few("grade"))
    list_select_related = ("grade",)
    search_fields = ("code", "name_zh", "name_en")
    page_fields = list_display
    ordering = ("kind", "code")
    related = (Related(BomLine, "material"),)


@admin.register(ChangeoverFamily)
class ChangeoverFamilyAdmin(_CatalogueAdmin):
    icon = "palette"
    list_display = (
        "code",
        "grade_family",
        _FAMILY_COLOUR,
        "colour_depth",
        "thickness_mm",
        "pattern",
        "die",
        "boron",
        "medical",
    )
    list_filter = ("grade_family", by_word("colour", COLOURS), by_flag("boron"), by_flag("medical"))
    search_fields = ("code",)
    page_fields = list_display
    ordering = ("code",)


@admin.register(ChangeoverRule)
class ChangeoverRuleAdmin(_CatalogueAdmin):
    icon = "swap_horiz"
    list_display = (
        column(_("attribute"), _attribute, order="attribute"), "kind", "change", _GROUP, "minutes", "loss_kg",
    )  # fmt: skip
    list_filter = (by_choice("kind"), by_choice("change"))
    search_fields = ("attribute", "group")
    page_fields = list_display
    ordering = ("kind", "group", "attribute")


@admin.register(TransportTariff)
class TransportTariffAdmin(_CatalogueAdmin):
    icon = "local_shipping"
    list_display = (
        "truck_kg", "fixed_min", "min_per_km", "fixed_cny_per_truck", "cny_per_km", "handling_cny_per_t",
    )  # fmt: skip
    page_fields = list_display
