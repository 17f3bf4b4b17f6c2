"""The desk's lists of the system's own tables."""

from __future__ import annotations

from django.contrib import admin

from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from mes.core.models import BackgroundJob


@admin.register(BackgroundJob)
class BackgroundJobAdmin(DeskAdmin):
    section = Section.SYSTEM
    icon = "work_history"
    list_display = ("kind", "state", "attempts", "queued_at", "started_at", "finished_at")
    list_filter = ("state", "kind")
    fields = ("kind", "key", "state", "attempts", "queued_at", "started_at", "finished_at", "error")
    ordering = ("-queued_at",)
