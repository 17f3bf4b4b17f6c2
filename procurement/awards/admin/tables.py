"""What stands inside a plan; reached from its page."""

from __future__ import annotations

from django.contrib import admin

from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from procurement.awards.models import Allocation, AwardConsent, AwardLine, FirmShare


@admin.register(AwardLine)
class AwardLineAdmin(DeskAdmin):
    list_display = ("plan", "line", "supplier", "kg", "awarded")
    list_filter = (by_row("supplier"),)
    list_select_related = ("plan", "line", "supplier")
    search_fields = ("supplier__code",)
    page_fields = ("plan", "line", "supplier", "kg", "cost_mfen", "awarded", "created_at")
    also_asked = ("plan__round",)
    ordering = ("line__number", "supplier__code")
    related = (Related(Allocation, "award_line"),)


@admin.register(FirmShare)
class FirmShareAdmin(DeskAdmin):
    list_display = ("firm", "line", "status", "kg", "outcome", "price_fen_per_t", "alone_fen_per_t", "answer")
    list_filter = (by_row("firm"), by_choice("status"), by_choice("answer"))
    list_select_related = ("firm", "line")
    search_fields = ("firm__code",)
    page_fields = (
        "firm", "plan", "line", "status", "kg", "outcome", "price_fen_per_t", "alone_fen_per_t", "answer",
        "answered_at", "by_silence", "created_at",
    )  # fmt: skip
    also_asked = ("plan__round",)
    ordering = ("line__number", "firm__code")
    related = (Related(Allocation, "share"),)


@admin.register(Allocation)
class AllocationAdmin(DeskAdmin):
    list_display = ("firm", "supplier", "kg", "created_at")
    list_filter = (by_row("firm"), by_row("supplier"))
    list_select_related = ("firm", "supplier")
    search_fields = ("firm__code", "supplier__code")
    page_fields = ("firm", "share", "award_line", "supplier", "kg", "created_at")
    ordering = ("firm__code", "supplier__code")


@admin.register(AwardConsent)
class AwardConsentAdmin(DeskAdmin):
    list_display = ("at", "plan", "officer_id")
    list_filter = (by_row("plan"),)
    list_select_related = ("plan",)
    page_fields = ("plan", "officer_id", "at", "created_at")
    ordering = ("-at",)
