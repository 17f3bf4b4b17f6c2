from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as groups  # imported for its list, which goes again
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import database_now
from mes.core.desk.acts import Act, ActForm, LeadsTo, Sheet, ShownOnce
from mes.core.desk.columns import state
from mes.core.desk.filters import by_choice, by_flag, by_row
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.related import Related
from mes.core.desk.sections import Section
from mes.firms.admin.membership import MEMBERSHIP_ACTS
from mes.firms.admin.walls import InterestForm
from mes.firms.choices import ASSOCIATION_ROLES, FIRM_ROLES, SUPPLIER_ROLES, FirmStatus, Role
from mes.firms.models import (
    MOST_CODE,
    MOST_GATE_M,
    MOST_NAME,
    MOST_SORT_KEY,
    MOST_USERNAME,
    AccountCode,
    Firm,
    Membership,
    ReadSession,
    TermsSignature,
    User,
)
from mes.firms.models.walls import LEAST_REASON, MOST_REASON
from mes.firms.services import (
    IssuedCode,
    account_code_issue,
    firm_create,
    interest_declare,
    read_session_open,
    supplier_create,
    user_anonymise,
    user_change,
    user_create,
)
from mes.firms.services.walls import MOST_HOURS

admin.site.unregister(groups.Group)  # type: ignore[attr-defined]  # not used: the access table decides

_STATUS = state(
    Firm,
    "status",
    good=(FirmStatus.MEMBER, FirmStatus.SUPPLIER),
    warn=(FirmStatus.SUSPENDED, FirmStatus.SANDBOX),
    bad=(FirmStatus.LEFT, FirmStatus.DECLINED),
)


_FIRM_ROLES = [(role.value, role.label) for role in Role if role in FIRM_ROLES]
_SUPPLIER_ROLES = [(role.value, role.label) for role in Role if role in SUPPLIER_ROLES]
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
    sandbox = forms.BooleanField(
        label=_("sandbox"), required=False, help_text=_("For trying the API: no plan, offer or statistic has it.")
    )


