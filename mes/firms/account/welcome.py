"""The page for whoever holds a sheet with a code: somebody new, or somebody who has lost the password."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from mes.core import wall
from mes.firms.account.forms import WelcomeForm
from mes.firms.authentication import actor_of_user, user_of_code
from mes.firms.services import password_set


@method_decorator((never_cache, sensitive_post_parameters()), name="dispatch")
class Welcome(TemplateView):
    """Takes the code and a password, and leads to signing in. A wrong, a used and an expired code answer alike.

    A refusal answers with 200, so that the try that was counted stays written.
    """

    template_name = "account/welcome.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"title": _("Set your password"), "form": WelcomeForm(), **kwargs})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WelcomeForm(request.POST)
        user = user_of_code(form.cleaned_data["code"]) if form.is_valid() else None
        if user is None:
            if form.is_valid():
                form.add_error("code", _("This code is not valid. Look at it again, or ask for a new one."))
            return self.render_to_response(self.get_context_data(form=form))
        actor = actor_of_user(user)
        wall.leave()
        wall.enter(actor.database_role, actor.firm_id, actor.sight)
        password_set(actor=actor, password=form.cleaned_data["password"])
        messages.success(request, _("Your password is set. Sign in with it."))
        return HttpResponseRedirect(reverse("account:sign-in"))
