"""The site of the desk: our pages, and no page that the machine does not serve itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from mes.core.desk.pages import PAGES


class Desk(UnfoldAdminSite):
    """Django's admin site in the skin, with the registered pages."""

    index_title = _("What needs me today")
    index_template = "desk/index.html"

    def get_urls(self) -> list[Any]:
        """Without the library's address that leads from any row's key to its page elsewhere: no row has one."""
        own = [path(page.path, self.admin_view(page.as_view()), name=page.name) for page in PAGES]
        return [*own, *(known for known in super().get_urls() if getattr(known, "name", "") != "view_on_site")]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The library's search over the names of lists. A page of results that there is not is not found."""
        try:
            return super().search(request, extra_context)
        except (ValueError, InvalidPage) as error:
            raise Http404 from error

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one page for signing in; it sends a firm's person to the account."""
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(wanted, reverse("account:sign-in"))
