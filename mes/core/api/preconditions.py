"""ETag and If-Match (RFC 9110): nobody changes an object in another state than the one that was read.

The tag is a hash of the answer as its reader sees it, never of a row: it tells nothing that the answer does not.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.http.request import HttpHeaders
from django.utils.http import parse_etags
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer

from mes.core.errors import DomainError
from mes.core.locks import lock_name

_TAG_LENGTH = 32


class PreconditionRequired(DomainError):
    """The call must say in `If-Match` which state of the object it means (or by `If-None-Match: *`: none)."""

    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED
    text = _("Say in If-Match which state you mean: the ETag of the answer that you have read.")


class PreconditionFailed(DomainError):
    """The object is in another state than the one that `If-Match` names. Read it again."""

    code = "precondition_failed"
    status = HTTPStatus.PRECONDITION_FAILED
    text = _("It is no longer as you have read it. Read it again.")


def tag_of(data: Any) -> str:
    """The ETag of an answer."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:_TAG_LENGTH]}"'


def lock(name: str) -> None:
    """Until the transaction's end no other call changes what `name` stands for."""
    lock_name(quote(name))


def check(headers: HttpHeaders, *, tag: str | None, required: bool) -> None:
    """Compares what the caller has read with `tag`, None where there is no such object yet.

    Raises PreconditionFailed, and PreconditionRequired where the caller says nothing of it but has to.
    """
    wanted = headers.get("If-Match")
    if wanted is not None:
        if tag is None or not _names(wanted, tag):
            raise PreconditionFailed
    elif headers.get("If-None-Match") == "*":
        if tag is not None:
            raise PreconditionFailed
    elif required:
        raise PreconditionRequired


def is_known(headers: HttpHeaders, *, tag: str) -> bool:
    """Whether a reader has the answer with this tag already."""
    known = headers.get("If-None-Match")
    return known is not None and _names(known.replace("W/", ""), tag)


def _names(header: str, tag: str) -> bool:
    tags = parse_etags(header)
    return tag in tags or tags == ["*"]
