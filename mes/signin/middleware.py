"""Ends sessions that have lasted long, however busy they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from mes.core.clock import database_now

LONGEST = timedelta(hours=12)
_BEGAN = "began_at"


def end_long_sessions(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Signs out whose session began twelve hours ago. Its beginning is the first request after signing in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = database_now()
            began = request.session.get(_BEGAN)
            if began is None:
                request.session[_BEGAN] = now.isoformat()
            elif datetime.fromisoformat(began) + LONGEST <= now:
                logout(request)
        return get_response(request)

    return middleware
