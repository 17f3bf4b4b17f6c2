"""The site of the desk: our pages, sign-in in plain words, and no page that the machine does not serve itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.sites import UnfoldAdminSite

from mes.core.desk.pages import PAGES


class SignIn(AuthenticationForm):
    """The library's form; a firm's person is told where to go instead of being called unknown."""

    def confirm_login_allowed(self, user: Any) -> None:
        if not user.is_staff:
            raise ValidationError(
                _("This desk is the association's. A firm's people work through the API with a key of their firm."),
                code="not_staff",
            )
        super().confirm_login_allowed(user)


class Desk(UnfoldAdminSite):
    """Django's admin site in the skin, with the registered pages."""

    index_title = _("What needs me today")
    login_form = SignIn
    login_template = "desk/sign_in.html"
    index_template = "desk/index.html"

    def get_urls(self) -> list[Any]:
        own = [path(page.path, self.admin_view(page.as_view()), name=page.name) for page in PAGES]
        return [*own, *super().get_urls()]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The library's search over the names of lists. A page of results that there is not is not found."""
        try:
            return super().search(request, extra_context)
        except (ValueError, InvalidPage) as error:
            raise Http404 from error

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().login(request, {"title": _("Sign in"), **(extra_context or {})})
