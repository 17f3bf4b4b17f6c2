"""Sales orders as the firm's own programs read them. Money and mass are texts of decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog.models import Product
from mes.core.api.fields import DECIMAL, instant_text
from mes.core.units import weight_kg
from orders.sales.choices import DeclineReason
from orders.sales.models import SalesOrder, SalesOrderDecline, SalesOrderLine
from orders.sales.selectors import LineRow, OrderRow


class ProductNameSerializer(serializers.ModelSerializer[Product]):
    """Which product it is."""

    class Meta:
        model = Product
        fields = ("id", "code", "name_zh", "name_en")


class SalesOrderLineSerializer(serializers.ModelSerializer[Any]):
    """A line with the firm's own price and what the published plan says of it."""

    product = ProductNameSerializer()
    weight_kg = serializers.SerializerMethodField()
    completed_pieces = serializers.IntegerField()
    excluded_firms = serializers.ListField(child=serializers.CharField(), read_only=True)
    fee_ceiling_cny_per_t = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True, read_only=True)
    price_cny_per_t = serializers.DecimalField(max_digits=12, decimal_places=2, default=None, allow_null=True)

    class Meta:
        model = SalesOrderLine
        fields = (
            "id",
            "number",
            "external_ref",
            "product",
            "pieces",
            "weight_kg",
            "completed_pieces",
            "release_at",
            "due_at",
            "priority",
            "consent",
            "fee_ceiling_cny_per_t",
            "excluded_firms",
            "price_cny_per_t",
            "revision",
            "plan_state",
            "planned_finish_at",
        )

    @extend_schema_field(DECIMAL)
    def get_weight_kg(self, line: LineRow) -> str:
        return str(weight_kg(pieces=line.pieces, unit_mass_g=line.product.unit_mass_g))

    def to_representation(self, line: LineRow) -> dict[str, Any]:
        """What the fields say of it, as a test compares; they would take eight times as long."""
        product = line.product
        return {
            "id": str(line.id),
            "number": line.number,
            "external_ref": line.external_ref,
            "product": {
                "id": str(product.id),
                "code": product.code,
                "name_zh": product.name_zh,
                "name_en": product.name_en,
            },
            "pieces": line.pieces,
            "weight_kg": self.get_weight_kg(line),
            "completed_pieces": line.completed_pieces,
            "release_at": instant_text(line.release_at),
            "due_at": instant_text(line.due_at),
            "priority": line.priority,
            "consent": line.consent,
            "fee_ceiling_cny_per_t": _decimal_text(line.fee_ceiling_cny_per_t),
            "excluded_firms": line.excluded_firms,
            "price_cny_per_t": _decimal_text(line.price_cny_per_t),
            "revision": line.revision,
            "plan_state": line.plan_state,
            "planned_finish_at": instant_text(line.planned_finish_at),
        }


class SalesOrderDeclineSerializer(serializers.ModelSerializer[Any]):
    """What was lost: how much, on which machines, and when it could have been made (null: not at all)."""

    machine_class = serializers.CharField(default=None, allow_null=True)

    class Meta:
        model = SalesOrderDecline
        fields = ("weight_kg", "machine_class", "offerable_at")


class SalesOrderSerializer(serializers.ModelSerializer[Any]):
    """An order with its customer, which is null for work that was taken over from a member."""

    customer_name = serializers.CharField(default=None, allow_null=True)
    decline_reason = serializers.SerializerMethodField()
    decline = SalesOrderDeclineSerializer(default=None, allow_null=True)
    lines = SalesOrderLineSerializer(many=True)

    class Meta:
        model = SalesOrder
        fields = (
            "id",
            "number",
            "external_ref",
            "origin",
            "status",
            "decline_reason",
            "decline",
            "ordered_on",
            "customer_name",
            "lines",
        )

    def get_decline_reason(self, order: OrderRow) -> DeclineReason | None:
        return DeclineReason(order.decline_reason) if order.decline_reason else None

    def to_representation(self, order: OrderRow) -> dict[str, Any]:
        """What the fields say of it, as a test compares."""
        decline = order.decline
        return {
            "id": str(order.id),
            "number": order.number,
            "external_ref": order.external_ref,
            "origin": order.origin,
            "status": order.status,
            "decline_reason": self.get_decline_reason(order),
            "decline": None if decline is None else SalesOrderDeclineSerializer(decline).data,
            "ordered_on": order.ordered_on.isoformat(),
            "customer_name": order.customer_name,
            "lines": [_LINE.to_representation(line) for line in order.lines],
        }


_LINE = SalesOrderLineSerializer()


def _decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
