"""Pages by key: a cursor names the last row of the page before, so rows that come meanwhile shift nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from mes.core.keyset import MomentKey, Row

USUAL_LIMIT = 50
MOST_LIMIT = 200

DatedKey = tuple[date, UUID]
When = TypeVar("When", date, datetime)


def limit_of(request: Request) -> int:
    """`limit` of the address, 1 to 200, 50 when it is left out. Raises ValidationError (400)."""
    text = request.query_params.get("limit", str(USUAL_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_LIMIT)) and 1 <= int(text) <= MOST_LIMIT):
        raise ValidationError({"limit": [_("A whole number from 1 to 200 is wanted.")]})
    return int(text)


def dated_key_of(request: Request) -> DatedKey | None:
    """Day and key in the address's `cursor`, None on the first page. Raises ValidationError (400) for any other text.

    A cursor is opaque to the caller and grants nothing: whoever makes one up only moves in his own rows.
    """
    return _key_of(request, date.fromisoformat)


def moment_key_of(request: Request) -> MomentKey | None:
    """As dated_key_of, for rows in the order of a time."""
    return _key_of(request, _aware)


def cursor_after(when: date | datetime, key: UUID) -> str:
    """The cursor of the page after the row with this day or time and key."""
    return base64.urlsafe_b64encode(json.dumps([when.isoformat(), str(key)]).encode()).decode()


def moment_page(
    request: Request, read: Callable[[int, MomentKey | None], Sequence[Row]], *, by: str
) -> tuple[Sequence[Row], str | None]:
    """The rows of the page that the address asks for, and the cursor of the next one.

    `read` gets how many rows to read, and after which; `by`: their time. One row more than the page is read: it
    tells whether there is another page. Raises ValidationError (400).
    """
    limit, after = limit_of(request), moment_key_of(request)
    rows = read(limit + 1, after)
    last: Any = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], None if last is None else cursor_after(getattr(last, by), last.pk)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _key_of(request: Request, read: Callable[[str], When]) -> tuple[When, UUID] | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        when, key = json.loads(base64.b64decode(text, altchars=b"-_", validate=True))
        return read(when), UUID(key)
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise ValidationError({"cursor": [_("This is no cursor of an earlier answer.")]}) from error
