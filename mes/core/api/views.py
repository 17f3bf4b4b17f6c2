"""The base of all doors for firms' programs."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from mes.core import idempotency
from mes.core.api.authentication import actor_of
from mes.core.errors import DomainError, NotPermitted
from mes.core.models import KeptAnswer


class ScopeMissing(DomainError):
    """The key was issued without this scope."""

    code = "scope_missing"
    status = HTTPStatus.FORBIDDEN
    text = _("This key does not have the scope %(scope)s.")


class _Replayed(Exception):
    def __init__(self, kept: KeptAnswer) -> None:
        self.kept = kept
        super().__init__()


class FirmApi(APIView):
    """For firms only, by key or session. A key needs the scope `resource:read`, or `resource:write` to change.

    A POST with the header Idempotency-Key has its effect once: the same call again gets the first answer, marked
    `Idempotent-Replayed: true`. A refused call has no effect, so it is not kept. `keeps_answers` is false where an
    answer holds a secret, which is stored nowhere.
    """

    resource: ClassVar[str]
    keeps_answers: ClassVar[bool] = True
    _call: idempotency.Call | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        actor = actor_of(request)
        if actor.firm_id is None:
            raise NotPermitted
        scope = f"{self.resource}:{'read' if request.method in SAFE_METHODS else 'write'}"
        if actor.scopes is not None and scope not in actor.scopes:
            raise ScopeMissing(ScopeMissing.text % {"scope": scope})
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None and self.keeps_answers:
            call = idempotency.call_of(
                firm_id=actor.firm_id, key=key, method="POST", path=request.path, body=request.data
            )
            kept = idempotency.kept_answer(call)
            if kept is not None:
                raise _Replayed(kept)
            self._call = call

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Replayed):
            answer = Response(json.loads(exc.kept.body), status=exc.kept.status)
            answer["Idempotent-Replayed"] = "true"
            return answer
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self._call is not None and answer.status_code < HTTPStatus.BAD_REQUEST:
            body = JSONRenderer().render(response.data).decode()
            idempotency.keep(self._call, status=answer.status_code, body=body)
        return answer


def valid(serializer_class: type[Serializer[Any]], request: Request, *, of_query: bool = False) -> dict[str, Any]:
    """The request's body, or its query, as `serializer_class` reads it. Raises ValidationError (400)."""
    data = request.query_params.dict() if of_query else request.data
    serializer = serializer_class(data=data, context={"actor": actor_of(request)})
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values
