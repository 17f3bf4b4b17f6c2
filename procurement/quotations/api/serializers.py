"""Requests and quotations as suppliers read and write them. Quantities in kg, prices in fen per tonne."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import DayField, FollowedQuery, StrictSerializer, TruthField, WholeNumberField
from procurement.quotations.choices import BreakKind, DeliveryBasis, QuotationStatus, TenderStatus
from procurement.quotations.models import MOST_DAYS, MOST_PERMILLE, Quotation, QuotationLine, Tender, TenderLine
from procurement.quotations.services.drafts import MOST_BREAKS, MOST_DISCOUNTS, least_validity
from procurement.rounds.models import MOST_FEN_PER_T, MOST_KG, WHOLE_PERMILLE

MOST_LINES = 200
_MOST_NUMBER = 32_767


class TenderLineSerializer(serializers.ModelSerializer[TenderLine]):
    """The whole demand of a line: what is wanted, and the most that would be taken."""

    class Meta:
        model = TenderLine
        fields = (
            "number", "material_code", "zone", "window_from", "window_to", "bag_kg", "wanted_kg", "most_kg",
        )  # fmt: skip


class TenderSerializer(serializers.ModelSerializer[Tender]):
    """`revision` grows with each change of the conditions, which voids what was sealed. `interest_permille`: what a
    year of credit counts when quotations are compared. `valid_beyond`: a quotation holds longer than this day.
    """

    status = serializers.ChoiceField(TenderStatus.choices)
    valid_beyond = serializers.SerializerMethodField()
    lines = TenderLineSerializer(many=True)

    class Meta:
        model = Tender
        fields = (
            "id", "code", "status", "revision", "conditions", "payment_days", "interest_permille", "published_at",
            "closes_at", "opened_at", "confirm_within_h", "valid_beyond", "lines", "created_at",
        )  # fmt: skip

    def get_valid_beyond(self, tender: Tender) -> str:
        return least_validity(tender).isoformat()


class TendersQuery(FollowedQuery):
    """Query of the requests."""


class BreakSerializer(StrictSerializer):
    from_kg = WholeNumberField(min_value=0, max_value=MOST_KG)
    price_fen_per_t = WholeNumberField(min_value=1, max_value=MOST_FEN_PER_T)


class DiscountSerializer(StrictSerializer):
    """Off each price, from so many kg of all lines on."""

    from_kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    permille = WholeNumberField(min_value=1, max_value=WHOLE_PERMILLE - 1)


class QuotationLineSerializer(serializers.ModelSerializer[QuotationLine]):
    line = serializers.IntegerField(source="line.number")
    kind = serializers.ChoiceField(BreakKind.choices)
    breaks = BreakSerializer(many=True)

    class Meta:
        model = QuotationLine
        fields = ("line", "capacity_kg", "least_kg", "multiple_kg", "kind", "breaks")


class QuotationSerializer(serializers.ModelSerializer[Quotation]):
    """`tender_revision`: the conditions that it was written or sealed for. `sealed_sha256`: digest of what was sealed.

    Nobody but its supplier reads it, or that there is one, until the request is opened.
    """

    status = serializers.ChoiceField(QuotationStatus.choices)
    basis = serializers.ChoiceField(DeliveryBasis.choices)
    lines = QuotationLineSerializer(many=True)
    discounts = DiscountSerializer(many=True)

    class Meta:
        model = Quotation
        fields = (
            "id", "tender_id", "tender_revision", "status", "sealed_at", "sealed_sha256", "opened_at", "valid_until",
            "payment_days", "with_vat", "vat_permille", "basis", "freight_fen_per_t", "capacity_kg", "lines",
            "discounts",
        )  # fmt: skip


class QuotationLineRequest(StrictSerializer):
    """Nothing is sold, or a multiple of `multiple_kg` from `least_kg` to `capacity_kg`. `kind`: whether a break prices
    each kg (`all_units`) or those above it only (`incremental`).
    """

    line = WholeNumberField(min_value=1, max_value=_MOST_NUMBER)
    capacity_kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    least_kg = WholeNumberField(min_value=0, max_value=MOST_KG)
    multiple_kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    kind = serializers.ChoiceField(BreakKind.choices)
    breaks: Any = serializers.ListSerializer(child=BreakSerializer(), max_length=MOST_BREAKS)


class QuotationRequest(StrictSerializer):
    """All terms are said. `capacity_kg` null: no limit but the lines' own. `freight_fen_per_t`: without VAT, 0 where
    the price is a delivered one.
    """

    valid_until = DayField()
    payment_days = WholeNumberField(min_value=0, max_value=MOST_DAYS)
    with_vat = TruthField()
    vat_permille = WholeNumberField(min_value=0, max_value=MOST_PERMILLE)
    basis = serializers.ChoiceField(DeliveryBasis.choices)
    freight_fen_per_t = WholeNumberField(min_value=0, max_value=MOST_FEN_PER_T)
    capacity_kg = WholeNumberField(allow_null=True, min_value=1, max_value=MOST_KG)
    lines: Any = serializers.ListSerializer(child=QuotationLineRequest(), max_length=MOST_LINES)
    discounts: Any = serializers.ListSerializer(child=DiscountSerializer(), required=False, max_length=MOST_DISCOUNTS)


class SealRequest(StrictSerializer):
    """The revision of the request's conditions that you have read."""

    tender_revision = WholeNumberField(min_value=1, max_value=_MOST_NUMBER)
