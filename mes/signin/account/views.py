"""Signing in: the password, and for the association's people a code of their authenticator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from mes.core import wall
from mes.core.actors import Actor
from mes.core.addresses import client_address
from mes.core.clock import database_now
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.firms.account.sign_in import SignIn, home_of
from mes.firms.authentication import actor_of_user
from mes.firms.models import User
from mes.signin.account import halfway
from mes.signin.account.forms import CodeForm
from mes.signin.account.halfway import Halfway
from mes.signin.backends import TooManyTries
from mes.signin.one_time import picture_of, secret_of
from mes.signin.selectors import factor_of, is_required, own_factor
from mes.signin.services import second_factor_confirm, second_factor_use
from mes.signin.tries import Try


class SignInHalf(SignIn):
    """Whoever has a second factor, or has to have one, is led to its page and is nobody until then."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wall.leave()  # of whoever is still signed in: a password is checked for nobody yet
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        if not isinstance(user, User) or user.firm_id is not None:
            return super().form_valid(form)
        is_set_up = factor_of(user.pk).is_set_up
        if not is_set_up and not is_required():
            return super().form_valid(form)
        wanted, home = self.get_redirect_url(), home_of(user)
        halfway.begin(self.request, user, wanted if wanted.startswith(home) else home)
        page = "second-factor" if is_set_up else "second-factor-setup"
        return HttpResponseRedirect(reverse(f"account:{page}"))


@method_decorator((never_cache, sensitive_post_parameters()), name="dispatch")
class _CodePage(TemplateView):
    """A page that takes a code. Each try counts as one of the account's, like a password's."""

    half: Halfway

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": CodeForm(), **kwargs})

    def counted(self, form: CodeForm, check: Callable[[Actor, str], bool]) -> bool:
        """Whether the code was right; an error on the form where it was not, alike whatever was wrong."""
        user = self.half.user
        counted = Try(user.username, client_address(self.request), user.pk)
        if not form.is_valid():
            return False
        if not counted.count():
            form.add_error(None, TooManyTries())
            return False
        if not _as_person(user, lambda actor: check(actor, form.cleaned_data["code"])):
            form.add_error("code", gettext("This code is not valid. Wait for the next one and try again."))
            return False
        counted.refund()
        return True


class FactorCode(_CodePage):
    """The second page of signing in. A wrong code, one used before and one of another time answer alike."""

    template_name = "signin/second_factor.html"
    extra_context = {"title": _("Second factor")}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        half = halfway.halfway_of(request)
        if half is None or not half.factor.is_set_up:
            return HttpResponseRedirect(reverse("account:sign-in"))
        self.half = half
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        form, version = CodeForm(request.POST), self.half.factor.version

        def check(actor: Actor, code: str) -> bool:
            return second_factor_use(actor=actor, code=code, version=version, now=database_now())

        if not self.counted(form, check):
            return self.render_to_response(self.get_context_data(form=form))
        halfway.finish(request, self.half)
        return HttpResponseRedirect(self.half.onward)


class FactorSetup(_CodePage):
    """Shows the secret, takes a first code of it, and shows the recovery codes in the answer, this once.

    Signing in leads here where a second factor is required; where it is not, whoever is signed in may come.
    """

    template_name = "signin/set_up.html"
    extra_context = {"title": _("Set up the second factor")}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        half = halfway.halfway_of(request) or _signed_in(request)
        if half is None or half.factor.is_set_up:
            return HttpResponseRedirect(reverse("account:sign-in"))
        self.half = half
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        secret = secret_of(self.half.user.pk, self.half.factor.version)
        picture = picture_of(secret, self.half.user.username)
        return super().get_context_data(secret=secret, picture=picture, onward=self.half.onward, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        form, version, codes = CodeForm(request.POST), self.half.factor.version, list[str]()

        def check(actor: Actor, code: str) -> bool:
            try:
                codes.extend(second_factor_confirm(actor=actor, code=code, version=version, now=database_now()))
            except (InvalidValue, NotAllowedInState):
                return False
            return True

        if self.counted(form, check):
            halfway.finish(request, self.half)
        return self.render_to_response(self.get_context_data(form=form, codes=codes))


@method_decorator(never_cache, name="dispatch")
class OwnFactor(TemplateView):
    """Since when one of the association gives a code, and how many recovery codes are left; else the setting up."""

    template_name = "signin/own.html"
    extra_context = {"title": _("Second factor")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        half = _signed_in(request)
        if half is None:
            return HttpResponseRedirect(reverse("account:sign-in"))
        if not half.factor.is_set_up:
            return HttpResponseRedirect(reverse("account:second-factor-setup"))
        row = own_factor(actor=request.actor)  # type: ignore[attr-defined]
        context = self.get_context_data(since=row.confirmed_at, left=len(row.recovery), onward=half.onward)
        return self.render_to_response(context)


def _signed_in(request: HttpRequest) -> Halfway | None:
    """Somebody of the association who is signed in and sets up a factor without having to."""
    user = request.user
    if not isinstance(user, User) or user.firm_id is not None or not user.may_enter:
        return None
    return Halfway(user, request.second_factor, home_of(user))  # type: ignore[attr-defined]  # by the middleware


def _as_person(user: User, check: Callable[[Actor], bool]) -> bool:
    """Runs `check` inside the wall of the person, and leaves it: the session is written by the web's login."""
    wall.leave()
    actor = actor_of_user(user)
    wall.enter(actor.database_role, actor.firm_id, actor.sight)
    right = check(actor)
    wall.leave()
    return right
