"""What a person may do from the desk: a page that asks, and one call of one service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst

from mes.core.actors import Actor
from mes.core.errors import DomainError


class ActForm(forms.Form):
    """What an act asks for. A form without fields asks for a yes."""

    required_css_class = "desk-required"
    error_css_class = "desk-wrong"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for item in self.fields.values():
            item.label = capfirst(item.label)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on paper beside a thing shown once. `address`: a path of this site, printed whole."""

    title: str
    facts: Sequence[tuple[str, str]]
    steps: Sequence[str]
    address: str


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """What an act has made and nobody can read again. It stands in the answer itself: no message keeps it.

    `sheet`: the page can be printed and handed over.
    """

    said: str
    label: str
    value: str = field(repr=False)
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True)
class LeadsTo:
    """What to tell, and the row whose page shows how it goes on."""

    said: str
    row: models.Model


def _nothing(row: Any) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Act:
    """`verb`: of the access table. `run`: calls one service with the actor, the row (None from the list) and the form's
    values, and returns what to tell the person. `initial`: what the row fills the form with. `applies`: whether a row
    is in a state for it.

    The service authorises and checks again; this only decides what is offered.
    """

    name: str
    verb: str
    title: str | Promise
    explained: str | Promise
    run: Callable[[Actor, Any, Mapping[str, Any]], str | Promise | ShownOnce | LeadsTo]
    icon: str = "play_arrow"
    form: type[ActForm] = ActForm
    initial: Callable[[Any], Mapping[str, Any]] = _nothing
    applies: Callable[[Any], bool] = bool


_OFFERED: defaultdict[type[models.Model], list[Act]] = defaultdict(list)


def offer(model: type[models.Model], *acts: Act) -> None:
    """Adds acts to the page of a row of a lower app, which does not know them."""
    _OFFERED[model] += acts


def offered_on(model: type[models.Model]) -> Sequence[Act]:
    return _OFFERED[model]


def attempt(
    act: Act, *, actor: Actor, row: models.Model | None, form: ActForm
) -> tuple[str | ShownOnce | LeadsTo, int]:
    """Runs the act with a bound form: (what to say, status). A refusal lands on the form, at its field."""
    if not form.is_valid():
        return "", HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        said = act.run(actor, row, form.cleaned_data)
    except DomainError as error:
        name = error.pointer.strip("/").split("/")[0]
        form.add_error(name if name in form.fields else None, str(error.detail))
        return "", error.status
    return (said if isinstance(said, ShownOnce | LeadsTo) else str(said)), HTTPStatus.OK
