"""Lists and pages of one model's rows."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from mes.core.desk.acts import Act, LeadsTo, ShownOnce, attempt, offered_on
from mes.core.desk.columns import NOTHING, dressed
from mes.core.desk.filters import questions_about
from mes.core.desk.pages import actor_of
from mes.core.desk.related import Related, related_to, table_of, tables_of_all
from mes.core.desk.sections import Section


class DeskAdmin(ModelAdmin):
    """A list and a page per row. Nothing is added, changed or deleted here but by an Act, which calls a service.

    `section`, `rank` and `icon` (a name of Material Symbols) place the list in the sidebar; without a section it is
    reached by links only. `page_fields`: what a row's page shows, fields and columns. `list_select_related` names the
    foreign keys that each row shows, `prefetched` those to rows that the association may not see: a join would drop
    the row.
    `also_asked`: lookups that links ask for and no filter offers. `grows_long`: the list is paged without counting its
    rows. `related`: tables on a row's page. `totals`: fields that are summed over all firms; beside the others' rows
    they would tell of the firm in which somebody has an interest, so such a person is shown none.
    """

    section: ClassVar[Section | None] = None
    icon: ClassVar[str] = "table_rows"
    rank: ClassVar[int] = 50
    prefetched: ClassVar[Sequence[str]] = ()
    also_asked: ClassVar[Sequence[str]] = ()
    page_fields: ClassVar[Sequence[Any]] = ()
    grows_long: ClassVar[bool] = False
    related: ClassVar[Sequence[Related]] = ()
    totals: ClassVar[Sequence[str]] = ()
    acts_on_list: ClassVar[Sequence[Act]] = ()
    acts_on_row: ClassVar[Sequence[Act]] = ()

    actions = None
    empty_value_display = NOTHING
    list_per_page = 50
    list_max_show_all = 50
    list_filter_submit = True
    list_fullwidth = True
    compressed_fields = True
    change_form_outer_after_template: Any = "desk/related.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is none: the library's log is not written."""
        raise Http404

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """In place of the library's way to the first page: what is not seen is not found, at every door."""
        raise Http404

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request)
        joined = self.list_select_related
        if not isinstance(joined, bool):
            rows = rows.select_related(*joined)
        return rows.prefetch_related(*self.prefetched)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        first, *others = self.columns_for(request)
        return [first, *(dressed(self.model, name) for name in others)]

    def columns_for(self, request: HttpRequest) -> list[Any]:
        """The list's columns without totals that are kept from the person."""
        return [name for name in self.list_display if name not in self._kept_back(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), *questions_about(self.model)]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        shown = [name for name in self.page_fields if name not in self._kept_back(request)]
        return [dressed(self.model, name) if name in self.prefetched else name for name in shown]

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return (InfinitePaginator if self.grows_long else self.paginator)(*args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the filters and the desk's own links ask for. Anything else could reach over a relation's wall."""
        first, *_others = lookup.split("__")
        try:
            self.opts.get_field(first)
        except FieldDoesNotExist:
            return True  # a filter's own parameter; nothing of the database has this name
        named = (item[0] if isinstance(item, tuple) else item for item in self.list_filter)
        asked = {name for name in named if isinstance(name, str)} | {*self.also_asked}
        own = {field.name for field in self.opts.concrete_fields if isinstance(field, models.ForeignKey)}
        for ending in ("__id__exact", "__exact", "__isnull", "__in", "__lt", "__gte", ""):
            if lookup.endswith(ending) and lookup.removesuffix(ending) in asked | own:
                return True
        return False

    def get_urls(self) -> list[Any]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        enter = self.admin_site.admin_view(self.act_view)
        acts = [
            path("act/<slug:name>/", enter, name=f"{prefix}_act_on_list"),
            path("<uuid:pk>/act/<slug:name>/", enter, name=f"{prefix}_act_on_row"),
        ]
        return [*acts, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None)  # an answer that only leads elsewhere has none
        if context is not None:
            context["actions_list"] = self._buttons(request, self.acts_on_list)
        return answer

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
            wanted = (*self.related, *related_to(self.model))
            tables = [table_of(related, request=request, row=obj) for related in wanted]
            tables += tables_of_all(request, obj)
            context["related_tables"] = [table for table in tables if table is not None]
            acts = [act for act in self.all_acts_on_row if act.applies(obj)]
            context["actions_detail"] = self._buttons(request, acts, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @property
    def all_acts_on_row(self) -> Sequence[Act]:
        """Those of the model's own app and those that others offer."""
        return (*self.acts_on_row, *offered_on(self.model))

    def act_view(self, request: HttpRequest, name: str, pk: UUID | None = None) -> HttpResponse:
        """Asks for what an act needs, runs it when it is sent, and leads back.

        Who does not have the list is refused before a row is looked up: he does not learn which there are.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        acts = self.acts_on_list if pk is None else self.all_acts_on_row
        act = next((act for act in acts if act.name == name), None)
        row = None if pk is None else self.get_object(request, str(pk))
        if act is None or (pk is not None and row is None):
            raise Http404
        if not request.user.may(act.verb):  # type: ignore[union-attr]
            raise PermissionDenied
        status: int = HTTPStatus.OK
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = act.form(*sent, initial=dict(act.initial(row)))
        once = None
        back = self._address("changelist") if row is None else self._address("change", row.pk)
        if request.method == "POST":
            said, status = attempt(act, actor=actor_of(request), row=row, form=form)
            once = said if isinstance(said, ShownOnce) else None
            if status == HTTPStatus.OK and once is None:
                leads = said if isinstance(said, LeadsTo) else None
                messages.success(request, leads.said if leads else str(said))
                return HttpResponseRedirect(_page_of(leads.row) if leads else back)
        context = {
            **self.admin_site.each_context(request),
            "title": act.title,
            "opts": self.opts,
            "original": row,
            "act": act,
            "form": form,
            "back": back,
            "once": once,
        }
        template = "desk/act.html" if once is None else "desk/shown_once.html"
        return TemplateResponse(request, template, context, status=status)

    def _kept_back(self, request: HttpRequest) -> Sequence[str]:
        return self.totals if actor_of(request).barred_firms else ()

    def _buttons(self, request: HttpRequest, acts: Sequence[Act], row: models.Model | None = None) -> list[Any]:
        where, keys = ("act_on_list", []) if row is None else ("act_on_row", [row.pk])
        return [
            {"title": act.title, "icon": act.icon, "attrs": {}, "path": self._address(where, *keys, act.name)}
            for act in acts
            if request.user.may(act.verb)  # type: ignore[union-attr]
        ]

    def _address(self, name: str, *arguments: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=arguments)


def _page_of(row: models.Model) -> str:
    """Of any list's row, which need not be of the list whose act led there."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
