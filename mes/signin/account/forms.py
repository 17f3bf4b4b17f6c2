from __future__ import annotations

from django import forms
from django.utils.translation import pgettext_lazy

from mes.core.desk.acts import ActForm

_MOST = 60


class CodeForm(ActForm):
    """A code of the authenticator, or on the page of signing in a recovery code."""

    code = forms.CharField(
        label=pgettext_lazy("of an authenticator", "code"),
        max_length=_MOST,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())
