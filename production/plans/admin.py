from __future__ import annotations

from django.contrib import admin

from mes.core.admin import ReadOnlyAdmin
from production.plans.models import MachineRun, PlanRun


@admin.register(PlanRun)
class PlanRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "scope", "firm", "state", "rule", "orders_placed", "orders_total", "finished_at")
    list_filter = ("state", "scope")
    list_select_related = ("firm",)
    fields = (
        "scope", "firm", "state", "publishes_itself", "zero_at", "rule", "orders_placed", "orders_total", "tiers",
        "figures", "rule_log", "input_hash", "error", "finished_at",
    )  # fmt: skip
    ordering = ("-created_at",)


@admin.register(MachineRun)
class MachineRunAdmin(ReadOnlyAdmin):
    list_display = ("key", "firm", "machine", "process", "period", "pieces", "status")
    list_filter = ("status", "process")
    list_select_related = ("firm", "machine")
    fields = ("key", "firm", "machine", "process", "family_code", "period", "setup_min", "cycles", "pieces", "status")
    ordering = ("firm__code", "machine__code", "period")
