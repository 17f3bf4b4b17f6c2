"""Between password and second factor: a marker in the session, while the request stays nobody's.

It lasts ten minutes, and ends with another password or a reset of the factor. The session itself is replaced when the
marker is set, and again when the person is signed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from mes.core.clock import database_now
from mes.firms.models import User
from mes.signin.selectors import FactorState, factor_of

LASTS = timedelta(minutes=10)
VERSION = "second_factor"
_MARKER = "half_signed_in"
_BACKEND = "mes.signin.backends.CountedBackend"


@dataclass(frozen=True, slots=True)
class Halfway:
    """Who has given the password, the factor that was asked for then, and where to go on."""

    user: User
    factor: FactorState
    onward: str


def begin(request: HttpRequest, user: User, onward: str) -> None:
    """Notes that the person has given the password. Whoever was signed in before is not any more."""
    request.session.flush()
    request.session[_MARKER] = {
        "user": str(user.pk),
        "password": user.get_session_auth_hash(),
        "version": factor_of(user.pk).version,
        "at": database_now().isoformat(),
        "onward": onward,
    }


def halfway_of(request: HttpRequest) -> Halfway | None:
    """Who is half signed in, as long as that lasts and nobody is signed in."""
    marker = None if request.user.is_authenticated else request.session.get(_MARKER)
    if marker is None or datetime.fromisoformat(marker["at"]) + LASTS <= database_now():
        return None
    user = User.objects.filter(pk=UUID(marker["user"]), is_active=True, firm=None).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), marker["password"]):
        return None
    factor = factor_of(user.pk)
    return Halfway(user, factor, marker["onward"]) if factor.version == marker["version"] else None


def finish(request: HttpRequest, half: Halfway) -> None:
    """Signs the person in. Outside any wall: the session is the web's own."""
    login(request, half.user, backend=_BACKEND)
    request.session.pop(_MARKER, None)
    request.session[VERSION] = half.factor.version
