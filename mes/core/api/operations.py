"""What an address takes and gives: said once at the method, read by the door itself and by the schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, TypeVar

from rest_framework.serializers import Serializer

Method = TypeVar("Method", bound=Callable[..., Any])
SerializerClass = type[Serializer[Any]]


class Shape(Enum):
    """One object, all rows in `results`, or a page of them with `next_cursor`."""

    ONE = auto()
    LIST = auto()
    PAGE = auto()


@dataclass(frozen=True, slots=True)
class Operation:
    """`name`: the operation's id in the schema; `{verb}` in it is the last part of the address.

    `body` and `query` None: neither is taken. `located`: the answer names the new object's address in `Location`.
    `creates`: 201 instead of `status` when the object is new.
    `expires`: what is asked with may be too old, 410. `conditional`: the call must say which state it changes.
    `deferred`: what answers with 202 where a worker does it. `rehearses`: takes `dry_run` in the query.
    `takes_file`: the body is a file. `gives_file`: the answer is one.
    `deprecated_on`, `sunset_on`: since when it is on its way out, and from when on it may be gone.
    """

    name: str
    answer: SerializerClass
    body: SerializerClass | None = None
    query: SerializerClass | None = None
    shape: Shape = Shape.ONE
    status: int = HTTPStatus.OK
    located: bool = False
    creates: bool = False
    deferred: SerializerClass | None = None
    rehearses: bool = False
    takes_file: bool = False
    gives_file: bool = False
    expires: bool = False
    conditional: bool = False
    deprecated_on: date | None = None
    sunset_on: date | None = None


def operation(name: str, answer: SerializerClass, **fields: Any) -> Callable[[Method], Method]:
    """Declares a view's method. Fields as in Operation."""
    declared = Operation(name, answer, **fields)

    def declare(method: Method) -> Method:
        method.operation = declared  # type: ignore[attr-defined]
        return method

    return declare


def operation_of(view: object, method: str) -> Operation | None:
    """What a view declares for an HTTP method; None for one that it does not serve."""
    return getattr(getattr(view, method.lower(), None), "operation", None)
