"""A page of the desk whose upper part follows a computation until it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from mes.core.actors import Actor
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.pages import actor_of


@dataclass(frozen=True, slots=True)
class Followed:
    """template: the part that changes while a worker computes. figures_of: what its reader is shown, and `is_over`."""

    template: str
    figures_of: Callable[[Any, Actor], dict[str, Any]]


class FollowedAdmin(DeskAdmin):
    """`change_form_outer_before_template` includes the part, and asks `progress_address` for it until it is over."""

    followed: ClassVar[Followed]

    def get_urls(self) -> list[Any]:
        watch = path("<uuid:pk>/progress/", self.admin_site.admin_view(self.progress_view), name=self._name())
        return [watch, *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            context.update(self.followed.figures_of(obj, actor_of(request)))
            context["progress_address"] = reverse(f"admin:{self._name()}", args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def progress_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The part alone, for the page's script."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        return render(request, self.followed.template, self.followed.figures_of(row, actor_of(request)))

    def _name(self) -> str:
        return f"plans_{self.opts.model_name}_progress"
