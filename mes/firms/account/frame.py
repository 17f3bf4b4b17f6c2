"""The base of the pages for a firm's people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from mes.core.actors import Actor, Channel
from mes.core.errors import DomainError, NotFound
from mes.firms.access import can
from mes.firms.models import User


@method_decorator(never_cache, name="dispatch")
class AccountPage(TemplateView):
    """A page for somebody of a firm who is signed in; others are led to where they belong.

    `verb`: of the access table, None for a page of everybody's own.
    """

    title: ClassVar[str | Promise]
    verb: ClassVar[str | None] = None
    actor: Actor
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor, user = getattr(request, "actor", None), request.user
        if actor is None or actor.channel is Channel.API or not isinstance(user, User):
            return redirect_to_login(request.get_full_path(), reverse("account:sign-in"))
        if actor.firm_id is None:
            return HttpResponseRedirect(reverse("admin:index"))
        if self.verb is not None and not can(actor, self.verb):
            raise PermissionDenied
        self.actor, self.user = actor, user
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, actor=self.actor, **kwargs)


def refuse(form: Form, error: DomainError) -> None:
    """Puts a refusal on the form, at its field."""
    name = error.pointer.strip("/").split("/")[0]
    form.add_error(name if name in form.fields else None, str(error.detail))
