"""Sales orders as the firm's own programs read them. Money and mass are texts of decimals."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog.models import Product
from mes.core.api.fields import DECIMAL
from mes.core.units import weight_kg
from orders.sales.choices import DeclineReason
from orders.sales.models import SalesOrder, SalesOrderDecline, SalesOrderLine


class ProductNameSerializer(serializers.ModelSerializer[Product]):
    """Which product it is."""

    class Meta:
        model = Product
        fields = ("id", "code", "name_zh", "name_en")


class SalesOrderLineSerializer(serializers.ModelSerializer[SalesOrderLine]):
    """A line with the firm's own price and what the published plan says of it."""

    product = ProductNameSerializer()
    weight_kg = serializers.SerializerMethodField()
    completed_pieces = serializers.IntegerField()
    excluded_firms = serializers.SerializerMethodField()
    fee_ceiling_cny_per_t = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True, read_only=True)
    price_cny_per_t = serializers.DecimalField(
        source="terms.price_cny_per_t", max_digits=12, decimal_places=2, default=None, allow_null=True
    )

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
    def get_weight_kg(self, line: SalesOrderLine) -> str:
        return str(weight_kg(pieces=line.pieces, unit_mass_g=line.product.unit_mass_g))

    def get_excluded_firms(self, line: SalesOrderLine) -> list[str]:
        return sorted(exclusion.excluded_firm.code for exclusion in line.exclusions.all())


class SalesOrderDeclineSerializer(serializers.ModelSerializer[SalesOrderDecline]):
    """What was lost: how much, on which machines, and when it could have been made (null: not at all)."""

    machine_class = serializers.CharField(source="machine_class.code", default=None, allow_null=True)

    class Meta:
        model = SalesOrderDecline
        fields = ("weight_kg", "machine_class", "offerable_at")


class SalesOrderSerializer(serializers.ModelSerializer[SalesOrder]):
    """An order with its customer, which is null for work that was taken over from a member."""

    customer_name = serializers.CharField(source="terms.customer_name", default=None, allow_null=True)
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

    def get_decline_reason(self, order: SalesOrder) -> DeclineReason | None:
        return DeclineReason(order.decline_reason) if order.decline_reason else None
