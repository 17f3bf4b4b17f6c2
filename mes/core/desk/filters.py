"""Filters of lists: by a choice, by a row that is typed to find it, by days, by questions of our own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import FieldListFilter
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.contrib.filters.forms import DropdownForm

Filter = tuple[str, type[Any]]


def by_choice(name: str) -> Filter:
    return name, ChoicesDropdownFilter


def by_flag(name: str) -> Filter:
    return name, BooleanRadioFilter


def by_row(name: str) -> Filter:
    """A row of many: typed to find it. Its list must have search fields."""
    return name, AutocompleteSelectFilter


def by_few(name: str) -> Filter:
    """A row of few: chosen from a menu."""
    return name, RelatedDropdownFilter


def by_day(name: str) -> Filter:
    return name, DayFilter


def by_word(name: str, words: Mapping[str, Any]) -> Filter:
    """A short text that holds one of few words."""

    class WordFilter(FieldListFilter):
        template = "unfold/filters/filters_field.html"

        def expected_parameters(self) -> list[str | None]:
            return [name]

        def choices(self, changelist: Any) -> Iterator[Any]:
            asked = self.used_parameters.get(name)
            yield {
                "form": DropdownForm(
                    label=_(" By %(filter_title)s ") % {"filter_title": self.title},
                    name=name,
                    choices=(("", _("All")), *words.items()),
                    data={name: asked[0] if isinstance(asked, list) and asked else asked},
                )
            }

    return name, WordFilter


class DayFilter(RangeDateFilter):
    """From a day to a day, both included, as the park's clock shows them. What is no day is not asked for."""

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        begin = _day(self.used_parameters.get(f"{self.parameter_name}_from"))
        end = _day(self.used_parameters.get(f"{self.parameter_name}_to"))
        if begin is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": self._bound(begin)})
        if end is not None:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": self._bound(end + timedelta(days=1))})
        return queryset

    def _bound(self, day: date) -> date | datetime:
        if isinstance(self.field, models.DateTimeField):
            return timezone.make_aware(datetime.combine(day, time.min))
        return day


def _day(text: Any) -> date | None:
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day <= date(9000, 1, 1) else None


class Question(DropdownFilter):
    """A filter that asks what no field holds. Subclasses say `title`, `parameter_name`, `lookups` and `queryset`."""


_ASKED: defaultdict[type[models.Model], list[type[Question]]] = defaultdict(list)


def ask(model: type[models.Model], question: type[Question]) -> None:
    """Adds a filter to the list of a model of a lower app, which does not know what is asked for."""
    _ASKED[model].append(question)


def questions_about(model: type[models.Model]) -> Sequence[type[Question]]:
    return _ASKED[model]
