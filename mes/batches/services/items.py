"""Does items one by one, each as if it had been sent alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer

from mes.batches.errors import ItemsRefused
from mes.core.actors import Actor
from mes.core.api.problems import conflict, refusal
from mes.core.errors import DomainError

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    status: int
    body: Body

    @property
    def is_refused(self) -> bool:
        return self.status >= HTTPStatus.BAD_REQUEST


@dataclass(frozen=True, slots=True)
class Kind:
    """What a batch does with each item. `verb`: what the actor must be allowed to do. `work` may raise refusals.

    `resource`: whose scope a key needs to read the items, which hold what was sent and what came of it.
    """

    name: str
    resource: str
    verb: str
    work: Callable[[Actor, Body, datetime], ItemAnswer]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kind_of(name: str) -> Kind:
    return _kinds[name]


def items_do(*, actor: Actor, kind: Kind, bodies: Iterable[Body], now: datetime) -> list[ItemAnswer]:
    """The answers in the items' order; what is refused has left nothing behind. Call inside a transaction."""
    return [_done(actor, kind, body, now) for body in bodies]


def check_all(answers: Sequence[ItemAnswer]) -> None:
    """Raises ItemsRefused unless all were taken, with pointers as `/items/3/lines/0/pieces`."""
    found: list[dict[str, str]] = []
    for index, answer in enumerate(answers):
        if answer.is_refused:
            parts = answer.body.get("errors") or [{"pointer": "", "detail": answer.body["detail"]}]
            code = {"code": str(answer.body["code"])}
            found += [code | part | {"pointer": f"/items/{index}{part['pointer']}"} for part in parts]
    if found:
        raise ItemsRefused(found)


def _done(actor: Actor, kind: Kind, body: Body, now: datetime) -> ItemAnswer:
    try:
        with transaction.atomic():
            answer = kind.work(actor, body, now)
            return ItemAnswer(answer.status, json.loads(JSONRenderer().render(answer.body)))
    except (DomainError, APIException) as error:
        problem = refusal(error)
    except IntegrityError:
        problem = conflict()
    return ItemAnswer(int(problem["status"]), problem)
