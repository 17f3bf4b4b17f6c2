"""The schema of the API (OpenAPI 3.0.3), read from the doors' own declarations and serializers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from mes.core.api.fields import FollowedQuery
from mes.core.api.operations import Operation, SerializerClass, Shape, operation_of
from mes.core.api.problems import CONTENT_TYPE
from mes.core.api.transfers import PLAIN
from mes.core.api.views import Api, FirmApi

EXAMPLES_FILE = "docs/openapi/examples.json"

REFUSALS: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "The body, the query or a header cannot be read; `errors` names each field.",
    HTTPStatus.UNAUTHORIZED: "No key, or one that is wrong, expired or ended.",
    HTTPStatus.FORBIDDEN: "The key's scopes, or the roles of its person, do not allow this.",
    HTTPStatus.NOT_FOUND: "There is no such object, or it is another firm's.",
    HTTPStatus.CONFLICT: "Not possible in the present state, or somebody else was quicker. Read it again.",
    HTTPStatus.GONE: "The cursor is too old. Read everything again.",
    HTTPStatus.PRECONDITION_FAILED: "It is in another state than `If-Match` says. Read it again.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than 1 MB; of many items or a file, than 10 MB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not `application/json`.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value breaks a rule; `errors` names the field.",
    HTTPStatus.PRECONDITION_REQUIRED: "`If-Match` is missing.",
    HTTPStatus.TOO_MANY_REQUESTS: "Asked too often. Try again after `Retry-After` seconds.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not available at the moment. Try again after `Retry-After` seconds.",
}
OF_ALL = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
OF_CHANGES = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
OF_BODIES = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
WITH_RETRY_AFTER = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """A bad value: a JSON pointer into the body, or `/name` of a query's parameter. `cell`: of a table."""

    pointer = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField(required=False)
    cell = serializers.CharField(required=False)


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a call was refused (RFC 9457). `code` is stable English; `detail` is translated. Nothing was changed.

    `request_id`: say it when you ask the association about this answer; it stands in `X-Request-Id` too.
    """

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class DoorSchema(AutoSchema):
    """What a door's operation says, in the words of OpenAPI."""

    def is_excluded(self) -> bool:
        return operation_of(self.view, self.method) is None

    def get_operation_id(self) -> str:
        return self._operation.name.format(verb=self._last_part())

    def get_description(self) -> str:  # type: ignore[override]  # as in the library itself
        return self._door.says or super().get_description()

    def is_deprecated(self) -> bool:
        return self._operation.deprecated_on is not None

    def get_tags(self) -> list[str]:
        return [self._door.resource]

    def get_request_serializer(self) -> Any:
        return _FILE_BODIES if self._operation.takes_file else self._operation.body

    def get_response_serializers(self) -> Any:
        shown = OpenApiResponse(self._answer(), description="Done.")
        answers: dict[Any, Any] = {self._operation.status: shown}
        if self._operation.gives_file:
            answers = {(self._status, PLAIN): OpenApiResponse(OpenApiTypes.BINARY, description="The file.")}
        if self._operation.creates:
            answers[int(HTTPStatus.CREATED)] = OpenApiResponse(self._answer(), description="Made.")
        if self._is_tagged:
            answers[int(HTTPStatus.NOT_MODIFIED)] = OpenApiResponse(description="It is as `If-None-Match` says.")
        if self._operation.rehearses:
            answers[int(HTTPStatus.OK)] = OpenApiResponse(self._answer(), description="Done, or only tried.")
        if self._operation.deferred:
            answers[int(HTTPStatus.ACCEPTED)] = OpenApiResponse(
                self._operation.deferred, description="A worker does it."
            )
        for status in self._refusals():
            answers[int(status), CONTENT_TYPE] = OpenApiResponse(ProblemSerializer, description=REFUSALS[status])
        return answers

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = [self._operation.query] if self._operation.query else []
        if self._is_change:
            found += _IDEMPOTENCY
            found.append(_header("Idempotent-Replayed", "`true`: this answer was given before.", on=(self._status,)))
        if self._operation.query is not None and issubclass(self._operation.query, FollowedQuery):
            found.append(_header("Next-Updated-Since", _NEXT_SINCE, on=(self._status,)))
        if self._is_tagged:
            found.append(_IF_NONE_MATCH)
            found.append(_header("ETag", "Stands for what the answer shows.", on=(self._status,)))
        if self._is_change and ("{" in self.path or self._operation.conditional):
            found.append(_if_match(required=self._operation.conditional and self.method != "PUT"))
        if self._is_change and self.method == "PUT":
            found.append(_IF_THERE_IS_NONE)
        if self._operation.rehearses:
            found += [_DRY_RUN, _header("Dry-Run", "`true`: nothing was changed.", on=(HTTPStatus.OK,))]
        if self._operation.deferred:
            found.append(_header("Location", "Where to ask for the job.", on=(HTTPStatus.ACCEPTED,)))
        if self._operation.located:
            found.append(_header("Location", "The new object's address.", on=(self._status,)))
        found.append(_header("Retry-After", "Seconds to wait.", on=WITH_RETRY_AFTER))
        return found

    def get_serializer_name(self, serializer: serializers.Serializer, direction: Any) -> str:
        """Requests are named by their classes; the generator adds the word again."""
        return super().get_serializer_name(serializer, direction).removesuffix("Request")

    def get_examples(self) -> list[OpenApiExample]:
        """What the tests sent and got."""
        recorded = _examples().get(self.get_operation_id(), {})
        found = []
        if "request" in recorded:
            found.append(OpenApiExample("sent", value=recorded["request"], request_only=True))
        if "response" in recorded:
            status = str(int(self._operation.status))
            found.append(OpenApiExample("got", value=recorded["response"], response_only=True, status_codes=[status]))
        return found

    @property
    def _door(self) -> Api:
        return cast("Api", self.view)

    @property
    def _operation(self) -> Operation:
        found = operation_of(self.view, self.method)
        if found is None:
            raise LookupError(self.path)
        return found

    @property
    def _status(self) -> int:
        return int(self._operation.status)

    @property
    def _is_change(self) -> bool:
        return self.method not in SAFE_METHODS and isinstance(self._door, FirmApi)

    @property
    def _is_tagged(self) -> bool:
        is_read = self.method == "GET" and isinstance(self._door, FirmApi)
        return is_read and self._operation.shape is not Shape.PAGE and not self._operation.gives_file

    def _last_part(self) -> str:
        return str(self.path.rstrip("/").rpartition("/")[2])

    def _answer(self) -> SerializerClass:
        return _wrapped(self._operation.answer, self._operation.shape)

    def _refusals(self) -> list[HTTPStatus]:
        """Which refusals the operation may give."""
        found = {*OF_ALL}
        if self.method not in SAFE_METHODS:
            found |= {*OF_CHANGES}
        if self._operation.body:  # it may name what there is not, as an address may
            found.add(HTTPStatus.NOT_FOUND)
        if self._operation.body or self._operation.takes_file:
            found |= {*OF_BODIES}
        if self._operation.query or self._operation.body:
            found.add(HTTPStatus.BAD_REQUEST)
        if self._operation.expires:
            found.add(HTTPStatus.GONE)
        if "{" in self.path:
            found.add(HTTPStatus.NOT_FOUND)
            if "_id}" not in self.path:  # a name of the firm's own, which may be none
                found.add(HTTPStatus.BAD_REQUEST)
        if self._operation.conditional:
            found.add(HTTPStatus.PRECONDITION_REQUIRED)
        if self._is_change and ("{" in self.path or self._operation.conditional):
            found.add(HTTPStatus.PRECONDITION_FAILED)
        return sorted(found)

    def _postprocess_serializer_schema(self, schema: Any, serializer: Any, direction: str) -> Any:
        """An answer always has all its fields; a body has no others."""
        done = super()._postprocess_serializer_schema(schema, serializer, direction)  # type: ignore[no-untyped-call]
        properties = done.get("properties", {})
        if direction == "request":
            done["additionalProperties"] = False
            for name, place in properties.items():
                place.update(_bounds(serializer.fields[name]))
        elif not isinstance(serializer, ProblemSerializer | ProblemErrorSerializer):
            done["required"] = sorted(properties)
            for place in properties.values():
                for word in _OF_COLUMNS & place.keys():
                    del place[word]
        return done


