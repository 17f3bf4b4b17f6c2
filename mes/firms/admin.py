from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import admin as groups  # imported for its list, which goes again

from mes.core.desk.columns import state
from mes.core.desk.filters import by_choice, by_flag, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from mes.firms.choices import FirmStatus
from mes.firms.models import Firm, Membership, User

admin.site.unregister(groups.Group)  # type: ignore[attr-defined]  # not used: the access table decides

_STATUS = state(
    Firm, "status", good=(FirmStatus.MEMBER,), warn=(FirmStatus.SUSPENDED, FirmStatus.SANDBOX), bad=(FirmStatus.LEFT,)
)


@admin.register(Firm)
class FirmAdmin(DeskAdmin):
    section = Section.MEMBERS
    icon = "factory"
    list_display = ("code", "name_zh", "name_en", _STATUS)
    list_filter = (by_choice("status"),)
    search_fields = ("code", "name_zh", "name_en", "sort_key")
    page_fields = ("code", "name_zh", "name_en", _STATUS, "gate_east_m", "gate_north_m", "created_at")
    ordering = ("code",)
    related = (Related(User, "firm", columns=("username", "full_name", "is_active", "last_login")),)


@admin.register(User)
class UserAdmin(DeskAdmin):
    """People of both sides; who works for the association has no firm."""

    section = Section.MEMBERS
    icon = "person"
    list_display = ("username", "full_name", "firm", "is_active", "last_login")
    list_filter = (by_row("firm"), by_flag("is_active"), by_choice("memberships__role"))
    list_select_related = ("firm",)
    search_fields = ("username", "full_name", "firm__code")
    page_fields = ("username", "full_name", "firm", "is_active", "last_login", "created_at")
    ordering = ("username",)
    related = (Related(Membership, "user"),)


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    """A role; reached from its person's page."""

    list_display = ("role", "user", "firm", "created_at")
    list_filter = (by_choice("role"), by_row("firm"))
    list_select_related = ("user", "firm")
    search_fields = ("user__username", "firm__code")
    page_fields = ("role", "user", "firm", "created_at")
    ordering = ("user__username", "role")