class SupplierForm(ActForm):
    """A supplier and its head."""

    code = forms.CharField(label=_("code"), max_length=MOST_CODE)
    name_zh = forms.CharField(label=_("name (Chinese)"), max_length=MOST_NAME)
    name_en = forms.CharField(label=_("name (English)"), max_length=MOST_NAME, required=False)
    sort_key = forms.CharField(
        label=_("sort key"), max_length=MOST_SORT_KEY, required=False, help_text=_("The name in pinyin.")
    )
    username = forms.CharField(
        label=_("user name of its head"), max_length=MOST_USERNAME, help_text=_("The firm's code is added.")
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


class MemberRolesForm(ActForm):
    """What somebody of a firm may do."""

    roles = forms.MultipleChoiceField(label=_("roles"), choices=_FIRM_ROLES, widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label=_("active"), required=False)


class SellerForm(MemberForm):
    """Somebody of a supplier."""

    roles = forms.MultipleChoiceField(label=_("roles"), choices=_SUPPLIER_ROLES, widget=forms.CheckboxSelectMultiple)


class SellerRolesForm(MemberRolesForm):
    """What somebody of a supplier may do."""

    roles = forms.MultipleChoiceField(label=_("roles"), choices=_SUPPLIER_ROLES, widget=forms.CheckboxSelectMultiple)


class OfficerRolesForm(ActForm):
    """What somebody of the association may do."""

    roles = forms.MultipleChoiceField(label=_("roles"), choices=_OFFICES, widget=forms.CheckboxSelectMultiple)
    is_active = forms.BooleanField(label=_("active"), required=False)


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
    firm = firm_create(actor=actor, gate_m=gate_m, sandbox=values["sandbox"], **texts)
    return gettext("%(firm)s is recorded. Open it to go on.") % {"firm": firm}


def _add_supplier(actor: Actor, row: None, values: Mapping[str, Any]) -> ShownOnce:
    return _on_paper(supplier_create(actor=actor, now=database_now(), **values))


def _add_person(actor: Actor, firm: Firm | None, values: Mapping[str, Any]) -> ShownOnce:
    roles = [Role(role) for role in values["roles"]]
    names = {name: values[name] for name in ("username", "full_name")}
    user = user_create(actor=actor, firm=firm, roles=roles, **names)
    return _issue_code(actor, user, {})


def _issue_code(actor: Actor, user: User, _values: Mapping[str, Any]) -> ShownOnce:
    return _on_paper(account_code_issue(actor=actor, user_id=user.pk, now=database_now()))


def _on_paper(issued: IssuedCode) -> ShownOnce:
    user = issued.row.user
    until = localtime(issued.row.expires_at).strftime("%Y-%m-%d %H:%M")
    sheet = Sheet(
        title=gettext("Your account at the park"),
        facts=(
            (gettext("firm"), str(user.firm or gettext("the association"))),
            (gettext("user name"), user.username),
            (gettext("valid until"), until),
        ),
        steps=(
            gettext("Open the address in a browser."),
            gettext("Type the code and a password of your own, of ten characters at least."),
            gettext("Sign in with the user name and this password, and destroy the sheet."),
        ),
        address=reverse("account:welcome"),
    )
    said = gettext("%(user)s sets a password with this code, once. No password that there was before holds.")
    return ShownOnce(said=said % {"user": user}, label=pgettext("on a sheet", "code"), value=issued.code, sheet=sheet)


def _change_person(actor: Actor, user: User, values: Mapping[str, Any]) -> str:
    roles = [Role(role) for role in values["roles"]]
    changed = user_change(actor=actor, user_id=user.pk, roles=roles, is_active=values["is_active"])
    return gettext("%(user)s was changed.") % {"user": changed}


def _as_it_is(user: User) -> Mapping[str, Any]:
    return {"roles": sorted(user.roles), "is_active": user.is_active}


def _is_supplier(firm: Firm) -> bool:
    return firm.status == FirmStatus.SUPPLIER


def _add(name: str, form: type[ActForm], applies: Callable[[Firm], bool]) -> Act:
    return Act(
        name=name,
        verb="user.create",
        title=_("Add a person of this firm"),
        explained=_("An account of this firm alone. A code for its first sign-in is made now and shown once."),
        run=_add_person,
        icon="person_add",
        form=form,
        applies=applies,
    )


def _change(name: str, form: type[ActForm], applies: Callable[[User], bool]) -> Act:
    return Act(
        name=name,
        verb="user.change",
        title=_("Change roles, or end the account"),
        explained=_(
            "Whoever is not active can neither sign in nor use a key. Other roles hold from the next click on."
        ),
        run=_change_person,
        icon="manage_accounts",
        form=form,
        initial=_as_it_is,
        applies=applies,
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
        Related(TermsSignature, "firm"),
        Related(ReadSession, "firm"),
    )
    acts_on_list = (
        Act(
            name="add",
            verb="firm.create",
            title=_("Add a firm"),
            explained=_("A firm that applies for membership. Its code stands in all its numbers and does not change."),
            run=_add_firm,
            icon="add_business",
            form=FirmForm,
        ),
        Act(
            name="add-supplier",
            verb="supplier.create",
            title=_("Add a supplier"),
            explained=_(
                "A firm that quotes in rounds and sees nothing of the members, with its head. The head's code for the"
                " first sign-in is made now and shown once."
            ),
            run=_add_supplier,
            icon="local_shipping",
            form=SupplierForm,
        ),
    )
    acts_on_row = (
        _add("add-person", MemberForm, lambda firm: not _is_supplier(firm)),
        _add("add-seller", SellerForm, _is_supplier),
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
        *MEMBERSHIP_ACTS,
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
    related = (Related(Membership, "user"), Related(AccountCode, "user"))
    acts_on_row = (
        Act(
            name="code",
            verb="user.invite",
            title=_("Issue a new code"),
            explained=_(
                "For somebody who has lost the password or the sheet. What was valid before ends at once: password,"
                " sessions and an earlier code. The firm sees that the association has done this."
            ),
            run=_issue_code,
            icon="key",
            applies=lambda user: user.may_enter,
        ),
        _change("roles", MemberRolesForm, lambda user: user.firm is not None and not _is_supplier(user.firm)),
        _change("seller-roles", SellerRolesForm, lambda user: user.firm is not None and _is_supplier(user.firm)),
        _change("office", OfficerRolesForm, lambda user: user.firm is None),
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
    acts_on_list = (
        Act(
            name="add-officer",
            verb="user.create",
            title=_("Add a person of the association"),
            explained=_(
                "An account of the association. People of a firm are added on the firm's page. A code for the first"
                " sign-in is made now and shown once."
            ),
            run=_add_person,
            icon="person_add",
            form=OfficerForm,
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


@admin.register(AccountCode)
class AccountCodeAdmin(DeskAdmin):
    """Codes that were issued, without anything of the codes themselves; reached from their person's page."""

    list_display = ("created_at", "user", "firm", "by_association", "expires_at", "used_at", "ended_at")
    list_filter = (by_flag("by_association"), by_row("firm"))
    list_select_related = ("user", "firm")
    page_fields = ("user", "firm", "by_association", "created_at", "expires_at", "tries", "used_at", "ended_at")
    ordering = ("-created_at",)
