"""Writes down each page that is read under a read session, after the page's own transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

from mes.core.actors import Actor
from mes.core.clock import database_now
from mes.core.wall import actor_wall
from mes.firms.services import session_read_record

_PART = re.compile(r"<[^>]*>")
_KEYS = ("object_id", "pk")

# The words of the desk's scripts: a page asks for them beside itself, and they hold no row.
_NO_PAGES = frozenset({"jsi18n"})


class ReadSessionMiddleware:
    """Stands outside the request's wall, so that what it writes also stays when the page was refused.

    A page whose reading cannot be written down is not shown.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        actor: Actor | None = getattr(request, "actor", None)
        match = request.resolver_match
        if actor is not None and actor.sight.session_firms and match is not None and match.url_name not in _NO_PAGES:
            page = "/" + _PART.sub("*", match.route)
            with actor_wall(actor):
                session_read_record(
                    actor=actor,
                    method=request.method or "",
                    page=page,
                    row=_row_of(match),
                    now=database_now(),
                )
        return response


def _row_of(match: ResolverMatch) -> tuple[type[models.Model], UUID] | None:
    """The row whose page it is, by the names that the desk gives its addresses."""
    text = next((str(match.kwargs[name]) for name in _KEYS if name in match.kwargs), "")
    for model in admin.site._registry:
        if (match.url_name or "").startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            try:
                return model, UUID(text)
            except ValueError:
                return None
    return None
