from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from mes.core.bounds import is_plausible
from mes.core.desk.acts import ActForm
from mes.firms.choices import SCOPES, Resource
from mes.firms.models import MOST_LABEL

MOST_PASSWORD = 128


class SignInForm(AuthenticationForm):
    """Django's, which also tells somebody of a firm that is no member why there is no way in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["username"].help_text = _("Somebody of a firm: name@CODE.")

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if not user.may_enter:
            raise ValidationError(_("Your firm is no member at present. Ask the association."), code="no_member")


def _password(label: Any, *, new: bool, **fields: Any) -> forms.CharField:
    known = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": known})
    return forms.CharField(label=label, max_length=MOST_PASSWORD, strip=False, widget=widget, **fields)


class NewPasswordForm(ActForm):
    """A password twice, by the rules for passwords."""

    password = _password(_("new password"), new=True)
    again = _password(_("new password again"), new=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "password" in values and values.get("again") not in (None, values["password"]):
            self.add_error("again", _("The two are not the same."))
        return values


class WelcomeForm(NewPasswordForm):
    """The code from the sheet, and a password."""

    code = forms.CharField(
        label=pgettext_lazy("on a sheet", "code"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("As on the sheet: four groups of five. Capitals and dashes do not matter."),
    )
    field_order = ("code", "password", "again")


class PasswordForm(NewPasswordForm):
    """The password that holds, and another."""

    current = _password(_("present password"), new=False)
    field_order = ("current", "password", "again")


def _words_of(scope: str) -> SafeString:
    """What a scope opens, with its code, by which programs and the API's answers name it."""
    resource, _colon, act = scope.partition(":")
    words = {"read": pgettext("scope", "%(resource)s: read"), "write": pgettext("scope", "%(resource)s: change")}
    return format_html("<span>{} <code>{}</code></span>", words[act] % {"resource": Resource(resource).label}, scope)


class KeyForm(ActForm):
    """What a firm's program may do, and until when."""

    label = forms.CharField(
        label=_("label"), max_length=MOST_LABEL, help_text=_("For which program it is, so that you find it again.")
    )
    expires_at = forms.DateField(
        label=_("last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until somebody ends it."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=lambda: [(scope, _words_of(scope)) for scope in sorted(SCOPES)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all that you may do yourself."),
    )

    def clean_expires_at(self) -> datetime | None:
        """The end of the last day, in the park."""
        day = self.cleaned_data["expires_at"]
        if day is None:
            return None
        if not is_plausible(day):
            raise ValidationError(_("The year is out of range."))
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=get_current_timezone())
