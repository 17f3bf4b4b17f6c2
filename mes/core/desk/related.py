"""Tables of related rows on a row's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from mes.core.desk.columns import HIDDEN, Column, Words, in_words, linked

_MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of `model` whose `through` (a path of foreign keys) is the row shown. The model has a list on the desk.

    `columns`: those of the list, without `through`, unless given. `only`: further conditions. `order`: the list's.
    """

    model: type[models.Model]
    through: str
    title: Words = None
    columns: Sequence[str | Column] = ()
    only: tuple[tuple[str, Any], ...] = ()
    order: Sequence[str] = ()


_RELATED: defaultdict[type[models.Model], list[Related]] = defaultdict(list)


def relate(model: type[models.Model], *tables: Related) -> None:
    """Adds tables to the page of a model of a lower app, which does not know them."""
    _RELATED[model] += tables


def related_to(model: type[models.Model]) -> Sequence[Related]:
    return _RELATED[model]


_FOR_ALL: list[Callable[[HttpRequest, models.Model], Table | None]] = []


def relate_to_all(make: Callable[[HttpRequest, models.Model], Table | None]) -> None:
    """Adds a table to the page of every row of every model; None: not to this one."""
    _FOR_ALL.append(make)


def tables_of_all(request: HttpRequest, row: models.Model) -> list[Table | None]:
    return [make(request, row) for make in _FOR_ALL]


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    more: str | None = None
    note: str = ""


def table_of(related: Related, *, request: HttpRequest, row: models.Model) -> Table | None:
    """The first rows, with an address of the whole list when there are more. None when the person sees no such list."""
    its_admin: Any = admin.site.get_model_admin(related.model)
    if not its_admin.has_view_permission(request):
        return None
    columns = related.columns or [name for name in its_admin.columns_for(request) if name != related.through]
    wanted = its_admin.get_queryset(request).filter(**{related.through: row}, **dict(related.only))
    if related.order:
        wanted = wanted.order_by(*related.order)
    found = list(wanted[: _MOST_ROWS + 1])
    meta = related.model._meta
    more = None
    if len(found) > _MOST_ROWS:
        asked = {f"{related.through}__id__exact": row.pk, **dict(related.only)}
        more = f"{reverse(f'admin:{meta.app_label}_{meta.model_name}_changelist')}?{urlencode(asked)}"
    return Table(
        title=str(capfirst(related.title or meta.verbose_name_plural)),
        headings=[_heading(name, related.model, its_admin) for name in columns],
        rows=[_cells(item, columns, its_admin) for item in found[:_MOST_ROWS]],
        more=more,
    )


def _heading(name: str | Column, model: type[models.Model], its_admin: Any) -> str:
    words: Any = label_for_field(name, model, its_admin)
    return str(capfirst(words))


def _cells(row: models.Model, columns: Sequence[str | Column], its_admin: Any) -> list[Any]:
    first, *others = [shown(row, name, its_admin) for name in columns]
    return [first if hasattr(first, "__html__") else linked(row, str(first)), *others]


def shown(row: models.Model, name: str | Column, its_admin: Any) -> Any:
    """One value as people read it."""
    try:
        field, _attribute, value = lookup_field(name, row, its_admin)
    except ObjectDoesNotExist:
        return HIDDEN
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value)
    return in_words(value)
