"""Two questions of whoever runs the web: does the process live, and can it serve."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from redis import Redis, RedisError

from mes.core import wall
from mes.core.api.problems import problem_response

RETRY_AFTER_S = 2
BROKER_TIMEOUT_S = 0.5


def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; it asks nobody."""
    return JsonResponse({"alive": True})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and has every migration of this code, else 503 with Retry-After.

    `broker` false: background jobs are written down and rung later, so the web serves all the same.
    """
    try:
        wall.leave()  # whoever is signed in: the web's own login reads the migrations
        loader = MigrationLoader(connection)
    except OperationalError:
        return _not_ready(_("The database is not available at the moment."))
    missing = set(loader.graph.nodes) - set(loader.applied_migrations)
    if missing:
        return _not_ready(_("The database lacks migrations of this version."))
    return JsonResponse({"ready": True, "broker": _broker_answers()})


def _not_ready(detail: str) -> HttpResponse:
    response = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", detail)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _broker_answers() -> bool:
    client = Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=BROKER_TIMEOUT_S, socket_timeout=BROKER_TIMEOUT_S
    )
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()
