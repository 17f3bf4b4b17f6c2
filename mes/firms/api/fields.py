"""Names of firms in requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.firms import selectors

MOST_FIRMS = 300


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": MOST_FIRMS})
class FirmCodesField(serializers.Field[Any, Any, Any, Any]):
    """A list of members' codes; becomes a set of keys."""

    default_error_messages = {
        "not_a_list": _("A list of members' codes is wanted."),
        "unknown": _("There is no member with this code."),
    }

    def to_internal_value(self, data: Any) -> frozenset[UUID]:
        if not isinstance(data, list) or len(data) > MOST_FIRMS or not all(isinstance(code, str) for code in data):
            self.fail("not_a_list")
        if any("\0" in code for code in data):
            self.fail("unknown")
        found = selectors.firm_ids_of_codes(data)
        if len(found) != len(set(data)):
            self.fail("unknown")
        return frozenset(found.values())
