"""Ends sessions that have lasted long, however busy they are, and those from before a second factor was reset."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from mes.core.clock import database_now
from mes.firms.models import User
from mes.signin.account.halfway import VERSION
from mes.signin.selectors import factor_of

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


def end_sessions_of_reset_factors(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Signs out the association's people whose second factor was reset since they signed in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and user.firm_id is None:
            version = factor_of(user.pk).version
            if request.session.setdefault(VERSION, version) != version:
                logout(request)
        return get_response(request)

    return middleware