# What a column can hold at most, and its name on the desk: no matter for who reads an answer.
_OF_COLUMNS = {"readOnly", "title", "minimum", "maximum", "maxLength"}


def _bounds(field: Any) -> dict[str, int]:
    """How many items a list of objects may have; the generator knows it of plain lists only."""
    if not isinstance(field, serializers.ListSerializer):
        return {}
    declared: Any = field
    bounds = {"minItems": declared.min_length, "maxItems": declared.max_length}
    return {word: value for word, value in bounds.items() if value is not None}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Firms' programs come with a key."""

    target_class = "mes.core.api.authentication.ActorAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A key of the firm, `mes_…`, made by its owner."}


class ExactDecimal(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A text of ASCII digits; without a sign where less than zero is refused."""

    target_class = "mes.core.api.fields.ExactDecimalField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        field = self.target
        whole = field.max_digits - field.decimal_places
        sign = "" if field.min_value is not None and field.min_value >= 0 else "-?"
        pattern = rf"^{sign}[0-9]{{1,{whole}}}(\.[0-9]{{1,{field.decimal_places}}})?$"
        return {"type": "string", "format": "decimal", "pattern": pattern}


def _header(name: str, text: str, *, on: tuple[int, ...]) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, description=text, response=[int(status) for status in on]
    )


_NEXT_SINCE = "On the first page: the `updated_since` to ask with next, so that nothing is skipped."
_IDEMPOTENCY = [
    OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        OpenApiParameter.HEADER,
        description="The same call under the same key has its effect once, and gets the first answer for 24 hours.",
    )
]


_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of an earlier answer: 304 without a body as long as it would be the same.",
)
_IF_THERE_IS_NONE = OpenApiParameter(
    "If-None-Match",
    {"type": "string", "enum": ["*"]},
    OpenApiParameter.HEADER,
    description="In place of `If-Match`: there is no such object yet, 412 otherwise.",
)


def _if_match(*, required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        required=required,
        description="The ETag of the object as it was read: 412 when it is another by now.",
    )


_FILE_BODIES: Mapping[str, Any] = {
    "application/octet-stream": OpenApiTypes.BINARY,
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
        "additionalProperties": False,
    },
}
_DRY_RUN = OpenApiParameter(
    "dry_run",
    {"type": "string", "enum": ["true", "false"]},
    description="`true`: all is checked and answered, with 200, and nothing is changed.",
)


@cache
def _wrapped(answer: SerializerClass, shape: Shape) -> SerializerClass:
    """The serializer of one object, of all in `results`, or of a page. One class each, so one component."""
    name = answer.__name__.removesuffix("Serializer")
    fields: dict[str, Any] = {"results": answer(many=True)}
    if shape is Shape.ONE:
        return answer
    if shape is Shape.PAGE:
        fields["next_cursor"] = serializers.CharField(
            allow_null=True, help_text="`cursor` of the next page; null on the last."
        )
    kind = "Page" if shape is Shape.PAGE else "List"
    return type(f"{name}{kind}Serializer", (serializers.Serializer,), fields)


@cache
def _examples() -> Mapping[str, Any]:
    """What the tests recorded, by operation."""
    path = settings.BASE_DIR / EXAMPLES_FILE
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
