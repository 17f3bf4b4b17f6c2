"""Codes of refusals that come from the frame around the doors. The doors' own are the subclasses of DomainError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Refusal:
    """`detail` is said where nothing nearer to the cause is known."""

    status: HTTPStatus
    detail: Promise


FRAME: Mapping[str, Refusal] = {
    "bad_request": Refusal(HTTPStatus.BAD_REQUEST, _("The request cannot be read.")),
    "parse_error": Refusal(HTTPStatus.BAD_REQUEST, _("The body is not JSON.")),
    "invalid": Refusal(HTTPStatus.BAD_REQUEST, _("The request is not valid.")),
    "not_authenticated": Refusal(HTTPStatus.UNAUTHORIZED, _("The key is unknown, expired or revoked.")),
    "csrf_failed": Refusal(HTTPStatus.FORBIDDEN, _("The page's token is missing or wrong. Load the page again.")),
    "not_permitted": Refusal(HTTPStatus.FORBIDDEN, _("Your roles do not allow this.")),
    "not_found": Refusal(HTTPStatus.NOT_FOUND, _("There is nothing at this address.")),
    "method_not_allowed": Refusal(HTTPStatus.METHOD_NOT_ALLOWED, _("This address does not take this method.")),
    "not_acceptable": Refusal(HTTPStatus.NOT_ACCEPTABLE, _("Answers are JSON.")),
    "conflict": Refusal(HTTPStatus.CONFLICT, _("A concurrent change got in the way. Try again.")),
    "body_too_large": Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The body is too large.")),
    "unsupported_media_type": Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("Bodies are JSON.")),
    "too_many_requests": Refusal(HTTPStatus.TOO_MANY_REQUESTS, _("Too many calls. Try again later.")),
    "internal_error": Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong here. Nothing was changed.")),
    "unavailable": Refusal(HTTPStatus.SERVICE_UNAVAILABLE, _("The database is not available at the moment.")),
    "not_ready": Refusal(HTTPStatus.SERVICE_UNAVAILABLE, _("The database lacks migrations of this version.")),
}

_USUAL: Mapping[int, str] = {int(refusal.status): code for code, refusal in reversed(list(FRAME.items()))} | {
    int(HTTPStatus.FORBIDDEN): "not_permitted"
}


def usual_code(status: int) -> str:
    """The code of an answer that says no more than its status."""
    if status in _USUAL:
        return _USUAL[status]
    return "internal_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request"
