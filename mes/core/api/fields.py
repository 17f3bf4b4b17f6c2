"""Fields that take a value or refuse it, and never guess: no text for a number, no time without its offset."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.core.api.paging import MOST_LIMIT, USUAL_LIMIT
from mes.core.bounds import is_plausible

DECIMAL = {"type": "string", "format": "decimal"}
"""How the schema describes a decimal number in an answer."""

_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names that it does not know, each with its pointer."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = {str(name): [_("There is no such field.")] for name in data if name not in known}
            if unknown:
                raise serializers.ValidationError(unknown, code="unknown_field")
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_LIMIT,
        "default": USUAL_LIMIT,
        "description": "Rows of a page.",
    }
)
class LimitField(serializers.CharField):
    pass


@extend_schema_field({"type": "string", "description": "`next_cursor` of the page before."})
class _CursorField(serializers.CharField):
    pass


class PageQuery(StrictSerializer):
    """Query of a list. The pages' own rules are checked by mes.core.api.paging."""

    limit = LimitField(required=False, allow_blank=True)
    cursor = _CursorField(required=False, allow_blank=True)


class WholeNumberField(serializers.IntegerField):
    """A JSON integer; neither a text nor a number with a fraction."""

    default_error_messages = {"invalid": _("A whole number is wanted.")}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class TruthField(serializers.BooleanField):
    """JSON's true or false; neither a text nor a number that stands for it."""

    default_error_messages = {"invalid": _("true or false is wanted.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class ExactDecimalField(serializers.DecimalField):
    """A JSON number or a text of ASCII digits, exact to the last place."""

    default_error_messages = {"invalid": _("A decimal number is wanted.")}

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | Decimal | str) or not _DECIMAL.fullmatch(str(data)):
            self.fail("invalid")
        value: Decimal = super().to_internal_value(str(data))
        return value


class PlainTextField(serializers.CharField):
    """A text without control characters and without what cannot be seen."""

    default_error_messages = {"invisible": _("The text holds characters that cannot be seen.")}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if any(unicodedata.category(character) in _INVISIBLE for character in data):
            self.fail("invisible")
        return super().to_internal_value(data)


def text_in_address(name: str, text: str, longest: int) -> str:
    """A text that names an object in its address, read as one in a body. Raises ValidationError (400)."""
    try:
        found: str = PlainTextField(max_length=longest).run_validation(text)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error
    return found


class InstantField(serializers.DateTimeField):
    """RFC 3339 with its offset, from 2000 to 2100."""

    default_error_messages = {
        "invalid": _("A time with its offset is wanted, as 2026-03-12T08:00:00+08:00."),
        "out_of_range": _("The year is out of range."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            self.fail("invalid")
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail("invalid")
        if not is_plausible(instant):
            self.fail("out_of_range")
        return instant


def instant_text(instant: datetime | None) -> str | None:
    """An instant as an answer shows it: RFC 3339 with the park's offset."""
    return None if instant is None else instant.astimezone(get_default_timezone()).isoformat()


class DayField(serializers.DateField):
    """A day as 2026-03-12, from 2000 to 2100."""

    default_error_messages = {
        "invalid": _("A day is wanted, as 2026-03-12."),
        "out_of_range": _("The year is out of range."),
    }

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail("invalid")
        if not is_plausible(day):
            self.fail("out_of_range")
        return day


class FollowedQuery(PageQuery):
    """Query of a list that is followed: only what has become otherwise at or after `updated_since`.

    Ask with the `Next-Updated-Since` that stands on the first page of an earlier answer: then nothing is skipped.
    """

    updated_since = InstantField(required=False)
