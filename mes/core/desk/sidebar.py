"""The sidebar: lists and pages by section, each shown to whom the access table lets in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from mes.core.desk.lists import DeskAdmin
from mes.core.desk.pages import PAGES
from mes.core.desk.sections import Section


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections that hold something for the person."""
    groups = []
    for section in Section:
        items = [*_pages(request, section), *_lists(request, section)]
        if section is Section.TODAY:
            items.insert(0, {"title": _("What needs me"), "icon": "today", "link": reverse("admin:index")})
        if items:
            groups.append({"title": section.label, "separator": section is not Section.TODAY, "items": items})
    return groups


def _pages(request: HttpRequest, section: Section) -> Iterator[dict[str, Any]]:
    for page in PAGES:
        if page.icon and page.section is section and request.user.has_perm(page.permission()):
            yield {"title": page.title, "icon": page.icon, "link": page.address()}


def _lists(request: HttpRequest, section: Section) -> Iterator[dict[str, Any]]:
    for model, model_admin in admin.site._registry.items():
        if not isinstance(model_admin, DeskAdmin) or model_admin.section is not section:
            continue
        if model_admin.has_view_permission(request):
            meta = model._meta
            address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            yield {"title": capfirst(meta.verbose_name_plural), "icon": model_admin.icon, "link": address}
