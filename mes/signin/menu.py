"""What the desk's menu of the person offers for signing in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Title and address of each entry, above the way out."""
    return [
        {"title": _("Change the password"), "link": reverse("admin:password_change")},
        {"title": _("Second factor"), "link": reverse("account:own-second-factor")},
    ]
