"""What the shop floor sends."""

from __future__ import annotations

from mes.core.api.fields import StrictSerializer, WholeNumberField
from orders.sales.models import MOST_PIECES


class ReportRequest(StrictSerializer):
    """Pieces of a started run since the last report."""

    good_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES)
    scrap_pieces = WholeNumberField(min_value=0, max_value=MOST_PIECES, required=False, default=0)
