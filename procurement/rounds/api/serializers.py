"""Rounds and commitments as members read and write them. Quantities in kg, prices in fen per tonne."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.core.api.fields import FollowedQuery, PlainTextField, StrictSerializer, WholeNumberField
from mes.firms.models import MOST_CODE as MOST_FIRM_CODE
from procurement.rounds.choices import CommitmentStatus, ProgressBand, RoundMode, RoundStatus, Silence
from procurement.rounds.models import MOST_FEN_PER_T, MOST_KG, Commitment, Round, RoundLine

MOST_APPROVED = 50


class RoundLineSerializer(serializers.ModelSerializer[RoundLine]):
    """`progress`: in which band the members' wanted tonnes lie, as of `progress_at`; null as long as it could tell of a
    single firm. It is not brought up to date at each step.
    """

    material_code = serializers.CharField(source="material.code")
    progress = serializers.SerializerMethodField()
    progress_at = serializers.SerializerMethodField()

    class Meta:
        model = RoundLine
        fields = (
            "number", "material_code", "zone", "window_from", "window_to", "bag_kg", "truck_kg", "progress",
            "progress_at",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(ProgressBand.choices, allow_null=True))
    def get_progress(self, line: RoundLine) -> str | None:
        row = getattr(line, "progress", None)
        return row.band if row else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_progress_at(self, line: RoundLine) -> str | None:
        row = getattr(line, "progress", None)
        return serializers.DateTimeField().to_representation(row.shown_at) if row else None


class RoundSerializer(serializers.ModelSerializer[Round]):
    """`firming_at`: from then on quantities rise only. `suspended_at`: the round stands still. `policy_sha256`: digest
    of its rules and lines as they were announced.
    """

    mode = serializers.ChoiceField(RoundMode.choices)
    status = serializers.ChoiceField(RoundStatus.choices)
    lines = RoundLineSerializer(many=True)

    class Meta:
        model = Round
        fields = (
            "id", "code", "title", "mode", "status", "firming_at", "demand_closes_at", "quotations_close_at",
            "confirm_within_h", "confirm_closes_at", "suspended_at", "end_reason", "policy_sha256", "lines",
        )  # fmt: skip


class RoundsQuery(FollowedQuery):
    status = serializers.ChoiceField(RoundStatus.choices, required=False)


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    """`reserve_fen_per_t` null: at any price. Nobody but the firm reads it."""

    round_id = serializers.UUIDField(source="line.round_id")
    line = serializers.IntegerField(source="line.number")
    material_code = serializers.CharField(source="line.material.code")
    approved_suppliers: Any = serializers.ListField(child=serializers.CharField(), source="approved_codes")
    silence = serializers.ChoiceField(Silence.choices)
    status = serializers.ChoiceField(CommitmentStatus.choices)
    reserve_fen_per_t = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Commitment
        fields = (
            "id", "round_id", "line", "material_code", "least_kg", "wanted_kg", "most_kg", "priority",
            "approved_suppliers", "silence", "reserve_fen_per_t", "status", "revision", "created_at",
        )  # fmt: skip


class CommitmentRequest(StrictSerializer):
    """Whole bags. `priority`: 1 is served before 2 when there is too little. `silence`: what no answer to the price
    means. `approved_suppliers`: codes of suppliers qualified for the material; none: anybody's resin.
    """

    least_kg = WholeNumberField(min_value=0, max_value=MOST_KG)
    wanted_kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    most_kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    priority = WholeNumberField(required=False, min_value=1, max_value=2)
    approved_suppliers: Any = serializers.ListField(
        child=PlainTextField(max_length=MOST_FIRM_CODE), required=False, max_length=MOST_APPROVED
    )
    silence = serializers.ChoiceField(Silence.choices, required=False)
    reserve_fen_per_t = WholeNumberField(required=False, allow_null=True, min_value=1, max_value=MOST_FEN_PER_T)


class CommitmentsQuery(FollowedQuery):
    round_id = serializers.UUIDField(required=False)
