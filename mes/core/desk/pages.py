"""Pages of the desk that are not a list of one model: derive from DeskPage and register it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.views.generic import TemplateView

from mes.core.actors import Actor
from mes.core.desk.sections import Section


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person, acting. The desk's addresses let nobody else in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


class DeskPage(TemplateView):
    """A page inside the desk's frame. Its template extends `admin/base_site.html` and fills the block `content`.

    `name`: the page's name in addresses (`admin:<name>`) and, as `desk.<name>`, in STAFF_VIEWS, which says who opens
    it. `path`: below `admin/`; with `<uuid:pk>` it is the page of one row of `about`. `key_element`: a CSS selector
    that the browser tests wait for. A page with an `icon` stands in the sidebar's `section`.
    """

    name: ClassVar[str]
    path: ClassVar[str]
    title: str | Promise
    key_element: ClassVar[str]
    about: ClassVar[type[models.Model] | None] = None
    section: ClassVar[Section] = Section.TODAY
    icon: ClassVar[str] = ""

    @classmethod
    def address(cls, *arguments: object) -> str:
        return reverse(f"admin:{cls.name}", args=arguments)

    @classmethod
    def permission(cls) -> str:
        """What the access table is asked for."""
        return f"desk.view_{cls.name}"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.permission()):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.request.current_app = admin.site.name
        frame = admin.site.each_context(self.request)
        return super().get_context_data(**frame, **{"title": self.title, **kwargs})


PAGES: list[type[DeskPage]] = []


def register(page: type[DeskPage]) -> type[DeskPage]:
    """Decorator: the page gets its address, its place in the sidebar and its turn in the browser tests."""
    PAGES.append(page)
    return page
