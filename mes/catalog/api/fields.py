"""Names of the catalogue in requests."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog import selectors
from mes.catalog.models import MOST_ITEM_NUMBER
from mes.core.api.fields import StrictSerializer

MOST_CODE_LENGTH = 40


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": MOST_CODE_LENGTH})
class ProductCodeField(serializers.Field[Any, Any, Any, Any]):
    """The code of a product of the firm or of the park; becomes the product's key."""

    default_error_messages = {"unknown": _("There is no product with this code.")}

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or "\0" in data or len(data) > MOST_CODE_LENGTH:
            self.fail("unknown")
        product_id = selectors.product_id_of_code(actor=self.context["actor"], code=data)
        if product_id is None:
            self.fail("unknown")
        return product_id


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": MOST_ITEM_NUMBER})
class ItemNumberField(serializers.Field[Any, Any, Any, Any]):
    """What the firm's own programs call a product; becomes the product's key."""

    default_error_messages = {"unknown": _("None of your item numbers is this.")}

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or "\0" in data or len(data) > MOST_ITEM_NUMBER:
            self.fail("unknown")
        product_id = selectors.product_id_of_item(actor=self.context["actor"], number=data)
        if product_id is None:
            self.fail("unknown")
        return product_id


class NamesProduct(StrictSerializer):
    """A body that names a product by `product_code` or by the firm's own `item_number`. `needs_product`: it must."""

    needs_product: ClassVar[bool] = True
    product_code = ProductCodeField(source="product_id", required=False)
    item_number = ItemNumberField(source="item_product_id", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [attrs.pop(name) for name in ("item_product_id", "product_id") if name in attrs]
        if len(named) > 1 or (self.needs_product and not named):
            text = _("Name the product by its code or by your item number, and only by one of them.")
            raise serializers.ValidationError({"product_code": [text]}, code="required")
        return attrs | {"product_id": named[0]} if named else attrs
