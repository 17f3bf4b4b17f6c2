"""Ends sessions that were idle or have lasted long, and those whose second factor was reset or is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponseBase

from mes.core.clock import database_now
from mes.core.sessions import SessionStore
from mes.firms.models import User
from mes.signin.account.halfway import VERSION
from mes.signin.selectors import factor_of, is_required

LONGEST = timedelta(hours=12)
NOTED_EACH = timedelta(minutes=1)
_BEGAN = "began_at"
_SEEN = "seen_at"


def time_sessions(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Signs out whose session began twelve hours ago. Its beginning is the first request after signing in.

    A request puts the end of an idle session off, by saving the session, when the last one noted is a minute old: most
    requests then write nothing, and who is idle is signed out up to a minute early.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            session = cast(SessionStore, request.session)
            now = session.read_at or database_now()
            began, seen = session.get(_BEGAN), session.get(_SEEN)
            if began is not None and datetime.fromisoformat(began) + LONGEST <= now:
                logout(request)
            elif seen is None or datetime.fromisoformat(seen) + NOTED_EACH <= now:
                session.update({_BEGAN: began or now.isoformat(), _SEEN: now.isoformat()})
        return get_response(request)

    return middleware


def check_second_factors(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Signs out the association's people whose second factor was reset since they signed in, or who lack one that is
    required. Leaves its state at the request as `second_factor`, for what is asked inside the person's wall.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if isinstance(user, User) and user.firm_id is None:
            state = factor_of(user.pk)
            request.second_factor = state  # type: ignore[attr-defined]
            is_lacking = not state.is_set_up and is_required()
            if request.session.setdefault(VERSION, state.version) != state.version or is_lacking:
                logout(request)
        return get_response(request)

    return middleware
