"""Advisory plans on the desk: how far each firm followed, and what it was advised."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from mes.core.clock import business_now
from mes.core.desk.columns import NOTHING, grouped
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from production.plans.models import Advice, AdvisedLine, AdvisedRun, PlanRun
from production.plans.selectors.advice import followed

_MINUTES_PER_HOUR = 60


def advice_compared(run: PlanRun) -> list[dict[str, Any]]:
    """A row for each firm that was advised something to do by now: how far it followed."""
    rows = list(Advice.objects.filter(plan_run=run).select_related("firm").order_by("firm__code"))
    compared = followed(rows, now=business_now())
    return [
        {
            "firm": row.firm,
            "address": reverse("admin:plans_advice_change", args=[row.pk]),
            "followed": compared[row.pk],
            "deviation_h": _hours(compared[row.pk].deviation_min),
        }
        for row in rows
    ]


def _hours(minutes: int | None) -> str:
    return NOTHING if minutes is None else grouped(minutes / _MINUTES_PER_HOUR, places=1)


@admin.register(Advice)
class AdviceAdmin(DeskAdmin):
    """Reached from the plan run."""

    list_display = ("zero_at", "firm", "plan_run", "created_at")
    list_filter = (by_row("firm"), by_day("zero_at"))
    list_select_related = ("firm", "plan_run")
    search_fields = ("firm__code",)
    page_fields = list_display
    ordering = ("-zero_at", "firm__code")
    related = (Related(AdvisedRun, "advice"), Related(AdvisedLine, "advice"))


@admin.register(AdvisedRun)
class AdvisedRunAdmin(DeskAdmin):
    """Reached from the advice."""

    list_display = ("starts_at", "ends_at", "machine", "process", "line", "pieces", "firm", "advice")
    list_filter = (by_row("firm"), by_choice("process"), by_day("starts_at"))
    list_select_related = ("machine", "line__order", "firm", "advice")
    search_fields = ("machine__code", "firm__code", "line__order__number")
    page_fields = list_display
    ordering = ("starts_at", "firm__code")


@admin.register(AdvisedLine)
class AdvisedLineAdmin(DeskAdmin):
    """Reached from the advice."""

    list_display = ("line", "due_at", "finish_at", "firm", "advice")
    list_filter = (by_row("firm"), by_day("due_at"))
    list_select_related = ("line__order", "firm", "advice")
    search_fields = ("firm__code", "line__order__number")
    page_fields = list_display
    ordering = ("due_at", "firm__code")
