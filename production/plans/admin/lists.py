from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from production.plans.models import MachineRun, PlanRun


@admin.register(PlanRun)
class PlanRunAdmin(DeskAdmin):
    section = Section.PLAN
    icon = "route"
    list_display = ("created_at", "scope", "firm", "state", "rule", "orders_placed", "orders_total", "finished_at")
    list_filter = ("state", "scope")
    list_select_related = ("firm",)
    fields = (
        "scope", "firm", "state", "publishes_itself", "zero_at", "rule", "orders_placed", "orders_total", "tiers",
        "figures", "rule_log", "input_hash", "error", "finished_at",
    )  # fmt: skip
    ordering = ("-created_at",)


@admin.register(MachineRun)
class MachineRunAdmin(DeskAdmin):
    section = Section.PLAN
    icon = "view_timeline"
    list_display = ("machine", "firm", "process", "starts_at", "ends_at", "pieces", "status")
    list_filter = ("status", "process")
    list_select_related = ("firm", "machine")
    fields = (
        "key",
        "firm",
        "machine",
        "process",
        "family_code",
        "starts_at",
        "ends_at",
        "setup_min",
        "cycles",
        "pieces",
        "status",
    )
    readonly_fields = ("starts_at", "ends_at")
    ordering = ("firm__code", "machine__code", "period")

    @admin.display(description=_("start"), ordering="period")
    def starts_at(self, run: MachineRun) -> datetime:
        return timezone.localtime(run.period.lower)

    @admin.display(description=_("finish"))
    def ends_at(self, run: MachineRun) -> datetime:
        return timezone.localtime(run.period.upper)
