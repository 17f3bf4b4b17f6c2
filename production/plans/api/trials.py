"""Trial calculations: ask, read, accept, decline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.catalog.api.fields import NamesProduct
from mes.catalog.choices import Process
from mes.core.api.fields import InstantField, PageQuery, PlainTextField, StrictSerializer, WholeNumberField
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from orders.sales.models import MOST_PIECES
from orders.sales.services.lines import PRIORITIES
from production.plans.api.hand import ForbiddenMachineRequest, PinRequest, SequenceRequest
from production.plans.choices import TrialOutcome, TrialStatus
from production.plans.models import Trial
from production.plans.selectors import trials as selectors
from production.plans.services import trial_changes as drafts
from production.plans.services import trials as services
from production.plans.services.trial_changes import MOST_CHANGES, Changes


@extend_schema_field({"type": "integer", "enum": sorted(PRIORITIES)})
class _PriorityField(WholeNumberField):
    """Its rule is the service's."""


class LineRushRequest(StrictSerializer):
    """An order line that becomes more urgent."""

    sales_order_line_id = serializers.UUIDField(source="line_id")
    priority = _PriorityField(required=False)
    due_at = InstantField(required=False)


class RushOrderRequest(NamesProduct):
    """An order that does not exist yet, made at home. Its product: `product_code`, or the firm's own `item_number`."""

    pieces = WholeNumberField(min_value=1, max_value=MOST_PIECES)
    due_at = InstantField()
    priority = _PriorityField(required=False)
    release_at = InstantField(required=False, allow_null=True)


def _rows(child: StrictSerializer) -> serializers.ListSerializer[Any]:
    return serializers.ListSerializer(child=child, required=False, max_length=MOST_CHANGES)


def _keys() -> serializers.ListField:
    return serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST_CHANGES)


class TrialRequest(StrictSerializer):
    """What is tried, all together: at least one change. Lifted and allowed are keys of what was set."""

    lifted_pins = _keys()
    allowed = _keys()
    lifted_sequences = _keys()
    lines = _rows(LineRushRequest())
    orders = _rows(RushOrderRequest())
    forbidden = _rows(ForbiddenMachineRequest())
    pins = _rows(PinRequest())
    sequences = _rows(SequenceRequest())


class TrialAcceptRequest(StrictSerializer):
    """Whose the rush orders are; not needed without any."""

    customer_name = PlainTextField(max_length=120, required=False)


class TrialsQuery(PageQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(TrialStatus.choices, required=False)


class _TriedLineSerializer(serializers.Serializer[Any]):
    """A line of the firm: an own one, or the new one of `orders` with that index, from 0."""

    sales_order_line_id = serializers.UUIDField(allow_null=True)
    sales_order_number = serializers.CharField(allow_null=True)
    order = serializers.IntegerField(allow_null=True)


class TrialLineSerializer(_TriedLineSerializer):
    """A line that is finished at another time. Without a place `finish_at` and `late_min` are null."""

    outcome = serializers.ChoiceField(TrialOutcome.choices)
    due_at = serializers.DateTimeField()
    finish_before_at = serializers.DateTimeField(allow_null=True)
    finish_at = serializers.DateTimeField(allow_null=True)
    late_before_min = serializers.IntegerField(allow_null=True)
    late_min = serializers.IntegerField(allow_null=True)


class TrialMoveSerializer(_TriedLineSerializer):
    """A run that is on another machine, or starts two hours earlier or later, within a week; null: it has no place."""

    process = serializers.ChoiceField(Process.choices)
    machine_before = serializers.CharField()
    started_before_at = serializers.DateTimeField()
    machine = serializers.CharField(allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)


class TrialAnswerSerializer(serializers.Serializer[Any]):
    """What the changes do to the firm's work on its own machines, against the plan without them."""

    lines = TrialLineSerializer(many=True)
    moves = TrialMoveSerializer(many=True)
    setup_before_min = serializers.IntegerField()
    setup_min = serializers.IntegerField()


class TrialSerializer(serializers.ModelSerializer[Trial]):
    """A trial calculation. `answer` is null until it is told; it may be accepted until `expires_at`."""

    answer = TrialAnswerSerializer(allow_null=True)
    sales_order_ids: serializers.ListField = serializers.ListField(child=serializers.UUIDField(), source="orders_made")

    class Meta:
        model = Trial
        fields = ("id", "status", "asked_at", "expires_at", "answer", "sales_order_ids", "created_at")


class TrialsApi(FirmApi):
    resource = "plans"

    @operation("trials_list", TrialSerializer, query=TrialsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm has tried, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.trials_page(actor=self.actor, limit=limit, after=after, **wanted)
        )

    @operation(
        "trials_ask",
        TrialSerializer,
        body=TrialRequest,
        status=status.HTTP_202_ACCEPTED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Queues the calculation; ask the address in `Location` until it is told. Nothing changes by it."""
        trial = services.trial_ask(actor=self.actor, changes=_changes(self.asked()), now=business_now())
        return self.answer(trial, location=f"{request.path}/{trial.pk}")


class TrialApi(FirmApi):
    resource = "plans"

    @operation("trials_get", TrialSerializer)
    def get(self, request: Request, trial_id: UUID) -> Response:
        """One trial calculation with its answer."""
        return self.answer(selectors.trial_get(actor=self.actor, trial_id=trial_id))


class TrialAcceptApi(FirmApi):
    resource = "plans"

    @operation("trials_accept", TrialSerializer, body=TrialAcceptRequest)
    def post(self, request: Request, trial_id: UUID) -> Response:
        """Yes: the changes are made, rush orders among them, and the plan is repaired. 409 when it has changed."""
        trial = services.trial_accept(actor=self.actor, trial_id=trial_id, now=business_now(), **self.asked())
        return self.answer(trial)


class TrialDeclineApi(FirmApi):
    resource = "plans"

    @operation("trials_decline", TrialSerializer)
    def post(self, request: Request, trial_id: UUID) -> Response:
        """No: nothing is changed."""
        return self.answer(services.trial_decline(actor=self.actor, trial_id=trial_id))


def _changes(asked: dict[str, Any]) -> Changes:
    made: dict[str, Any] = {
        "lines": drafts.LineRush,
        "orders": drafts.RushOrder,
        "forbidden": drafts.ForbiddenDraft,
        "pins": drafts.PinDraft,
        "sequences": _sequence,
    }
    return Changes(
        **{name: tuple(made[name](**row) if name in made else row for row in rows) for name, rows in asked.items()}
    )


def _sequence(machine_id: UUID, line_ids: list[UUID]) -> drafts.SequenceDraft:
    return drafts.SequenceDraft(machine_id, tuple(line_ids))
