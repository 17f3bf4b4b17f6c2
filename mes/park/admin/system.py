"""Lists of the system's own tables, which hold keys of firms and people; here are their names."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from mes.core.actors import Channel
from mes.core.choices import JobState
from mes.core.desk.columns import NOTHING, column, linked, stable, state, worded
from mes.core.desk.filters import Question, by_choice, by_day, by_word
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Table, relate_to_all
from mes.core.desk.sections import Section
from mes.core.models import AuditRow, BackgroundJob, OutboxEvent, Routine
from mes.firms.models import Firm, User
from mes.firms.verbs import VERBS, in_words

_MOST_HISTORY = 10
_FIRM = column(gettext_lazy("firm"), lambda row: row.firm_code or NOTHING, order="firm_code")


def _object(row: AuditRow) -> Any:
    """The object's kind, leading to its page when the desk has one."""
    try:
        model = apps.get_model(row.object_type)
    except (LookupError, ValueError):
        return row.object_type
    return linked(model(pk=row.object_id), str(capfirst(model._meta.verbose_name)))


def _changes(row: AuditRow) -> Any:
    """Fields by their headings, what they were and what they became; names that no field has stay as they are."""
    try:
        fields = {field.name: field for field in apps.get_model(row.object_type)._meta.concrete_fields}
    except (LookupError, ValueError):
        fields = {}
    told = [
        (
            capfirst(fields[name].verbose_name) if name in fields else format_html("<code>{}</code>", name),
            _value(new) if old is None else format_html("{} → {}", _value(old), _value(new)),
        )
        for name, (old, new) in row.changes.items()
    ]
    return format_html("<dl>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", told)) if told else NOTHING


def _value(value: Any) -> Any:
    if value is None:
        return NOTHING
    return value if isinstance(value, str | int) else format_html("<code>{}</code>", value)


_USER = column(gettext_lazy("user"), lambda row: row.user_name or NOTHING, order="user_name")
_OBJECT = column(gettext_lazy("object"), _object)
_VERB = column(gettext_lazy("what was done"), lambda row: in_words(row.verb), order="verb")
_CODE = stable(gettext_lazy("verb"), "verb")
_KIND = stable(gettext_lazy("kind"), "kind")
_KEY = stable(gettext_lazy("key"), "key")
_TOPIC = stable(gettext_lazy("topic"), "topic")
_JOB_ERROR = stable(gettext_lazy("error"), "error")
_DOORS: dict[str, Any] = {
    Channel.API: gettext_lazy("API"),
    Channel.ADMIN: gettext_lazy("desk"),
    Channel.ACCOUNT: gettext_lazy("account pages"),
    Channel.TASK: gettext_lazy("scheduled work"),
    Channel.COMMAND: gettext_lazy("command line"),
}
_DOOR = worded(AuditRow, "channel", _DOORS)


class _SystemAdmin(DeskAdmin):
    section = Section.SYSTEM
    grows_long = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        firm = Firm.objects.filter(pk=OuterRef("firm_id")).values("code")
        rows: models.QuerySet[Any] = super().get_queryset(request).annotate(firm_code=Subquery(firm))
        return rows


@admin.register(BackgroundJob)
class BackgroundJobAdmin(_SystemAdmin):
    icon = "work_history"
    _state = state(BackgroundJob, "state", good=(JobState.DONE,), warn=(JobState.RUNNING,), bad=(JobState.FAILED,))
    list_display = (_KIND, _state, _FIRM, "attempts", "queued_at", "started_at", "finished_at")
    list_filter = (by_choice("state"), "kind", by_day("queued_at"))
    search_fields = ("kind", "key")
    page_fields = (
        _KIND, _KEY, _state, _FIRM, "attempts", "queued_at", "not_before", "started_at", "finished_at", "lease_until",
        _JOB_ERROR,
    )  # fmt: skip
    ordering = ("-queued_at",)


class Told(Question):
    title = gettext_lazy("told")
    parameter_name = "told"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", gettext_lazy("told")),
            ("no", gettext_lazy("waits")),
            ("failed", gettext_lazy("failed at least once")),
        ]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        wanted: dict[str, dict[str, Any]] = {
            "yes": {"told_at__isnull": False},
            "no": {"told_at": None},
            "failed": {"told_at": None, "error__gt": ""},
        }
        return queryset.filter(**wanted.get(self.value() or "", {}))


@admin.register(OutboxEvent)
class OutboxEventAdmin(_SystemAdmin):
    """What waits to be told and what failed. The payload stays closed to the association."""

    icon = "outbox"
    list_display = (_TOPIC, _FIRM, "at", "told_at", "attempts", _JOB_ERROR)
    list_filter = (Told, "topic", by_day("at"))
    search_fields = ("topic",)
    page_fields = (_TOPIC, _FIRM, "at", "not_before", "told_at", "attempts", _JOB_ERROR)
    ordering = ("-at",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).defer("payload")


@admin.register(Routine)
class RoutineAdmin(DeskAdmin):
    """The last turn of what beat rings; reached from the page of scheduled jobs."""

    list_display = (stable(gettext_lazy("name"), "name"), "finished_at", "duration_ms", _JOB_ERROR)
    search_fields = ("name",)
    page_fields = list_display
    ordering = ("name",)


@admin.register(AuditRow)
class AuditRowAdmin(_SystemAdmin):
    """What the association's people did, and what concerns no firm. What a firm did, it reads itself."""

    icon = "policy"
    list_display = (_VERB, _USER, _FIRM, _OBJECT, _DOOR, "at")
    list_filter = (by_word("verb", VERBS), by_word("channel", _DOORS), by_day("at"))
    search_fields = ("verb",)
    also_asked = ("object_id",)
    page_fields = (
        _VERB,
        _CODE,
        _USER,
        _FIRM,
        _OBJECT,
        _DOOR,
        "at",
        column(gettext_lazy("changes"), _changes),
    )
    ordering = ("-at",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        person = User.objects.filter(pk=OuterRef("actor_user_id")).values("username")
        rows: models.QuerySet[Any] = super().get_queryset(request).annotate(user_name=Subquery(person))
        return rows


def _history(request: HttpRequest, row: models.Model) -> Table | None:
    """The latest of what was done to a row, as far as the person may read it."""
    its_admin: Any = admin.site.get_model_admin(AuditRow)
    if not its_admin.has_view_permission(request):
        return None
    done = its_admin.get_queryset(request).filter(object_type=row._meta.label_lower, object_id=row.pk)
    found = list(done.order_by("-at")[: _MOST_HISTORY + 1])
    if not found:
        return None
    columns = (_VERB, _USER, _DOOR, column(gettext_lazy("at"), lambda each: each.at))
    list_of_all = f"{reverse('admin:core_auditrow_changelist')}?{urlencode({'object_id': row.pk})}"
    return Table(
        title=gettext("History"),
        headings=[str(capfirst(each.short_description)) for each in columns],  # type: ignore[attr-defined]
        rows=[
            [linked(each, str(first)), *others]
            for each in found[:_MOST_HISTORY]
            for first, *others in [[show(each) for show in columns]]
        ],
        more=list_of_all if len(found) > _MOST_HISTORY else None,
    )


relate_to_all(_history)
