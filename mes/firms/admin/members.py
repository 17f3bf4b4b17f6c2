from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as groups  # imported for its list, which goes again
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import database_now
from mes.core.desk.acts import Act, ActForm, LeadsTo, ShownOnce
from mes.core.desk.columns import state
from mes.core.desk.filters import by_choice, by_flag, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from mes.firms.admin.walls import InterestForm
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, FirmStatus, Role
from mes.firms.keys import new_password
from mes.firms.models import (
    MOST_CODE,
    MOST_GATE_M,
    MOST_NAME,
    MOST_SORT_KEY,
    MOST_USERNAME,
    Firm,
    Membership,
    ReadSession,
    User,
)
from mes.firms.models.walls import LEAST_REASON, MOST_REASON
from mes.firms.services import firm_create, interest_declare, read_session_open, user_anonymise, user_create
from mes.firms.services.walls import MOST_HOURS

admin.site.unregister(groups.Group)  # type: ignore[attr-defined]  # not used: the access table decides

_STATUS = state(
    Firm, "status", good=(FirmStatus.MEMBER,), warn=(FirmStatus.SUSPENDED, FirmStatus.SANDBOX), bad=(FirmStatus.LEFT,)
)


_FIRM_ROLES = [(role.value, role.label) for role in Role if role in FIRM_ROLES]
_OFFICES = [(role.value, role.label) for role in Role if role in ASSOCIATION_ROLES]


class SessionForm(ActForm):
    reason = forms.CharField(label=_("reason"), min_length=LEAST_REASON, max_length=MOST_REASON)
    hours = forms.IntegerField(label=_("hours"), min_value=1, max_value=MOST_HOURS, initial=1)


class FirmForm(ActForm):
    code = forms.CharField(label=_("code"), max_length=MOST_CODE)
    name_zh = forms.CharField(label=_("name (Chinese)"), max_length=MOST_NAME)
    name_en = forms.CharField(label=_("name (English)"), max_length=MOST_NAME, required=False)
    sort_key = forms.CharField(
        label=_("sort key"), max_length=MOST_SORT_KEY, required=False, help_text=_("The name in pinyin.")
    )
    gate_east_m = forms.IntegerField(
        label=_("gate, metres east of the park's origin"), min_value=-MOST_GATE_M, max_value=MOST_GATE_M, initial=0
    )
    gate_north_m = forms.IntegerField(
        label=_("gate, metres north of the park's origin"), min_value=-MOST_GATE_M, max_value=MOST_GATE_M, initial=0
    )


class _PersonForm(ActForm):
    username = forms.CharField(label=_("user name"), max_length=MOST_USERNAME)
    full_name = forms.CharField(label=_("full name"), max_length=MOST_NAME, required=False)


class MemberForm(_PersonForm):
    """Somebody of a firm."""

    username = forms.CharField(
        label=_("user name"), max_length=MOST_USERNAME, help_text=_("The firm's code is added: chen becomes chen@F01.")
    )
    roles = forms.MultipleChoiceField(label=_("roles"), choices=_FIRM_ROLES, widget=forms.CheckboxSelectMultiple)


class OfficerForm(_PersonForm):
    """Somebody of the association."""

    roles = forms.MultipleChoiceField(label=_("roles"), choices=_OFFICES, widget=forms.CheckboxSelectMultiple)


def _anonymise(actor: Actor, person: User, values: Mapping[str, Any]) -> str:
    return gettext("The person's name is gone; the account is %(user)s from now on.") % {
        "user": user_anonymise(actor=actor, user_id=person.pk)
    }


def _add_firm(actor: Actor, row: None, values: Mapping[str, Any]) -> str:
    gate_m = (values["gate_east_m"], values["gate_north_m"])
    texts = {name: values[name] for name in ("code", "name_zh", "name_en", "sort_key")}
    return gettext("%(firm)s is a member. Open it to add its people.") % {
        "firm": firm_create(actor=actor, gate_m=gate_m, **texts)
    }


