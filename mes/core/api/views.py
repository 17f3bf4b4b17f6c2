"""The base of all doors for programs."""

from __future__ import annotations

import json
from calendar import timegm
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request, clone_request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.core import changes, idempotency
from mes.core.actors import Actor
from mes.core.api import preconditions
from mes.core.api.authentication import actor_of
from mes.core.api.fields import FollowedQuery
from mes.core.api.operations import Operation, SerializerClass, Shape, operation_of
from mes.core.api.paging import moment_page
from mes.core.api.problems import CONTENT_TYPE, conflict
from mes.core.errors import DomainError, NotFound, NotPermitted
from mes.core.keyset import MomentKey, Row
from mes.core.models import KeptAnswer
from mes.core.sealed import seal, unseal

_KEPT = "kept answer"
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


DRY_RUN = "dry_run"


class ScopeMissing(DomainError):
    """The key was issued without this scope."""

    code = "scope_missing"
    status = HTTPStatus.FORBIDDEN
    text = _("This key does not have the scope %(scope)s.")


class _Replayed(Exception):
    def __init__(self, kept: KeptAnswer, body: str) -> None:
        self.kept, self.body = kept, body
        super().__init__()


class Api(APIView):
    """Takes and gives what each method's operation declares; what an operation does not take is refused.

    `says`: what an address does that shares its class with others. `resource`: the group that it belongs to.
    """

    says: ClassVar[str] = ""
    resource: ClassVar[str]
    _asked: dict[str, Any] | None = None

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    @property
    def operation(self) -> Operation:
        """The operation of the call. Only for a method that the view serves."""
        found = operation_of(self, self.request.method or "")
        if found is None:
            raise LookupError(f"{type(self).__name__}.{self.request.method} declares no operation.")
        return found

    def asked(self) -> dict[str, Any]:
        """The call's body, or its query, as the operation reads it. Raises ValidationError (400)."""
        if self._asked is None:
            body, query = self.operation.body, self.operation.query
            if body is not None:
                self._asked = self._valid(body, self.request.data)
            else:
                self._asked = self._valid(query, self.request.query_params.dict()) if query is not None else {}
        return {**self._asked}

    def filters(self) -> dict[str, Any]:
        """What the query asks for, without what moves from page to page. Raises ValidationError (400)."""
        return {name: value for name, value in self.asked().items() if name not in {"limit", "cursor"}}

    def answer(self, row: Any, *, location: str | None = None, **context: Any) -> Response:
        """`row` as the operation shows it. `location`: the address of the new object."""
        response = Response(self._shown(row, context), status=self.operation.status)
        if location is not None:
            response["Location"] = location
        return response

    def results(self, rows: Sequence[Any]) -> Response:
        """All rows."""
        return Response({"results": self._shown(rows, {}, many=True)})

    def page(self, read: Callable[[int, MomentKey | None], Sequence[Row]], *, by: str = "created_at") -> Response:
        """The page of rows that the query asks for; arguments as in moment_page. Raises ValidationError (400)."""
        return self.page_of(*moment_page(self.request, read, by=by))

    def page_of(self, rows: Sequence[Any], next_cursor: str | None) -> Response:
        """These rows as a page."""
        return Response({"results": self._shown(rows, {}, many=True), "next_cursor": next_cursor})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        taken = operation_of(self, request.method or "")
        if taken is None:
            return
        unasked = set() if taken.query else {*request.query_params} - ({DRY_RUN} if taken.rehearses else set())
        if taken.body is None and not taken.takes_file and request.method not in SAFE_METHODS and request.data:
            unasked |= {*request.data} if isinstance(request.data, dict) else {"non_field_errors"}
        if taken.rehearses and request.query_params.get(DRY_RUN, "false") not in {"true", "false"}:
            raise ValidationError({DRY_RUN: [_("true or false is wanted.")]})
        if unasked:
            raise ValidationError({name: [_("There is no such field.")] for name in unasked}, code="unknown_field")

    def finalize_response(  # type: ignore[override]  # an answer given again was rendered before
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        declared = operation_of(self, request.method or "")
        if declared is not None and declared.deprecated_on is not None:
            answer["Deprecation"] = f"@{_start_of(declared.deprecated_on)}"
            if declared.sunset_on is not None:
                answer["Sunset"] = http_date(_start_of(declared.sunset_on))
        return answer

    def _valid(self, serializer_class: SerializerClass, data: Any) -> dict[str, Any]:
        serializer = serializer_class(data=data, context={"actor": self.actor})
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def _shown(self, row: Any, context: dict[str, Any], *, many: bool = False) -> Any:
        return self.operation.answer(row, many=many, context={"actor": self.actor} | context).data


def _start_of(day: date) -> int:
    """Seconds of Unix time at the day's beginning, UTC."""
    return timegm(day.timetuple())


class FirmApi(Api):
    """For firms only, by key or session. A key needs the scope `resource:read`, or `resource:write` to change.

    A change with the header Idempotency-Key has its effect once: the same call of the same caller gets the first
    answer again, marked `Idempotent-Replayed: true`. A refused call has no effect, so it is not kept. Where
    an answer holds a secret (`answers_secretly`) it is kept encrypted, under what no database holds.

    Answers with one object carry its ETag. Changes of one object come one after the other, and If-Match is compared
    with what the caller would read there now; where the operation is conditional the caller must send it.

    `every_scope`: the view itself gives what the key's scopes allow. The first page of a list that is followed
    (FollowedQuery) names the instant to ask from next, `Next-Updated-Since`.
    """

    answers_secretly: ClassVar[bool] = False
    every_scope: ClassVar[bool] = False
    _call: idempotency.Call | None = None
    _next_since: datetime | None = None

    def require_scope(self, *enough: str) -> None:
        """A key needs one of these. Raises ScopeMissing."""
        scopes = self.actor.scopes
        if scopes is not None and scopes.isdisjoint(enough):
            raise ScopeMissing(ScopeMissing.text % {"scope": enough[0]})

    def object_address(self) -> str | None:
        """Where one reads what the call changes: the address up to its id. None where a call makes a new one."""
        path = self.request.path_info
        for key in self._ids():
            return path[: path.index(str(key)) + len(str(key))]
        return path if self.kwargs or self.operation.conditional else None

    def lock_name(self) -> str | None:
        """What calls that change the same object wait for. None where a call makes a new one."""
        address = self.object_address()
        return address if address is None or self._ids() else f"{self.actor.firm_id}{address}"

    @property
    def is_rehearsal(self) -> bool:
        """Whether the caller only wants to know what would become of the call."""
        taken = operation_of(self, self.request.method or "")
        return taken is not None and taken.rehearses and self.request.query_params.get(DRY_RUN) == "true"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        done = answer.status_code < HTTPStatus.BAD_REQUEST and answer.status_code != HTTPStatus.ACCEPTED
        return self._undone(answer) if done and self.is_rehearsal else answer

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        actor = actor_of(request)
        if actor.firm_id is None:
            raise NotPermitted
        if not self.every_scope:
            self.require_scope(f"{self.resource}:{'read' if request.method in SAFE_METHODS else 'write'}")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        firm_id, taken = self.actor.firm_id, operation_of(self, request.method or "")
        if firm_id is not None and self._is_first_page_followed():
            self._next_since = changes.safe_instant(firm_id=firm_id, asked=self.asked().get("updated_since"))
        if request.method in SAFE_METHODS or taken is None:
            return
        key = request.headers.get("Idempotency-Key")
        if key is not None:
            self._once(request, key)
        name = self.lock_name()
        if name is not None:
            preconditions.lock(name)
            if taken.conditional or "If-Match" in request.headers:
                preconditions.check(request.headers, tag=self._tag_now(), required=taken.conditional)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]  # any answer will do
        if isinstance(exc, _Replayed):
            kept = exc.kept
            headers = kept.headers | {"Idempotent-Replayed": "true"}
            return HttpResponse(exc.body, status=kept.status, content_type="application/json", headers=headers)
        return super().handle_exception(exc)

    def finalize_response(  # type: ignore[override]  # an answer given again was rendered before
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if not isinstance(answer, Response) or answer.status_code >= HTTPStatus.BAD_REQUEST:
            return answer
        if self._shows_one(answer):
            tag = answer["ETag"] = preconditions.tag_of(answer.data)
            if request.method in SAFE_METHODS and preconditions.is_known(request.headers, tag=tag):
                answer.data, answer.status_code = None, HTTPStatus.NOT_MODIFIED
        if self._next_since is not None:
            answer["Next-Updated-Since"] = self._next_since.astimezone(UTC).strftime(_INSTANT)
        if self._call is not None:
            headers = {name: answer[name] for name in ("ETag", "Location") if name in answer}
            content = answer.render().content
            body = seal(content, purpose=_KEPT) if self.answers_secretly else content.decode()
            idempotency.keep(self._call, status=answer.status_code, body=body, headers=headers)
        return answer

    def _is_first_page_followed(self) -> bool:
        taken = operation_of(self, self.request.method or "")
        query = None if taken is None else taken.query
        return query is not None and issubclass(query, FollowedQuery) and "cursor" not in self.request.query_params

    def _ids(self) -> list[UUID]:
        return [value for value in self.kwargs.values() if isinstance(value, UUID)]

    def _once(self, request: Request, key: str) -> None:
        call = idempotency.call_of(
            actor=self.actor,
            key=key,
            method=request.method or "",
            address=request.get_full_path(),
            body=request.data,
        )
        kept = idempotency.kept_answer(call)
        if kept is not None:
            raise _Replayed(kept, self._told_before(kept))
        self._call = call

    def _told_before(self, kept: KeptAnswer) -> str:
        """The kept body. Raises KeyReused for one that was encrypted under another pepper than today's."""
        if not self.answers_secretly:
            return kept.body
        try:
            return unseal(kept.body, purpose=_KEPT).decode()
        except ValueError as error:
            raise idempotency.KeyReused from error

    def _tag_now(self) -> str | None:
        """The ETag that the caller would read now. Raises NotFound for what is another's."""
        address = self.object_address()
        reader = None if address is None else self._reader(address)
        if reader is None:
            return None
        try:
            return preconditions.tag_of(reader.get(reader.request, **reader.kwargs).data)
        except NotFound:
            if self.request.method == "PUT":  # which makes what there is not
                return None
            raise

    def _shows_one(self, answer: Response) -> bool:
        """Whether the answer is the very one that a GET of the object gives."""
        operation = operation_of(self, self.request.method or "")
        if operation is None or self.request.method in SAFE_METHODS:
            return operation is not None and operation.shape is not Shape.PAGE
        address = answer.get("Location") if operation.located else self.object_address()
        reader = self._reader(address) if address and self.request.method != "DELETE" else None
        shown = operation_of(reader, "GET") if reader else None
        return shown is not None and (shown.shape, shown.answer) == (Shape.ONE, operation.answer)

    def _reader(self, address: str) -> Any:
        """The view that answers a GET of the address for this caller; None where there is none."""
        try:
            found = resolve(address.removeprefix(get_script_prefix().rstrip("/")))
        except Resolver404:
            return None
        view: Any = found.func.view_class(**found.func.view_initkwargs)  # type: ignore[attr-defined]
        if operation_of(view, "GET") is None:
            return None
        view.request, view.args, view.kwargs = clone_request(self.request, "GET"), (), found.kwargs
        return view

    def _undone(self, answer: HttpResponseBase) -> HttpResponseBase:
        """The answer of a call whose whole effect, what is checked last included, was checked and is taken back."""
        try:
            connection.check_constraints()
        except IntegrityError:
            answer = HttpResponse(json.dumps(conflict()), status=HTTPStatus.CONFLICT, content_type=CONTENT_TYPE)
        else:
            answer.status_code = HTTPStatus.OK
            answer["Dry-Run"] = "true"
            del answer["Location"], answer["ETag"]
        transaction.set_rollback(True)
        return answer
