"""Outsource orders: each party reads its own columns, and what both have agreed on."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog.api.serializers import SpecificationSerializer
from mes.core.api.fields import DECIMAL, FollowedQuery, StrictSerializer, WholeNumberField
from mes.core.units import kg_of
from orders.outsourcing.choices import OutsourceStatus, Side
from orders.outsourcing.models import OutsourceFile, OutsourceOrder
from orders.sales.models import MOST_PIECES


class OutsourceOrderSerializer(serializers.ModelSerializer[OutsourceOrder]):
    """What the reading party sees. `number` and `sales_order_line_id` are the giver's to read, and null for the doer;
    `sales_order_id`, the doer's own order, is null for the giver.
    """

    side = serializers.SerializerMethodField()
    other_firm = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField()
    sales_order_line_id = serializers.SerializerMethodField()
    sales_order_id = serializers.SerializerMethodField()
    product_code = serializers.CharField(source="product.code")
    specification = SpecificationSerializer()
    weight_kg = serializers.SerializerMethodField()
    dispatched_pieces = serializers.IntegerField(source="dispatched")
    accepted_pieces = serializers.IntegerField(source="accepted")
    refused_pieces = serializers.IntegerField(source="refused")
    fee_cny_per_t = serializers.DecimalField(source="terms.fee_cny_per_t", max_digits=12, decimal_places=2)
    fee_cny = serializers.DecimalField(source="terms.fee_cny", max_digits=14, decimal_places=2)

    class Meta:
        model = OutsourceOrder
        fields = (
            "id", "side", "other_firm", "number", "sales_order_line_id", "sales_order_id", "status", "product_code",
            "specification", "pieces", "weight_kg", "due_at", "material_from", "dispatched_pieces", "accepted_pieces",
            "refused_pieces", "fee_cny_per_t", "fee_cny",
        )  # fmt: skip

    def get_side(self, order: OutsourceOrder) -> Side:
        return Side.GIVER if self._is_giver(order) else Side.DOER

    def get_other_firm(self, order: OutsourceOrder) -> str:
        return order.doer.code if self._is_giver(order) else order.giver.code

    def get_number(self, order: OutsourceOrder) -> str | None:
        return order.giver_number if self._is_giver(order) else None

    def get_sales_order_line_id(self, order: OutsourceOrder) -> UUID | None:
        return order.giver_line_id if self._is_giver(order) else None

    def get_sales_order_id(self, order: OutsourceOrder) -> UUID | None:
        return None if self._is_giver(order) else order.doer_order_id

    @extend_schema_field(DECIMAL)
    def get_weight_kg(self, order: OutsourceOrder) -> str:
        return str(kg_of(order.weight_g))

    def _is_giver(self, order: OutsourceOrder) -> bool:
        return bool(self.context["actor"].firm_id == order.giver_id)


class OutsourceFileSerializer(serializers.ModelSerializer[OutsourceFile]):
    """A file of a shared order, without its bytes. `sent_by`: the party that has attached it, and may drop it."""

    outsource_order_id = serializers.UUIDField(source="order_id")
    sent_by = serializers.SerializerMethodField()

    class Meta:
        model = OutsourceFile
        fields = ("id", "outsource_order_id", "sent_by", "name", "media_type", "size_bytes", "sha256", "created_at")

    def get_sent_by(self, row: OutsourceFile) -> Side:
        return Side.GIVER if row.sender_id == row.giver_id else Side.DOER


class OutsourceOrdersQuery(FollowedQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(OutsourceStatus.choices, required=False)


class DispatchRequest(StrictSerializer):
    """Pieces that leave the doer."""

    pieces = WholeNumberField(min_value=1, max_value=MOST_PIECES)


class ReceiveRequest(StrictSerializer):
    """Pieces that the giver has counted at its gate."""

    accepted_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES)
    refused_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES, required=False, default=0)