def _add_person(actor: Actor, firm: Firm | None, values: Mapping[str, Any]) -> ShownOnce:
    password = new_password()
    roles = [Role(role) for role in values["roles"]]
    names = {name: values[name] for name in ("username", "full_name")}
    user = user_create(actor=actor, password=password, firm=firm, roles=roles, **names)
    return ShownOnce(
        said=gettext("%(user)s has an account with this password.") % {"user": user},
        label=gettext("password"),
        value=password,
    )


def _open_session(actor: Actor, firm: Firm, values: Mapping[str, Any]) -> LeadsTo:
    row = read_session_open(actor=actor, firm_id=firm.pk, now=database_now(), **values)
    return LeadsTo(gettext("Open. It ends by itself; end it here when you are done."), row)


def _declare_for(actor: Actor, user: User, values: Mapping[str, Any]) -> str:
    interest_declare(actor=actor, user_id=user.pk, firm_id=values["firm"].pk, now=database_now())
    return gettext("Declared. The person finds nothing of this firm any more.")


@admin.register(Firm)
class FirmAdmin(DeskAdmin):
    section = Section.MEMBERS
    icon = "factory"
    list_display = ("code", "name_zh", "name_en", _STATUS)
    list_filter = (by_choice("status"),)
    search_fields = ("code", "name_zh", "name_en", "sort_key")
    page_fields = ("code", "name_zh", "name_en", _STATUS, "gate_east_m", "gate_north_m", "created_at")
    ordering = ("code",)
    related = (
        Related(User, "firm", columns=("username", "full_name", "is_active", "last_login")),
        Related(ReadSession, "firm"),
    )
    acts_on_list = (
        Act(
            name="add",
            verb="firm.create",
            title=_("Add a member firm"),
            explained=_("A new member of the park. Its code stands in all its numbers and does not change."),
            run=_add_firm,
            icon="add_business",
            form=FirmForm,
        ),
    )
    acts_on_row = (
        Act(
            name="add-person",
            verb="user.create",
            title=_("Add a person of this firm"),
            explained=_("An account of this firm alone. Its password is made now and shown once."),
            run=_add_person,
            icon="person_add",
            form=MemberForm,
        ),
        Act(
            name="open-session",
            verb="read_session.open",
            title=_("Open a read session"),
            explained=_(
                "Opens this firm's own products, routings, recipes and press laws to you for some hours. Customers,"
                " prices and costs stay closed. The firm is told who by role, why, and which pages."
            ),
            run=_open_session,
            icon="visibility",
            form=SessionForm,
        ),
    )


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
    acts_on_list = (
        Act(
            name="add-officer",
            verb="user.create",
            title=_("Add a person of the association"),
            explained=_(
                "An account of the association. People of a firm are added on the firm's page. The password is made now"
                " and shown once."
            ),
            run=_add_person,
            icon="person_add",
            form=OfficerForm,
        ),
    )
    acts_on_row = (
        Act(
            name="declare-interest",
            verb="declared_interest.declare_for",
            title=_("Declare an interest of this person"),
            explained=_("From now on the person finds nothing of that firm; another person can end it."),
            run=_declare_for,
            icon="block",
            form=InterestForm,
            applies=lambda row: row.firm_id is None,
        ),
        Act(
            name="anonymise",
            verb="user.anonymise",
            title=_("Make anonymous"),
            explained=_(
                "The name goes for good, keys and sessions end. What the person did stays in the records under a key."
            ),
            run=_anonymise,
            icon="person_off",
            applies=lambda person: not person.is_active,
        ),
    )


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    """A role; reached from its person's page."""

    list_display = ("role", "user", "firm", "created_at")
    list_filter = (by_choice("role"), by_row("firm"))
    list_select_related = ("user", "firm")
    search_fields = ("user__username", "firm__code")
    page_fields = ("role", "user", "firm", "created_at")
    ordering = ("user__username", "role")
