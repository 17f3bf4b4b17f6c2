"""What the shop floor sends."""

from __future__ import annotations

from rest_framework import serializers

from mes.core.api.fields import StrictSerializer, WholeNumberField
from orders.sales.models import MOST_PIECES
from production.floor.models import ProductionReport


class ReportSerializer(serializers.ModelSerializer[ProductionReport]):
    """Pieces that were booked."""

    class Meta:
        model = ProductionReport
        fields = ("id", "good_pieces", "scrap_pieces", "reported_at")


class ReportRequest(StrictSerializer):
    """Pieces of a started run since the last report."""

    good_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES)
    scrap_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES, required=False, default=0)
