"""The one page on which people of both sides sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mes.firms.account.forms import SignInForm
from mes.firms.models import User


def home_of(user: User) -> str:
    """Where a person begins: the association's at the desk, a firm's at the account."""
    return reverse("admin:index") if user.is_staff else reverse("account:index")


class SignIn(LoginView):
    """Asks for user name and password, and leads on: to `next` if it lies on the person's side."""

    template_name = "account/sign_in.html"
    authentication_form = SignInForm
    extra_context = {"title": _("Sign in")}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if request.method == "GET" and isinstance(user, User) and user.may_enter:
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_success_url(self) -> str:
        home, wanted = home_of(self.request.user), self.get_redirect_url()  # type: ignore[arg-type]
        return wanted if wanted.startswith(home) else home


class SignOut(LogoutView):
    """Ends the session and leads to the page of signing in."""

    next_page = "account:sign-in"
