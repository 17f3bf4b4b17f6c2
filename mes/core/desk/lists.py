"""Lists and pages of one model's rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from mes.core.desk.sections import Section


class DeskAdmin(ModelAdmin):
    """A list and a page per row. Nothing is added, changed or deleted here, and the library's log is not written.

    `section` and `icon` (a name of Material Symbols) place the list in the sidebar; without a section it is reached
    by links only.
    """

    section: ClassVar[Section | None] = None
    icon: ClassVar[str] = "table_rows"
    actions = None
    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = True

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
