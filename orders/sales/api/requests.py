"""What firms' programs may send about orders. Quantities are pieces, m² or kg; times carry their offset."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog.api.fields import NamesProduct
from mes.core.api.fields import (
    DayField,
    ExactDecimalField,
    FollowedQuery,
    InstantField,
    PlainTextField,
    StrictSerializer,
    WholeNumberField,
)
from mes.firms.api.fields import FirmCodesField
from orders.sales.choices import Consent, DeclineReason, OrderOrigin, OrderStatus, PlanState
from orders.sales.models import MOST_CUSTOMER, MOST_PIECES
from orders.sales.services.lines import PRIORITIES

MOST_LINES = 500
MOST_REFERENCE = 80


@extend_schema_field({"type": "integer", "enum": sorted(PRIORITIES), "default": 1})
class _PriorityField(WholeNumberField):
    """Its rule is the service's."""


def _pieces() -> WholeNumberField:
    return WholeNumberField(min_value=1, max_value=MOST_PIECES, required=False)


def _fee() -> ExactDecimalField:
    return ExactDecimalField(max_digits=10, decimal_places=2, min_value=0, required=False, allow_null=True)


class LineRequest(NamesProduct):
    """A line: exactly one of `pieces`, `area_m2`, `weight_kg`; the last two are rounded up to whole pieces.

    The product is named by `product_code` or by the firm's own `item_number`.
    """

    pieces = _pieces()
    area_m2 = ExactDecimalField(max_digits=12, decimal_places=3, min_value=0, required=False)
    weight_kg = ExactDecimalField(max_digits=12, decimal_places=3, min_value=0, required=False)
    due_at = InstantField()
    release_at = InstantField(required=False, allow_null=True)
    priority = _PriorityField(required=False)
    consent = serializers.ChoiceField(Consent.choices, required=False)
    fee_ceiling_cny_per_t = _fee()
    excluded_firms = FirmCodesField(source="excluded_firm_ids", required=False)
    price_cny_per_t = ExactDecimalField(max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True)
    external_ref = PlainTextField(max_length=80, required=False, allow_null=True)


class KnownOrderRequest(StrictSerializer):
    """An order whose number in the firm's own system stands in the address."""

    customer_name = PlainTextField(max_length=MOST_CUSTOMER)
    number = PlainTextField(max_length=40, required=False)
    ordered_on = DayField(required=False)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=LineRequest(), min_length=1, max_length=MOST_LINES
    )


class OrderRequest(KnownOrderRequest):
    """An order as a draft. Without a `number` the firm's next is taken."""

    external_ref = PlainTextField(max_length=MOST_REFERENCE, required=False, allow_null=True)


class LineChangeRequest(NamesProduct):
    """Fields that change; those left out stay."""

    needs_product = False
    pieces = _pieces()
    due_at = InstantField(required=False)
    release_at = InstantField(required=False, allow_null=True)
    priority = _PriorityField(required=False)
    consent = serializers.ChoiceField(Consent.choices, required=False)
    fee_ceiling_cny_per_t = _fee()
    excluded_firms = FirmCodesField(source="excluded_firm_ids", required=False)


class DeclineRequest(StrictSerializer):
    """Why an order is declined, and what is lost by it. Without a weight it is what the lines weigh."""

    reason = serializers.ChoiceField(DeclineReason.choices)
    weight_kg = ExactDecimalField(max_digits=14, decimal_places=3, min_value=0, required=False)
    machine_class = PlainTextField(source="machine_class_code", max_length=40, required=False)
    offerable_at = InstantField(required=False, allow_null=True)


class OrdersQuery(FollowedQuery):
    """Filters of the list. `due_from` ≤ due < `due_before`, of any line."""

    status = serializers.ChoiceField(OrderStatus.choices, required=False)
    origin = serializers.ChoiceField(OrderOrigin.choices, required=False)
    plan_state = serializers.ChoiceField(PlanState.choices, required=False)
    external_ref = PlainTextField(max_length=80, required=False)
    due_from = InstantField(required=False)
    due_before = InstantField(required=False)
