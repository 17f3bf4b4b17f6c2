from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.desk.acts import Act
from mes.core.desk.columns import column
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.sections import Section
from mes.firms.models import User
from mes.signin.models import SecondFactor, TryCount
from mes.signin.services import account_unlock, second_factor_reset

_USER = column(_("user"), lambda row: row.username, order="username")


def _unlock(actor: Actor, row: TryCount, values: Mapping[str, Any]) -> str:
    account_unlock(actor=actor, count_id=row.pk)
    return gettext("The account is unlocked.")


@admin.register(TryCount)
class TryCountAdmin(DeskAdmin):
    """Accounts that let nobody try at the moment."""

    section = Section.MEMBERS
    icon = "lock_person"
    list_display = (_USER, "locked_until")
    search_fields = ("username",)
    page_fields = (_USER, "locked_until", "last_at", "let_through")
    ordering = ("-locked_until",)
    acts_on_row = (
        Act(
            name="unlock",
            verb="account.unlock",
            title=_("Unlock"),
            explained=_("The person may try to sign in again at once. Ask first whether it was the person who tried."),
            run=_unlock,
            icon="lock_open",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        person = User.objects.filter(pk=OuterRef("user_id")).values("username")
        rows: models.QuerySet[Any] = super().get_queryset(request).annotate(username=Subquery(person))
        return rows.filter(username__isnull=False, locked_until__gt=DatabaseNow())


def _reset(actor: Actor, row: SecondFactor, values: Mapping[str, Any]) -> str:
    user = second_factor_reset(actor=actor, user_id=row.user_id)
    return gettext("The second factor of %(user)s is reset; the sessions have ended.") % {"user": user}


@admin.register(SecondFactor)
class SecondFactorAdmin(DeskAdmin):
    """Who of the association gives a code at signing in, without anything of the codes."""

    section = Section.MEMBERS
    icon = "phonelink_lock"
    list_display = ("user", "confirmed_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    page_fields = ("user", "confirmed_at", "version", "created_at")
    ordering = ("user__username",)
    acts_on_row = (
        Act(
            name="reset",
            verb="second_factor.reset",
            title=_("Reset the second factor"),
            explained=_(
                "For a colleague who has lost telephone and recovery codes. The person's sessions end; whoever knows"
                " the password sets up the next one, so make sure who is asking. Nobody resets the own one."
            ),
            run=_reset,
            icon="phonelink_erase",
            applies=lambda row: row.confirmed_at is not None,
        ),
    )
