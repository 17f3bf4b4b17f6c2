"""The association's desk: read-only lists for now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from mes.core.models import BackgroundJob

admin.site.site_header = admin.site.site_title = _("The park's desk")


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and a page per row. Nothing is added, changed or deleted here, and the library's log is not written."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404


@admin.register(BackgroundJob)
class BackgroundJobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "state", "attempts", "queued_at", "started_at", "finished_at")
    list_filter = ("state", "kind")
    fields = ("kind", "key", "state", "attempts", "queued_at", "started_at", "finished_at", "error")
    ordering = ("-queued_at",)
