"""The look of the desk. Settings read this module, so it imports neither models nor the library itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

APPS = ("unfold.apps.BasicAppConfig", "unfold.contrib.filters")
"""The skin's own applications, before Django's admin. Its default one would put its site in place of ours."""

_BLUE = {
    "50": "oklch(97% .014 240)",
    "100": "oklch(94% .028 240)",
    "200": "oklch(88% .055 240)",
    "300": "oklch(80% .09 240)",
    "400": "oklch(71% .125 242)",
    "500": "oklch(62% .14 245)",
    "600": "oklch(53% .135 247)",
    "700": "oklch(46% .12 248)",
    "800": "oklch(40% .1 248)",
    "900": "oklch(34% .08 248)",
    "950": "oklch(26% .06 248)",
}


def stylesheet(request: HttpRequest) -> str:
    """Address of our own styles. The library's classes are its own affair: it drops those that it does not use."""
    return static("desk/desk.css")


def favicon(request: HttpRequest) -> str:
    return static("desk/favicon.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("The park's desk"),
    "SITE_HEADER": _("The park's desk"),
    "SITE_SYMBOL": "factory",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": favicon}],
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": False,
    "THEME": "light",
    "BORDER_RADIUS": "5px",
    "COLORS": {"primary": _BLUE},
    "STYLES": [stylesheet],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "mes.core.desk.sidebar.navigation",
    },
}
