from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mes.core.clock import business_now
from mes.core.desk.columns import HIDDEN, NOTHING, column, grouped, state, tonnes
from mes.core.desk.filters import Question, by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related, relate
from mes.core.desk.sections import Section
from mes.firms.models import Firm
from orders.sales.choices import OPEN_STATUSES, OrderStatus, PlanState
from orders.sales.models import (
    LineCompletion,
    LinePlacement,
    SalesOrder,
    SalesOrderDecline,
    SalesOrderLine,
)

_G_PER_T = 1_000_000
_KG_PER_T = 1000
_S_PER_H = 3600
_ORDER_STATUS = state(
    SalesOrder,
    "status",
    good=(OrderStatus.COMPLETED, OrderStatus.DELIVERED, OrderStatus.CLOSED),
    bad=(OrderStatus.CANCELLED, OrderStatus.DECLINED),
)
_PLAN_STATE = state(
    SalesOrderLine,
    "plan_state",
    good=(PlanState.ON_TIME,),
    warn=(PlanState.UNPLANNED,),
    bad=(PlanState.LATE, PlanState.UNPLACED),
)


def _weight_t(line: SalesOrderLine) -> Any:
    try:
        return grouped(line.pieces * line.product.unit_mass_g / _G_PER_T, places=3)
    except ObjectDoesNotExist:
        return HIDDEN


def _late_h(line: SalesOrderLine) -> str:
    """Hours after the due date, none when the plan keeps it."""
    finish: datetime | None = line.planned_finish_at
    if finish is None or finish <= line.due_at:
        return NOTHING
    return grouped((finish - line.due_at).total_seconds() / _S_PER_H, places=1)


_LINE = column(_("order line"), str, order="order__number")
_WEIGHT = column(_("weight, t"), _weight_t)


class Need(Question):
    """Open lines that somebody must look at."""

    title = _("what they need")
    parameter_name = "need"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("late", _("late in the plan")),
            ("overdue", _("due date has passed")),
            ("unplaced", _("no place in the plan")),
            ("unplanned", _("not planned yet")),
        ]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        wanted = {
            "late": Q(plan_state=PlanState.LATE),
            "overdue": Q(due_at__lt=business_now()),
            "unplaced": Q(plan_state=PlanState.UNPLACED),
            "unplanned": Q(plan_state=PlanState.UNPLANNED),
        }.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted, order__status__in=OPEN_STATUSES)


@admin.register(SalesOrder)
class SalesOrderAdmin(DeskAdmin):
    """Orders of all firms, without customer and price: those are the firm's alone."""

    section = Section.ORDERS
    icon = "receipt_long"
    rank = 20
    list_display = ("number", "firm", "origin", _ORDER_STATUS, "ordered_on", "created_at")
    list_filter = (by_choice("status"), by_choice("origin"), by_row("firm"), by_day("ordered_on"))
    list_select_related = ("firm",)
    search_fields = ("number", "firm__code")
    page_fields = (
        "number",
        "firm",
        "external_ref",
        "origin",
        _ORDER_STATUS,
        "ordered_on",
        "decline_reason",
        "created_at",
    )
    ordering = ("-ordered_on", "firm__code", "number")
    related = (Related(SalesOrderLine, "order"), Related(SalesOrderDecline, "order"))


@admin.register(SalesOrderLine)
class SalesOrderLineAdmin(DeskAdmin):
    section = Section.ORDERS
    icon = "list_alt"
    rank = 10
    list_display = (
        _LINE, "firm", "product", "pieces", _WEIGHT, "due_at", _PLAN_STATE,
        "planned_finish_at", column(_("late, h"), _late_h), "priority", "consent",
    )  # fmt: skip
    list_filter = (
        Need, by_choice("plan_state"), by_choice("order__status"), by_row("firm"), by_day("due_at"),
        by_choice("consent"),
    )  # fmt: skip
    list_select_related = ("firm", "order")
    prefetched = ("product",)
    search_fields = ("order__number", "firm__code")
    page_fields = (
        "order", "number", "firm", "product", "pieces", _WEIGHT, "release_at", "due_at",
        "priority", "consent", _PLAN_STATE, "planned_finish_at", column(_("late, h"), _late_h), "revision",
    )  # fmt: skip
    ordering = ("due_at", "firm__code")
    related = (Related(LinePlacement, "line"), Related(LineCompletion, "line"))


@admin.register(SalesOrderDecline)
class SalesOrderDeclineAdmin(DeskAdmin):
    """Orders that a firm turned away: how much, on which machines, and why."""

    section = Section.ORDERS
    icon = "block"
    rank = 40
    list_display = (
        "order", "firm", tonnes(_("declined, t"), "weight_kg", per_t=_KG_PER_T), "machine_class",
        column(_("declined because of"), lambda row: row.order.get_decline_reason_display()), "offerable_at",
        "created_at",
    )  # fmt: skip
    list_filter = (
        by_row("firm"), by_row("machine_class"), by_choice("order__decline_reason"), by_day("created_at"),
    )  # fmt: skip
    list_select_related = ("firm", "order", "machine_class")
    search_fields = ("order__number", "firm__code")
    page_fields = list_display
    ordering = ("-created_at",)


class _Ledger(DeskAdmin):
    """A ledger of a line; reached from the line's page."""

    grows_long = True
    list_filter = (by_row("firm"),)
    list_select_related = ("firm", "line__order")
    search_fields = ("line__order__number", "firm__code")


@admin.register(LinePlacement)
class LinePlacementAdmin(_Ledger):
    list_display = ("placed_at", "line", "firm", "pieces")
    page_fields = list_display
    ordering = ("-placed_at",)


@admin.register(LineCompletion)
class LineCompletionAdmin(_Ledger):
    list_display = ("completed_at", "line", "firm", "pieces")
    page_fields = list_display
    ordering = ("-completed_at",)


relate(
    Firm,
    Related(
        SalesOrderLine,
        "firm",
        title=_("Open order lines"),
        only=(("order__status__in", OPEN_STATUSES),),
        order=("due_at",),
    ),
)
