"""What no date and no text may be, anywhere: the doors refuse it, and constraints of the database do so again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.errors import InvalidValue

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def plausible_times(*names: str) -> Q:
    """Each instant from 2000 until 2100; nothing is said of one that is null. Infinite times lie outside."""
    return _all(names, lambda name: {f"{name}__gte": EARLIEST, f"{name}__lt": LATEST})


def plausible_days(*names: str) -> Q:
    """As plausible_times, for days."""
    return _all(names, lambda name: {f"{name}__gte": EARLIEST.date(), f"{name}__lt": LATEST.date()})


def not_blank(*names: str) -> Q:
    """Each text holds something that can be seen."""
    return _all(names, lambda name: {f"{name}__regex": r"\S"})


def between(least: Any, most: Any, *names: str) -> Q:
    """Each number from `least` to `most`. NaN is greater than all numbers in PostgreSQL, so it lies outside."""
    return _all(names, lambda name: {f"{name}__gte": least, f"{name}__lte": most})


def is_plausible(moment: datetime | date) -> bool:
    """Whether an instant or a day lies from 2000 until 2100."""
    if isinstance(moment, datetime):
        return EARLIEST <= moment < LATEST
    return EARLIEST.date() <= moment < LATEST.date()


def check_text(text: str, longest: int, pointer: str, *, may_be_empty: bool = False) -> None:
    """Raises InvalidValue unless the text can be seen (or is empty, where it may be) and is not too long."""
    if len(text) > longest or not (text.strip() or (may_be_empty and not text)):
        raise InvalidValue(_("The text is empty or too long."), pointer=pointer)


def check_whole_number(value: int | None, most: int, pointer: str, *, least: int = 1) -> None:
    """Raises InvalidValue unless it is a whole number from `least` to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidValue(_("A whole number in range is wanted."), pointer=pointer)


def _all(names: tuple[str, ...], condition: Any) -> Q:
    found = Q()
    for name in names:
        found &= Q(**condition(name))
    return found
