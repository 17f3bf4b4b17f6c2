"""The firm's part of the plan."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import (
    FollowedQuery,
    InstantField,
    PlainTextField,
    StrictSerializer,
    TruthField,
    WholeNumberField,
)
from production.plans.choices import PlanScope, RunStatus
from production.plans.models import AutoApproval, LineReason, MachineRun, PlanRun, RunPart
from production.plans.models.approvals import MOST_WITHIN_H


class RunPartSerializer(serializers.ModelSerializer[RunPart]):
    """Pieces of one lot in a run. While it is only proposed it has a `proposal_id` and no line."""

    lot = serializers.CharField(source="lot.key")
    sales_order_number = serializers.CharField(source="lot.line.order.number", default=None, allow_null=True)
    sales_order_line_id = serializers.UUIDField(source="lot.line_id", allow_null=True)
    proposal_id = serializers.UUIDField(source="lot.proposal_id", allow_null=True)

    class Meta:
        model = RunPart
        fields = ("lot", "pieces", "is_last_step", "sales_order_number", "sales_order_line_id", "proposal_id")


class PlanRowSerializer(serializers.ModelSerializer[MachineRun]):
    """One run of one machine: a press batch, a nest, an oven load. `starts_at` includes the set-up."""

    machine_code = serializers.CharField(source="machine.code")
    starts_at = serializers.DateTimeField(source="period.lower")
    ends_at = serializers.DateTimeField(source="period.upper")
    parts = RunPartSerializer(many=True)

    class Meta:
        model = MachineRun
        fields = (
            "id", "machine_code", "process", "family_code", "starts_at", "work_starts_at", "ends_at", "setup_min",
            "cycles", "pieces", "status", "parts",
        )  # fmt: skip


class PlanNoteSerializer(serializers.Serializer[Any]):
    """Bad data that was found before the search and planned around: a stable `code`, and what it says as data."""

    code = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]


class PlanRunSerializer(serializers.ModelSerializer[PlanRun]):
    """A computation of a plan: its progress, and its objective when it is done (cost as an index)."""

    tiers: serializers.DictField = serializers.DictField(child=serializers.IntegerField())
    notes = PlanNoteSerializer(many=True)

    class Meta:
        model = PlanRun
        fields = (
            "id", "scope", "state", "zero_at", "orders_total", "orders_placed", "rule", "tiers", "notes", "error",
            "created_at", "finished_at",
        )  # fmt: skip


class LineReasonSerializer(serializers.ModelSerializer[LineReason]):
    """One link of the chain, the first the nearest: a stable `code`, and what it says as data."""

    data = serializers.DictField()  # type: ignore[assignment]

    class Meta:
        model = LineReason
        fields = ("code", "data")


class AutoApprovalSerializer(serializers.ModelSerializer[AutoApproval]):
    """The firm's standing yes to runs of its own customers' orders that begin within `within_h` hours."""

    class Meta:
        model = AutoApproval
        fields = ("is_on", "within_h")


class AutoApprovalRequest(StrictSerializer):
    """What changes; what is left out stays."""

    is_on = TruthField(required=False)
    within_h = WholeNumberField(required=False, min_value=1, max_value=MOST_WITHIN_H)


class PlanRowsQuery(FollowedQuery):
    """Filters of the list. Times are those of the work's start."""

    status = serializers.ChoiceField(RunStatus.choices, required=False)
    machine = PlainTextField(source="machine_code", max_length=40, required=False)
    sales_order_line_id = serializers.UUIDField(source="line_id", required=False)
    starts_from = InstantField(required=False)
    starts_before = InstantField(required=False)


class PlanRunRequest(StrictSerializer):
    """A firm plans itself alone."""

    scope = serializers.ChoiceField([(PlanScope.FIRM_ALONE.value, "")], default=PlanScope.FIRM_ALONE.value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"scope": PlanScope(attrs["scope"])}


class ProposedCommitmentSerializer(serializers.Serializer[Any]):
    """`needed_kg` and `stock_kg`: by the end of the line's window. `wanted_kg`: the difference in whole bags, 0 where
    the stock will do. A draft: the firm puts its commitment with least and most as it likes.
    """

    round_id = serializers.UUIDField(source="line.round_id")
    line = serializers.IntegerField(source="line.number")
    material_code = serializers.CharField(source="line.material.code")
    window_to = serializers.DateField(source="line.window_to")
    needed_kg = serializers.IntegerField()
    stock_kg = serializers.IntegerField()
    wanted_kg = serializers.IntegerField()
