from __future__ import annotations

from django.contrib import admin

from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from production.machines.models import Machine


@admin.register(Machine)
class MachineAdmin(DeskAdmin):
    section = Section.MACHINES
    icon = "precision_manufacturing"
    list_display = ("code", "firm", "machine_class", "status", "efficiency_permille", "family")
    list_filter = ("status", "machine_class__kind", "machine_class")
    list_select_related = ("firm", "machine_class", "family")
    search_fields = ("code", "firm__code")
    fields = ("code", "firm", "external_ref", "machine_class", "status", "efficiency_permille", "family")
    ordering = ("firm__code", "code")
