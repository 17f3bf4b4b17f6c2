"""Savings as firms read them. Amounts in whole fen without VAT."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import FollowedQuery
from procurement.benchmarks.choices import EvidenceGrade
from procurement.savings.models import RoundSaving, SavingLine
from procurement.savings.selectors.headline import Headline, sentence
from procurement.savings.selectors.lines import Summary, headline_told


class SavingsQuery(FollowedQuery):
    """Query of the savings."""


class SavingSerializer(serializers.ModelSerializer[SavingLine]):
    """A part of a lot that was received and invoiced. `saving_fen`: by the benchmark's median, negative where the lot
    was dearer. `market_*`: what the same kg cost outside the round; 0 where there was no quote. `alone_fen`: what the
    same quotations would have charged the firm alone. `sha256` binds it into the chain of the round: keep it.
    """

    line = serializers.IntegerField(source="part.order.line.number")
    material_code = serializers.CharField(source="part.order.line.material.code")
    supplier = serializers.CharField(source="part.order.supplier.code")
    lot_number = serializers.CharField(source="part.lot_number")
    part_id = serializers.UUIDField()
    round_id = serializers.UUIDField()
    grade = serializers.ChoiceField(EvidenceGrade.choices)
    saving_fen = serializers.IntegerField()

    class Meta:
        model = SavingLine
        fields = (
            "id", "round_id", "line", "material_code", "supplier", "part_id", "lot_number", "revision", "grade", "kg",
            "net_fen", "balancing_fen", "freight_fen", "fee_fen", "financing_fen", "claims_fen", "rebates_fen",
            "landed_fen", "market_low_fen", "market_mid_fen", "market_high_fen", "saving_fen", "alone_fen",
            "recognised_at", "sha256", "created_at",
        )  # fmt: skip


class HeadlineSerializer(serializers.Serializer[Headline]):
    """`saving_*`: of the lots with evidence (grade A or B), whose spend is `evidenced_fen`. `rate_*`: per cent of the
    market's price, null without evidence. `sentence`: what may be quoted, in the language of the call.
    """

    spend_fen = serializers.IntegerField()
    evidenced_fen = serializers.IntegerField()
    saving_low_fen = serializers.IntegerField(source="saving.low_fen")
    saving_mid_fen = serializers.IntegerField(source="saving.mid_fen")
    saving_high_fen = serializers.IntegerField(source="saving.high_fen")
    rate_low = serializers.SerializerMethodField()
    rate_mid = serializers.SerializerMethodField()
    rate_high = serializers.SerializerMethodField()
    coverage = serializers.IntegerField()
    sentence = serializers.SerializerMethodField()

    def get_rate_low(self, found: Headline) -> str | None:
        return None if found.rates is None else found.rates[0]

    def get_rate_mid(self, found: Headline) -> str | None:
        return None if found.rates is None else found.rates[1]

    def get_rate_high(self, found: Headline) -> str | None:
        return None if found.rates is None else found.rates[2]

    def get_sentence(self, found: Headline) -> str:
        return sentence(found)


class ToldSerializer(serializers.Serializer[RoundSaving]):
    """What the round told all members. `headline` null: it was withheld, as it could tell of one firm."""

    told_at = serializers.DateTimeField()
    lines = serializers.IntegerField()
    head_sha256 = serializers.CharField()
    headline = serializers.SerializerMethodField()

    def get_headline(self, row: RoundSaving) -> dict[str, Any] | None:
        found = headline_told(row)
        return None if found is None else dict(HeadlineSerializer(found).data)


class SummarySerializer(serializers.Serializer[Summary]):
    """What the firm saved in a round. `goods_fen`, `alone_fen`: what it paid for its resin, and what the same
    quotations would have charged it alone. `told` null: the round is not closed, or its saving not told.
    """

    round_id = serializers.UUIDField()
    lots = serializers.IntegerField()
    headline = HeadlineSerializer()
    goods_fen = serializers.IntegerField()
    alone_fen = serializers.IntegerField()
    told = ToldSerializer(allow_null=True)
