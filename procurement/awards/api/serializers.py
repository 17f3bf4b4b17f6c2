"""What a firm gets of a round, and what a supplier delivers. Quantities in kg, prices in fen per tonne without VAT."""

from __future__ import annotations

from fractions import Fraction

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from procurement.award.fairness import whole_fen
from procurement.awards.choices import SHARE_STATUSES, Answer, Outcome, PlanStatus
from procurement.awards.models import Allocation, AwardLine, FirmShare


class SharePartSerializer(serializers.ModelSerializer[Allocation]):
    """Whose resin, and how much of it."""

    supplier = serializers.CharField(source="supplier.code")

    class Meta:
        model = Allocation
        fields = ("supplier", "kg")


class ResinShareSerializer(serializers.ModelSerializer[FirmShare]):
    """What the firm gets of a line of the round at the one price of all; `kg` 0: nothing, as `outcome` says.

    `alone_fen_per_t`: what the same quotations would have charged the firm alone; null where that was not computed.
    `answer` null: not yet; until `answer_until` it may change, then `by_silence` the rule of the commitment holds.
    `suppliers`: once the award is signed. `status` set_aside: the award was searched again.
    """

    round_id = serializers.UUIDField(source="line.round_id")
    line = serializers.IntegerField(source="line.number")
    material_code = serializers.CharField(source="line.material.code")
    status = serializers.ChoiceField(SHARE_STATUSES)
    outcome = serializers.ChoiceField(Outcome.choices)
    answer = serializers.SerializerMethodField()
    answer_until = serializers.SerializerMethodField()
    suppliers = SharePartSerializer(source="allocations", many=True)

    class Meta:
        model = FirmShare
        fields = (
            "id", "round_id", "line", "material_code", "status", "kg", "outcome", "price_fen_per_t", "alone_fen_per_t",
            "answer", "answered_at", "by_silence", "answer_until", "suppliers",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(Answer.choices, allow_null=True))
    def get_answer(self, share: FirmShare) -> str | None:
        return share.answer or None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_answer_until(self, share: FirmShare) -> str | None:
        closes_at = share.line.round.confirm_closes_at if share.status == PlanStatus.PROPOSED else None
        return None if closes_at is None else serializers.DateTimeField().to_representation(closes_at)


class ResinAwardSerializer(serializers.ModelSerializer[AwardLine]):
    """What the supplier delivers of a line of the request: `price_fen_per_t` is its own, without VAT, delivered, by the
    price break and the discount reached.
    """

    tender_id = serializers.UUIDField(source="asked.tender_id")
    line = serializers.IntegerField(source="asked.number")
    material_code = serializers.CharField(source="asked.material_code")
    zone = serializers.CharField(source="asked.zone")
    window_from = serializers.DateField(source="asked.window_from")
    window_to = serializers.DateField(source="asked.window_to")
    price_fen_per_t = serializers.SerializerMethodField()

    class Meta:
        model = AwardLine
        fields = (
            "id", "tender_id", "line", "material_code", "zone", "window_from", "window_to", "kg", "price_fen_per_t",
        )  # fmt: skip

    def get_price_fen_per_t(self, line: AwardLine) -> int:
        return whole_fen(Fraction(line.cost_mfen, line.kg))
