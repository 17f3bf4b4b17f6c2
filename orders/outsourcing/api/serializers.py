"""Outsource orders: each party reads its own columns, and what both have agreed on."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import PageQuery, StrictSerializer, WholeNumberField
from mes.core.units import GRAMS_PER_KG
from orders.outsourcing.choices import OutsourceStatus
from orders.outsourcing.models import OutsourceOrder
from orders.sales.models import MOST_PIECES


class OutsourceOrderSerializer(serializers.ModelSerializer[OutsourceOrder]):
    """Needs the reading actor in the context. Number and line are the giver's to read, the doer's order the doer's."""

    product_code = serializers.CharField(source="product.code")
    dispatched_pieces = serializers.IntegerField(source="dispatched")
    accepted_pieces = serializers.IntegerField(source="accepted")
    refused_pieces = serializers.IntegerField(source="refused")
    fee_cny_per_t = serializers.DecimalField(source="terms.fee_cny_per_t", max_digits=12, decimal_places=2)
    fee_cny = serializers.DecimalField(source="terms.fee_cny", max_digits=14, decimal_places=2)

    class Meta:
        model = OutsourceOrder
        fields = (
            "id", "status", "product_code", "specification", "pieces", "due_at", "material_from", "dispatched_pieces",
            "accepted_pieces", "refused_pieces", "fee_cny_per_t", "fee_cny",
        )  # fmt: skip

    def to_representation(self, instance: OutsourceOrder) -> dict[str, Any]:
        shown = super().to_representation(instance)
        shown["weight_kg"] = str(instance.weight_g / GRAMS_PER_KG)
        if self.context["actor"].firm_id == instance.giver_id:
            own = {"number": instance.giver_number, "sales_order_line_id": str(instance.giver_line_id)}
            return shown | {"side": "giver", "other_firm": instance.doer.code} | own
        own = {"sales_order_id": str(instance.doer_order_id)}
        return shown | {"side": "doer", "other_firm": instance.giver.code} | own


class OutsourceOrdersQuery(PageQuery):
    status = serializers.ChoiceField(OutsourceStatus.choices, required=False)


class DispatchRequest(StrictSerializer):
    """Pieces that leave the doer."""

    pieces = WholeNumberField(min_value=1, max_value=MOST_PIECES)


class ReceiveRequest(StrictSerializer):
    """Pieces that the giver has counted at its gate."""

    accepted_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES)
    refused_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES, required=False, default=0)
