"""Errors as application/problem+json (RFC 9457) with stable English codes and JSON pointers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from mes.core.api.codes import FRAME, usual_code
from mes.core.correlation import request_id
from mes.core.errors import DomainError

CONTENT_TYPE = "application/problem+json"
_OF_REFUSALS = {"Allow", "Retry-After", "WWW-Authenticate"}


def problem(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body of a problem."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}
    body |= {"code": code, "detail": detail, "request_id": request_id()}
    if errors:
        body["errors"] = errors
    return body


def problem_response(status: int, code: str, detail: str) -> HttpResponse:
    """A problem outside Django REST framework."""
    return HttpResponse(json.dumps(problem(status, code, detail)), status=status, content_type=CONTENT_TYPE)


def as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """The same refusal as a problem, whoever made it. It keeps the headers that belong to its status."""
    if response.headers.get("Content-Type") == CONTENT_TYPE:
        return response
    code = usual_code(response.status_code)
    refusal = problem_response(response.status_code, code, str(FRAME[code].detail))
    for name in _OF_REFUSALS & response.headers.keys():
        refusal[name] = response[name]
    refusal.cookies = response.cookies
    told = "_has_been_logged"  # else Django would tell of it twice
    setattr(refusal, told, getattr(response, told, False))
    return refusal


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No door has this address: a problem below /api/, a page elsewhere."""
    if request.path.startswith("/api/"):
        return problem_response(HTTPStatus.NOT_FOUND, "not_found", _("There is nothing at this address."))
    return page_not_found(request, exception or Http404())


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler. Returns None for what is our own fault: that becomes a 500."""
    context["request"].accepted_renderer = JSONRenderer()  # also where answers are pages
    context["request"].accepted_media_type = JSONRenderer.media_type
    if isinstance(error, DomainError):
        return _domain(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    return None


def refusal(error: DomainError | exceptions.APIException) -> dict[str, Any]:
    """The body of the problem that a refusal is, also where it is one of many in an answer."""
    if isinstance(error, DomainError):
        return problem(error.status, error.code, str(error.detail), error.errors())
    if isinstance(error, exceptions.ValidationError):
        found = list(_pointers(error.detail, ""))
        return problem(error.status_code, "invalid", _("The request is not valid."), found)
    given = error.get_codes()
    code = given if isinstance(given, str) and given in FRAME else usual_code(error.status_code)
    return problem(error.status_code, code, str(error.detail))


def conflict() -> dict[str, Any]:
    """The body for a constraint that a concurrent change has made bite."""
    return problem(HTTPStatus.CONFLICT, "conflict", _("A concurrent change got in the way. Try again."))


def _domain(error: DomainError) -> Response:
    response = _response(refusal(error))
    if error.retry_after_s is not None:
        response["Retry-After"] = str(error.retry_after_s)
    return response


def _framework(error: exceptions.APIException) -> Response:
    response = _response(refusal(error))
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    return response


def _response(body: dict[str, Any]) -> Response:
    return Response(body, status=body["status"], content_type=CONTENT_TYPE)


def _pointers(detail: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _pointers(value, path if key == "non_field_errors" else f"{path}/{key}")
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _pointers(value, f"{path}/{index}" if nested else path)
    else:
        yield {"pointer": path or "/", "detail": str(detail), "code": str(getattr(detail, "code", "invalid"))}
