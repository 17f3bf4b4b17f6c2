"""A firm's scenarios: what if its own machines, hours and orders were otherwise, planned alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import InstantField, PageQuery, PlainTextField, StrictSerializer, WholeNumberField
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from orders.sales.models import MOST_PIECES
from production.planning.scenario.override import MOST_OVERRIDES, RANGES
from production.plans.choices import OverrideKind, ScenarioFault
from production.plans.models import Scenario, ScenarioLine
from production.plans.models.scenarios import MOST_NAME
from production.plans.selectors import scenarios as selectors
from production.plans.services import scenarios as services
from production.plans.services.scenarios import AS_ASKED, OF_FIRM

KINDS = [(kind.value, kind.label) for kind in OverrideKind if kind in OF_FIRM]


class OverrideRequest(StrictSerializer):
    """One thing that is otherwise; which fields belong to a kind says docs/api.md. `line` as `SO-1-1`."""

    kind = serializers.ChoiceField(KINDS)
    machine = PlainTextField(max_length=40, required=False)
    machine_class = PlainTextField(max_length=40, required=False)
    line = PlainTextField(max_length=80, required=False)
    count = WholeNumberField(min_value=RANGES["count"][0], max_value=RANGES["count"][1], required=False)
    from_at = InstantField(required=False)
    until_at = InstantField(required=False)
    minutes_per_day = WholeNumberField(min_value=1, max_value=RANGES["day_min"][1], required=False)
    pieces = WholeNumberField(min_value=1, max_value=MOST_PIECES, required=False)
    due_at = InstantField(required=False)
    priority = WholeNumberField(min_value=1, max_value=RANGES["priority"][1], required=False)


class ScenarioRequest(StrictSerializer):
    """`like`: a scenario of the firm whose snapshot is used again, so that both are compared with the same plan."""

    name = PlainTextField(max_length=MOST_NAME)
    overrides = serializers.ListField(child=OverrideRequest(), min_length=1, max_length=MOST_OVERRIDES)
    like = serializers.UUIDField(source="like_id", required=False, allow_null=True)


class OverrideSerializer(serializers.Serializer[Any]):
    """As it was asked for; what was left out is null."""

    kind = serializers.ChoiceField(KINDS)
    machine = serializers.CharField(allow_null=True)
    machine_class = serializers.CharField(allow_null=True)
    line = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    from_at = serializers.DateTimeField(allow_null=True)
    until_at = serializers.DateTimeField(allow_null=True)
    minutes_per_day = serializers.IntegerField(allow_null=True)
    pieces = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    priority = serializers.IntegerField(allow_null=True)


class ScenarioFiguresSerializer(serializers.Serializer[Any]):
    """A plan in figures. `load_permille`: of open machine time in the first four weeks, by machine class.

    `cost_index`: of a scenario, the snapshot's cost being 100; null where there is no cost.
    """

    lines = serializers.IntegerField()
    late = serializers.IntegerField()
    unplaced = serializers.IntegerField()
    runs = serializers.IntegerField()
    tardiness_min = serializers.IntegerField()
    changeover_min = serializers.IntegerField()
    makespan_min = serializers.IntegerField()
    load_permille: serializers.DictField = serializers.DictField(child=serializers.IntegerField())
    cost_index = serializers.IntegerField(allow_null=True, default=None)


class ScenarioReasonSerializer(serializers.Serializer[Any]):
    """Why the line is late in the scenario: a stable `code`, and what it says as data."""

    code = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]


class ScenarioLineSerializer(serializers.ModelSerializer[ScenarioLine]):
    """An order line that becomes late or on time, or stays late and is finished at another time."""

    line = serializers.CharField(source="label")
    sales_order_line_id = serializers.UUIDField(source="line_id", allow_null=True)
    reasons = ScenarioReasonSerializer(many=True)

    class Meta:
        model = ScenarioLine
        fields = (
            "line", "sales_order_line_id", "due_at", "state_before", "finish_before_at", "state", "finish_at",
            "reasons",
        )  # fmt: skip


class ScenarioFaultSerializer(serializers.Serializer[Any]):
    """Why it failed: a stable `code`, and a pointer to the field."""

    code = serializers.ChoiceField(ScenarioFault.choices)
    pointer = serializers.CharField(allow_blank=True)


class ScenarioSerializer(serializers.ModelSerializer[Scenario]):
    """A scenario beside its snapshot. Figures are null until they are computed."""

    snapshot_id = serializers.UUIDField(source="base_id")
    zero_at = serializers.DateTimeField(source="base.zero_at")
    overrides = serializers.SerializerMethodField()
    snapshot_figures = serializers.SerializerMethodField()
    figures = serializers.SerializerMethodField()
    lines = ScenarioLineSerializer(many=True)
    fault = serializers.SerializerMethodField()

    class Meta:
        model = Scenario
        fields = (
            "id", "name", "state", "snapshot_id", "zero_at", "overrides", "snapshot_figures", "figures", "lines",
            "fault", "created_at", "finished_at",
        )  # fmt: skip

    @extend_schema_field(OverrideSerializer(many=True))
    def get_overrides(self, row: Scenario) -> Any:
        return OverrideSerializer([_asked(item, row.base.zero_at) for item in row.overrides], many=True).data

    @extend_schema_field(ScenarioFiguresSerializer(allow_null=True))
    def get_snapshot_figures(self, row: Scenario) -> Any:
        return ScenarioFiguresSerializer(row.base.figures).data if row.base.figures else None

    @extend_schema_field(ScenarioFiguresSerializer(allow_null=True))
    def get_figures(self, row: Scenario) -> Any:
        return ScenarioFiguresSerializer(row.figures).data if row.figures else None

    @extend_schema_field(ScenarioFaultSerializer(allow_null=True))
    def get_fault(self, row: Scenario) -> Any:
        if not row.fault:
            return None
        pointer = services.pointer_of(row.fault_at) if row.fault_at else ""
        return ScenarioFaultSerializer({"code": row.fault, "pointer": pointer}).data


class ScenariosApi(FirmApi):
    resource = "plans"

    @operation("scenarios_list", ScenarioSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's scenarios, the oldest first. Nobody else sees them."""
        return self.page(lambda limit, after: selectors.scenarios_page(actor=self.actor, limit=limit, after=after))

    @operation(
        "scenarios_start",
        ScenarioSerializer,
        body=ScenarioRequest,
        status=status.HTTP_202_ACCEPTED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Queues a scenario of the firm alone; ask the address in `Location` for its figures. Nothing is published."""
        row = services.scenario_start(actor=self.actor, now=business_now(), **self.asked())
        shown = selectors.scenario_get(actor=self.actor, scenario_id=row.pk)
        return self.answer(shown, location=f"{request.path}/{row.pk}")


class ScenarioApi(FirmApi):
    resource = "plans"

    @operation("scenarios_get", ScenarioSerializer)
    def get(self, request: Request, scenario_id: UUID) -> Response:
        """One scenario beside its snapshot."""
        return self.answer(selectors.scenario_get(actor=self.actor, scenario_id=scenario_id))

    @operation("scenarios_discard", ScenarioSerializer)
    def delete(self, request: Request, scenario_id: UUID) -> Response:
        """Drops it; a computation ends soon. Answers with what was dropped."""
        row = selectors.scenario_get(actor=self.actor, scenario_id=scenario_id)
        dropped = services.scenario_discard(actor=self.actor, scenario_id=scenario_id)
        row.state = dropped.state
        return self.answer(row)


def _asked(item: Mapping[str, Any], zero_at: datetime) -> dict[str, Any]:
    """An override as the firm asked for it: its own codes, and instants for minutes."""
    found: dict[str, Any] = dict.fromkeys(OverrideSerializer().fields)
    for name, value in item.items():
        if name == "line":
            number, _colon, line = value.partition(":")[2].rpartition(":")
            found["line"] = f"{number}-{line}"
        elif name == "machine":
            found["machine"] = value.partition(":")[2]
        elif AS_ASKED.get(name, "").endswith("_at"):
            found[AS_ASKED[name]] = timezone.localtime(zero_at + timedelta(minutes=value))
        elif AS_ASKED.get(name, name) in found:
            found[AS_ASKED.get(name, name)] = value
    return found
