from __future__ import annotations

from django.contrib import admin

from mes.core.desk.filters import by_choice, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from mes.lots.models import Lot


@admin.register(Lot)
class LotAdmin(DeskAdmin):
    """What a lot is and whose. From whom a firm buys is its own affair."""

    section = Section.ORDERS
    icon = "qr_code_2"
    list_display = ("code", "firm", "kind", "material", "product", "created_at")
    list_filter = (by_choice("kind"), by_row("firm"), by_row("material"))
    list_select_related = ("firm", "material")
    prefetched = ("product",)
    search_fields = ("code", "firm__code")
    page_fields = ("code", "firm", "kind", "material", "product", "created_at")
    ordering = ("firm__code", "code")
