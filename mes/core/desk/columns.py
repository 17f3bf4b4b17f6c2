"""Columns of lists, fields of pages and cells of tables: each is a function of the row with a heading.

Some rows point at what the association does not see (a firm's own product): those cells say so instead of failing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import localize, number_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

Column = Callable[[Any], Any]
Words = Any  # a text, or one that is translated when it is shown
NOTHING = "–"
HIDDEN = _("the firm's own")
_G_PER_T = 1_000_000


def column(heading: Words, value: Column, *, order: str | None = None) -> Column:
    """A column that is worked out; `order`: the field by which the list is sorted on a click."""

    def show(row: Any) -> Any:
        # The skin asks for a value of a page several times.
        known = row.__dict__.setdefault("_worked_out", {})
        if show not in known:
            known[show] = in_words(value(row))
        return known[show]

    return admin.display(show, description=heading, ordering=order)


def in_words(value: Any) -> Any:
    """A value as people read it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, models.Model):
        return linked(value)
    if isinstance(value, datetime):
        return localize(timezone.localtime(value))
    return grouped(value) if isinstance(value, int) else localize(value)


def worded(model: type[models.Model], name: str, words: Mapping[str, Words]) -> Column:
    """A short text of which some values have words of their own; the others are shown as they are written."""
    field = _field(model, name)

    def show(row: Any) -> Any:
        value = getattr(row, name)
        return in_words(words.get(value, value))

    return _named(show, name, field.verbose_name)


def stable(heading: Words, name: str) -> Column:
    """A name that API, logs and pages share, so that it can be searched: never translated."""

    def show(row: Any) -> Any:
        value = getattr(row, name)
        return format_html("<code>{}</code>", value) if value else NOTHING

    return _named(show, name, heading)


def state(
    model: type[models.Model], name: str, *, good: Sequence[str] = (), warn: Sequence[str] = (), bad: Sequence[str] = ()
) -> Column:
    """A choice as a coloured word."""
    field = _field(model, name)
    words = dict(field.flatchoices)
    tones = dict.fromkeys(good, "good") | dict.fromkeys(warn, "warn") | dict.fromkeys(bad, "bad")

    def show(row: Any) -> str:
        value = getattr(row, name)
        if value not in words:
            return NOTHING
        return format_html('<span class="desk-state desk-{}">{}</span>', tones.get(value, "plain"), words[value])

    return _named(show, name, field.verbose_name)


def link(heading: Words, path: str, *, order: str | None = None) -> Column:
    """The row at the end of `path` (foreign keys joined by two underscores), leading to its page."""

    def show(row: Any) -> Any:
        try:
            for name in path.split("__"):
                row = getattr(row, name) if row is not None else None
        except ObjectDoesNotExist:
            return HIDDEN
        return NOTHING if row is None else linked(row)

    return _named(show, path, heading, order)


def linked(row: models.Model, text: str | None = None) -> str:
    """A row's name, leading to its page when it has one."""
    address = address_of(row)
    words = str(row) if text is None else text
    return words if address is None else format_html('<a class="desk-link" href="{}">{}</a>', address, words)


def address_of(row: models.Model) -> str | None:
    """The address of a row's page on the desk."""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return None


def dressed(model: type[models.Model], name: Any) -> Any:
    """A field as a column: a foreign key leads to its row, a whole number has its thousands apart."""
    try:
        field = model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return name
    if isinstance(field, models.ForeignKey):
        return link(field.verbose_name, name)
    if isinstance(field, models.IntegerField) and not field.choices:
        return number(field.verbose_name, name)
    return name


def number(heading: Words, path: str, *, places: int = 0) -> Column:
    """A number with its thousands apart."""

    def show(row: Any) -> str:
        for name in path.split("__"):
            row = getattr(row, name)
        return NOTHING if row is None else grouped(row, places=places)

    return _named(show, path, heading)


def tonnes(heading: Words, name: str, *, per_t: int = _G_PER_T) -> Column:
    """A mass in tonnes; `per_t`: how many units of the field make one."""

    def show(row: Any) -> str:
        value = getattr(row, name)
        return NOTHING if value is None else grouped(Decimal(value) / per_t, places=3)

    return _named(show, name, heading)


def _named(show: Column, name: str, heading: Words, order: str | None = None) -> Column:
    """The function under its field's name, by which styles and tests find the column."""
    show.__name__ = name
    return admin.display(show, description=heading, ordering=order or name)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field: Any = model._meta.get_field(name)
    return cast("models.Field[Any, Any]", field)


def grouped(value: Decimal | int | float, *, places: int = 0) -> str:
    return number_format(value, decimal_pos=places, force_grouping=True)
