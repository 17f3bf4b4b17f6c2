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

_FOLDED = frozenset({Section.MACHINES, Section.CATALOGUE, Section.SYSTEM})
"""Sections that open on a click, or when the page is one of theirs."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections that hold something for the person."""
    groups = []
    for section in Section:
        items = [*_pages(request, section), *_lists(request, section)]
        if section is Section.TODAY:
            items.insert(0, {"title": _("What needs me"), "icon": "today", "link": reverse("admin:index")})
        if items:
            folded = section in _FOLDED
            separate = section is not Section.TODAY
            groups.append({"title": section.label, "separator": separate, "collapsible": folded, "items": items})
    return groups


def _pages(request: HttpRequest, section: Section) -> Iterator[dict[str, Any]]:
    for page in PAGES:
        if page.icon and page.section is section and request.user.has_perm(page.permission()):
            yield {"title": page.title, "icon": page.icon, "link": page.address()}


def _lists(request: HttpRequest, section: Section) -> Iterator[dict[str, Any]]:
    ours = (entry for entry in admin.site._registry.values() if isinstance(entry, DeskAdmin))
    for entry in sorted((entry for entry in ours if entry.section is section), key=lambda entry: entry.rank):
        if entry.has_view_permission(request):
            address = reverse(f"admin:{entry.opts.app_label}_{entry.opts.model_name}_changelist")
            yield {"title": capfirst(entry.opts.verbose_name_plural), "icon": entry.icon, "link": address}
