"""Declared interests and read sessions: who is kept from a firm, and who reads more of one for a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import database_now
from mes.core.desk.acts import Act, ActForm
from mes.core.desk.columns import NOTHING, column, worded
from mes.core.desk.filters import by_choice, by_day, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from mes.core.errors import NotPermitted
from mes.firms.choices import Role
from mes.firms.models import DeclaredInterest, Firm, ReadSession, SessionRead, User
from mes.firms.services import interest_declare, interest_end, read_session_end

_PERSON = column(_("person"), lambda row: row.user_name or NOTHING, order="user_name")
_ROLE = worded(ReadSession, "role", dict(Role.choices))


class InterestForm(ActForm):
    firm = forms.ModelChoiceField(Firm.objects.order_by("code"), label=_("firm"))


def _declare_own(actor: Actor, row: None, values: Mapping[str, Any]) -> str:
    if actor.user_id is None:
        raise NotPermitted
    interest_declare(actor=actor, user_id=actor.user_id, firm_id=values["firm"].pk, now=database_now())
    return gettext("Declared. From now on you find nothing of this firm.")


def _end_interest(actor: Actor, row: DeclaredInterest, values: Mapping[str, Any]) -> str:
    interest_end(actor=actor, interest_id=row.pk, now=database_now())
    return gettext("Ended. The person finds the firm again.")


def _end_session(actor: Actor, row: ReadSession, values: Mapping[str, Any]) -> str:
    read_session_end(actor=actor, read_session_id=row.pk, now=database_now())
    return gettext("The session has ended.")


class _OfAPerson(DeskAdmin):
    """The person's name is shown to all readers of the list, who may not all open the list of people."""

    person = "user"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        user = User.objects.filter(pk=OuterRef(self.person)).values("username")
        rows: models.QuerySet[Any] = super().get_queryset(request).annotate(user_name=Subquery(user))
        return rows


@admin.register(DeclaredInterest)
class DeclaredInterestAdmin(_OfAPerson):
    """Nobody finds his own here: what is barred is the firm with all that names it."""

    section = Section.MEMBERS
    icon = "block"
    list_display = (_PERSON, "firm", "since", "ended_at")
    list_filter = (by_row("firm"), by_day("since"))
    list_select_related = ("firm",)
    search_fields = ("firm__code",)
    page_fields = (_PERSON, "firm", "since", "ended_at")
    ordering = ("-since",)
    acts_on_list = (
        Act(
            name="declare",
            verb="declared_interest.declare",
            title=_("Declare an interest of mine"),
            explained=_(
                "You own, advise or work for a member, or somebody close to you does. From now on you find nothing of"
                " that firm; only another person, an administrator, can end it."
            ),
            run=_declare_own,
            icon="block",
            form=InterestForm,
        ),
    )
    acts_on_row = (
        Act(
            name="end",
            verb="declared_interest.end",
            title=_("End the interest"),
            explained=_("The person finds this firm again."),
            run=_end_interest,
            icon="lock_open",
            applies=lambda row: row.ended_at is None,
        ),
    )


@admin.register(ReadSession)
class ReadSessionAdmin(_OfAPerson):
    section = Section.MEMBERS
    icon = "visibility"
    rank = 60
    list_display = (_PERSON, _ROLE, "firm", "reason", "opened_at", "until_at", "ended_at")
    list_filter = (by_row("firm"), by_choice("role"), by_day("opened_at"))
    list_select_related = ("firm",)
    search_fields = ("firm__code", "reason")
    page_fields = (_PERSON, _ROLE, "firm", "reason", "opened_at", "until_at", "ended_at")
    ordering = ("-opened_at",)
    related = (Related(SessionRead, "session", columns=("page", "method", "at", "object_id")),)
    acts_on_row = (
        Act(
            name="end",
            verb="read_session.end",
            title=_("End the session"),
            explained=_("What it opened is closed at once; its pages stay listed."),
            run=_end_session,
            icon="visibility_off",
            applies=lambda row: row.ended_at is None,
        ),
    )


@admin.register(SessionRead)
class SessionReadAdmin(DeskAdmin):
    """Reached from its session's page."""

    list_display = ("page", "method", "firm", "at", "object_id")
    list_filter = (by_row("firm"), by_day("at"))
    list_select_related = ("firm",)
    search_fields = ("firm__code", "page")
    page_fields = ("page", "method", "firm", "session", "at", "object_id")
    ordering = ("-at",)
    grows_long = True
