"""Hands the actor that the middleware found to Django REST framework."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from mes.core.actors import Actor, Channel
from mes.core.api.codes import FRAME


def actor_of(request: Request) -> Actor:
    """The authenticated request's actor."""
    actor: Actor = request._request.actor  # type: ignore[attr-defined]
    return actor


class ActorAuthentication(SessionAuthentication):
    """The request's actor, found once by WallMiddleware; a browser session also needs its CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        actor: Actor | None = getattr(request._request, "actor", None)
        if actor is None:
            if "Authorization" in request.headers:
                raise AuthenticationFailed(_("The key is unknown, expired or revoked."), code="not_authenticated")
            return None
        if actor.channel is not Channel.API:
            self.enforce_csrf(request)
        return actor, None

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(str(FRAME["csrf_failed"].detail), code="csrf_failed") from error

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
