"""The account of a firm's person: password, and for the owner the keys of the firm's programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mes.core.clock import database_now
from mes.core.errors import DomainError
from mes.firms import selectors
from mes.firms.access import can
from mes.firms.account.forms import KeyForm, PasswordForm
from mes.firms.account.frame import AccountPage, refuse
from mes.firms.choices import Role
from mes.firms.services import api_key_issue, api_key_revoke, firm_export, password_set


class Index(AccountPage):
    """Who one is here, and where one may go."""

    template_name = "account/index.html"
    title = gettext_lazy("Your account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roles = [role.label for role in Role if role in self.actor.roles]
        may_keys = can(self.actor, "api_key.issue")
        may_export = can(self.actor, "firm.export")
        return super().get_context_data(roles=roles, may_keys=may_keys, may_export=may_export, **kwargs)


class Password(AccountPage):
    """Another password of one's own; the person's other sessions end."""

    template_name = "account/password.html"
    title = gettext_lazy("Change the password")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": PasswordForm(), **kwargs})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasswordForm(request.POST)
        if form.is_valid():
            if not self.user.check_password(form.cleaned_data["current"]):
                form.add_error("current", _("This is not your present password."))
            else:
                user = password_set(actor=self.actor, password=form.cleaned_data["password"])
                update_session_auth_hash(request, user)
                messages.success(request, _("The password is changed."))
                return HttpResponseRedirect(reverse("account:index"))
        return self.render_to_response(self.get_context_data(form=form))


class Keys(AccountPage):
    """The keys of the firm's programs. A new one stands in the answer to the form, this once."""

    template_name = "account/keys.html"
    title = gettext_lazy("Keys of your programs")
    verb = "api_key.issue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        keys = selectors.api_keys_of_firm(actor=self.actor)
        return super().get_context_data(**{"form": KeyForm(), "keys": keys, "now": database_now(), **kwargs})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = KeyForm(request.POST)
        if form.is_valid():
            values = form.cleaned_data | {"scopes": form.cleaned_data["scopes"] or None}
            try:
                key = api_key_issue(actor=self.actor, user=self.user, **values)
            except DomainError as error:
                refuse(form, error)
            else:
                return self.render_to_response(self.get_context_data(key=key))
        return self.render_to_response(self.get_context_data(form=form))


class Export(AccountPage):
    """Everything that is kept of the firm, to take along."""

    template_name = "account/export.html"
    title = gettext_lazy("Your firm's data")
    verb = "firm.export"

    def post(self, request: HttpRequest) -> FileResponse:
        name = f"{self.user.username.partition('@')[2]}.zip"
        return FileResponse(firm_export(actor=self.actor), as_attachment=True, filename=name)


class RevokeKey(AccountPage):
    """Ends a key; asked for by the button beside it."""

    title = ""
    verb = "api_key.revoke"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, api_key_id: UUID) -> HttpResponse:
        row = api_key_revoke(actor=self.actor, api_key_id=api_key_id, now=database_now())
        messages.success(request, _("The key %(key)s has ended.") % {"key": row})
        return HttpResponseRedirect(reverse("account:keys"))
