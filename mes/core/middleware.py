"""Every request has a name, and is one transaction inside the wall of its actor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from mes.core import correlation, rate_limit, wall
from mes.core.actors import Actor
from mes.core.addresses import client_address
from mes.core.api.codes import FRAME
from mes.core.api.problems import as_problem, problem_response

ActorResolver = Callable[[HttpRequest], Actor | None]
ActorWatcher = Callable[[HttpRequest], None]

logger = logging.getLogger(__name__)
_RETRY_AFTER_S = 2

# The second is what a connection says that was lost before it was asked.
_LOST = (OperationalError, InterfaceError)

# The skin's scripts stand in its pages and evaluate expressions, so script-src cannot be narrower.
_OWN_RESOURCES = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class WallMiddleware:
    """Finds the actor, enters his wall, and rolls back what a failed request has written.

    Django turns a view's exception into a response below this middleware, so the answer's status decides: at 400 and
    above nothing stays written. An error at COMMIT appears here, after the response was made. An anonymous request
    keeps the login's own rights. Streams must have gathered their rows before they are returned.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._resolve: ActorResolver = import_string(settings.ACTOR_RESOLVER)
        self._watch: ActorWatcher = import_string(settings.ACTOR_WATCHER)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._answered(request)
        try:
            self._watch(request)
        except DatabaseError:
            logger.warning("The use of a key was not noted.", exc_info=True)
        return response

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self._inside(request)
        except IntegrityError:
            return problem_response(
                HTTPStatus.CONFLICT, "conflict", _("A concurrent change got in the way. Try again.")
            )
        except _LOST:
            return _unavailable()
        except wall.WallBreached:
            wall.discard_connection()
            raise

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """A lost connection or a deadlock inside a view: nothing was written, and another try may succeed."""
        return _unavailable() if isinstance(exception, _LOST) else None

    def _inside(self, request: HttpRequest) -> HttpResponseBase:
        with transaction.atomic():
            wall.assert_clean()
            actor = self._resolve(request)
            request.actor = actor  # type: ignore[attr-defined]
            if actor is not None:
                wall.enter(actor.database_role, actor.firm_id, actor.sight)
            response = self._get_response(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                transaction.set_rollback(True)
        if connection.in_atomic_block:  # only a test's transaction goes on here
            wall.leave()
        return response


def named(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Names the request, around everything else, and makes each refusal below /api/ a problem, whoever refused."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with correlation.request_named(request.headers.get(correlation.HEADER)) as name:
            request.request_id = name  # type: ignore[attr-defined]
            response = get_response(request)
            if response.status_code >= HTTPStatus.BAD_REQUEST and request.path.startswith("/api/"):
                with override(get_language_from_request(request)):
                    response = as_problem(response)
        response[correlation.HEADER] = name
        return response

    return middleware


def limited(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Counts the calls of a key, a person or, where nobody is known, an address below /api/; too many get 429."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        left = rate_limit.take(_caller(request)) if request.path.startswith("/api/") else None
        if left is None:
            return get_response(request)
        if left.wait_s:
            refusal = FRAME["too_many_requests"]
            response: HttpResponseBase = problem_response(refusal.status, "too_many_requests", str(refusal.detail))
            response["Retry-After"] = str(left.wait_s)
        else:
            response = get_response(request)
        for name, value in (("Limit", left.limit), ("Remaining", left.remaining), ("Reset", left.reset_s)):
            response[f"RateLimit-{name}"] = str(value)
        return response

    return middleware


def own_resources_only(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tells browsers to load nothing that another machine serves, and to send no form elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", _OWN_RESOURCES)
        return response

    return middleware


def _caller(request: HttpRequest) -> str:
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return f"address:{client_address(request)}"
    return f"key:{actor.api_key_id}" if actor.api_key_id else f"person:{actor.user_id}"


def _unavailable() -> HttpResponseBase:
    response = problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", _("The database is not available at the moment.")
    )
    response["Retry-After"] = str(_RETRY_AFTER_S)
    return response
