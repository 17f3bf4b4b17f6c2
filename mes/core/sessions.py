"""Sessions of people in the database: who reads it, or a copy of it, can be nobody.

The cookie holds a key; the row stands under a digest of it that SECRET_KEY keys. Settings name this module.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils.crypto import salted_hmac

from mes.core.clock import DatabaseNow

_SALT = "mes.core.sessions"
_LENGTH = Session._meta.get_field("session_key").max_length


class SessionStore(DatabaseStore):
    """The framework's own, but for the name of its rows. No door of the project is asynchronous.

    `read_at`: the database's time when the session was read; None before.
    """

    read_at: datetime | None = None

    def _get_session_from_db(self) -> Session | None:
        lasting = Session.objects.filter(session_key=_digest(self.session_key), expire_date__gt=DatabaseNow())
        row = lasting.annotate(read_at=DatabaseNow()).first()
        if row is None:
            self._session_key = None
            return None
        self.read_at = row.read_at
        return row

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=_digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # as in the library itself
        return Session(session_key=_digest(key), session_data=self.encode(data), expire_date=self.get_expiry_date())

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=_digest(key)).delete()


def _digest(key: str | None) -> str:
    """160 bits, as many as the column holds in hexadecimal."""
    return salted_hmac(_SALT, key or "", algorithm="sha256").hexdigest()[:_LENGTH]
