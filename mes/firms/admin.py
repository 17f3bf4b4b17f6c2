from __future__ import annotations

from django.contrib import admin

from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from mes.firms.models import Firm


@admin.register(Firm)
class FirmAdmin(DeskAdmin):
    section = Section.MEMBERS
    icon = "factory"
    list_display = ("code", "name_zh", "name_en", "status")
    list_filter = ("status",)
    search_fields = ("code", "name_zh", "name_en", "sort_key")
    fields = ("code", "name_zh", "name_en", "status", "gate_east_m", "gate_north_m")
    ordering = ("code",)
