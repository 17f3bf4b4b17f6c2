"""The id of a request: in its answer, in the body of a refusal and in log lines, so that they are found together."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from mes.core.ids import new_id

HEADER = "X-Request-Id"

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The present request's id; empty outside requests."""
    return _current.get()


@contextmanager
def request_named(given: str | None) -> Iterator[str]:
    """A block that belongs to one request. `given` is taken over if it is a plain token, else an id is made."""
    name = given if given is not None and _SANE.fullmatch(given) else new_id().hex
    token = _current.set(name)
    try:
        yield name
    finally:
        _current.reset(token)


class RequestIdFilter(logging.Filter):
    """Gives each log record its request's id, `-` outside requests.

    Django itself tells of a refusal when the request is over already; such a record names its request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        over = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = request_id() or over or "-"
        return True
