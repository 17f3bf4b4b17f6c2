"""The planner's hand: pins, forbidden machines, sequences."""

from __future__ import annotations

from uuid import UUID

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.catalog.choices import Process
from mes.core.api.fields import InstantField, PageQuery, StrictSerializer
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from production.machines.api.serializers import MachineCodeField
from production.plans.models import ForbiddenMachine, Pin, Sequence, SequenceLine
from production.plans.selectors import hand as selectors
from production.plans.services import hand as services
from production.plans.services.hand import MOST_IN_SEQUENCE


class PinRequest(StrictSerializer):
    """The line's runs of a process are on the machine, the first of them starts then, set-up included; one or both."""

    sales_order_line_id = serializers.UUIDField(source="line_id")
    process = serializers.ChoiceField(Process.choices)
    machine = MachineCodeField(source="machine_id", required=False)
    starts_at = InstantField(required=False)


class ForbiddenMachineRequest(StrictSerializer):
    """No run of the line is planned on the machine."""

    sales_order_line_id = serializers.UUIDField(source="line_id")
    machine = MachineCodeField(source="machine_id")


class SequenceRequest(StrictSerializer):
    """The lines' runs on the machine come in this order, whatever comes between."""

    machine = MachineCodeField(source="machine_id")
    sales_order_line_ids: serializers.ListField = serializers.ListField(
        child=serializers.UUIDField(), source="line_ids", min_length=2, max_length=MOST_IN_SEQUENCE
    )


class PinSerializer(serializers.ModelSerializer[Pin]):
    """What each later plan keeps. `is_in_force`: the order is open, and the machine installed."""

    sales_order_line_id = serializers.UUIDField(source="line_id")
    sales_order_number = serializers.CharField(source="line.order.number")
    machine = serializers.CharField(source="machine.code", default=None, allow_null=True)
    is_in_force = serializers.BooleanField()

    class Meta:
        model = Pin
        fields = (
            "id", "sales_order_line_id", "sales_order_number", "process", "machine", "starts_at", "is_in_force",
            "created_at",
        )  # fmt: skip


class ForbiddenMachineSerializer(serializers.ModelSerializer[ForbiddenMachine]):
    """A machine that a line is kept off. `is_in_force` as of a pin."""

    sales_order_line_id = serializers.UUIDField(source="line_id")
    sales_order_number = serializers.CharField(source="line.order.number")
    machine = serializers.CharField(source="machine.code")
    is_in_force = serializers.BooleanField()

    class Meta:
        model = ForbiddenMachine
        fields = ("id", "sales_order_line_id", "sales_order_number", "machine", "is_in_force", "created_at")


class SequenceLineSerializer(serializers.ModelSerializer[SequenceLine]):
    """A line in its place."""

    sales_order_line_id = serializers.UUIDField(source="line_id")
    sales_order_number = serializers.CharField(source="line.order.number")

    class Meta:
        model = SequenceLine
        fields = ("position", "sales_order_line_id", "sales_order_number")


class SequenceSerializer(serializers.ModelSerializer[Sequence]):
    """The order of lines on a machine. Lines with nothing left to make are passed over."""

    machine = serializers.CharField(source="machine.code")
    lines = SequenceLineSerializer(source="places", many=True)

    class Meta:
        model = Sequence
        fields = ("id", "machine", "lines", "created_at")


class PinsApi(FirmApi):
    resource = "plans"

    @operation("pins_list", PinSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's pins, the oldest first."""
        return self.page(lambda limit, after: selectors.pins_page(actor=self.actor, limit=limit, after=after))

    @operation("pins_set", PinSerializer, body=PinRequest, status=status.HTTP_201_CREATED, located=True)
    def post(self, request: Request) -> Response:
        """Pins a step of a line to a machine, a start, or both; it is planned so a little later, and from then on."""
        pin = services.pin_set(actor=self.actor, now=business_now(), **self.asked())
        shown = selectors.pin_get(actor=self.actor, pin_id=pin.pk)
        return self.answer(shown, location=f"{request.path}/{pin.pk}")


class PinApi(FirmApi):
    resource = "plans"

    @operation("pins_get", PinSerializer)
    def get(self, request: Request, pin_id: UUID) -> Response:
        """One pin."""
        return self.answer(selectors.pin_get(actor=self.actor, pin_id=pin_id))

    @operation("pins_lift", PinSerializer)
    def delete(self, request: Request, pin_id: UUID) -> Response:
        """The plan is free again. Answers with what was lifted."""
        shown = selectors.pin_get(actor=self.actor, pin_id=pin_id)
        services.pin_lift(actor=self.actor, pin_id=pin_id)
        return self.answer(shown)


class PlanRowPinApi(FirmApi):
    resource = "plans"

    @operation("plan_rows_pin", PinSerializer, status=status.HTTP_201_CREATED)
    def post(self, request: Request, run_id: UUID) -> Response:
        """The run stays where it stands: its step is pinned to its machine and its start. Only the one run of its line
        and process is pinned; one of several stays by being approved."""
        pin = services.machine_run_pin(actor=self.actor, run_id=run_id, now=business_now())
        return self.answer(selectors.pin_get(actor=self.actor, pin_id=pin.pk))


class ForbiddenMachinesApi(FirmApi):
    resource = "plans"

    @operation("forbidden_machines_list", ForbiddenMachineSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm's lines are kept off, the oldest first."""
        return self.page(lambda limit, after: selectors.forbidden_page(actor=self.actor, limit=limit, after=after))

    @operation(
        "forbidden_machines_set",
        ForbiddenMachineSerializer,
        body=ForbiddenMachineRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Keeps a line off a machine."""
        row = services.machine_forbid(actor=self.actor, **self.asked())
        shown = selectors.forbidden_get(actor=self.actor, forbidden_id=row.pk)
        return self.answer(shown, location=f"{request.path}/{row.pk}")


class ForbiddenMachineApi(FirmApi):
    resource = "plans"

    @operation("forbidden_machines_get", ForbiddenMachineSerializer)
    def get(self, request: Request, forbidden_id: UUID) -> Response:
        """One of them."""
        return self.answer(selectors.forbidden_get(actor=self.actor, forbidden_id=forbidden_id))

    @operation("forbidden_machines_lift", ForbiddenMachineSerializer)
    def delete(self, request: Request, forbidden_id: UUID) -> Response:
        """The machine is free to the line again. Answers with what was lifted."""
        shown = selectors.forbidden_get(actor=self.actor, forbidden_id=forbidden_id)
        services.machine_allow(actor=self.actor, forbidden_id=forbidden_id)
        return self.answer(shown)


class SequencesApi(FirmApi):
    """A machine has one sequence or none: the call says which it means by If-Match, or by If-None-Match: *."""

    resource = "plans"

    def object_address(self) -> str | None:
        found = selectors.sequence_id_of_machine(actor=self.actor, machine_id=self.asked()["machine_id"])
        return None if found is None else f"{self.request.path_info}/{found}"

    def lock_name(self) -> str:
        return f"{self.actor.firm_id}/sequences"

    @operation("sequences_list", SequenceSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's sequences, the oldest first."""
        return self.page(lambda limit, after: selectors.sequences_page(actor=self.actor, limit=limit, after=after))

    @operation("sequences_set", SequenceSerializer, body=SequenceRequest, conditional=True)
    def put(self, request: Request) -> Response:
        """Sets the order of lines on a machine, in place of the one that it has."""
        row = services.sequence_set(actor=self.actor, **self.asked())
        return self.answer(selectors.sequence_get(actor=self.actor, sequence_id=row.pk))


class SequenceApi(FirmApi):
    resource = "plans"

    def lock_name(self) -> str:
        return f"{self.actor.firm_id}/sequences"

    @operation("sequences_get", SequenceSerializer)
    def get(self, request: Request, sequence_id: UUID) -> Response:
        """One sequence."""
        return self.answer(selectors.sequence_get(actor=self.actor, sequence_id=sequence_id))

    @operation("sequences_lift", SequenceSerializer)
    def delete(self, request: Request, sequence_id: UUID) -> Response:
        """The order on the machine is the plan's again. Answers with what was lifted."""
        shown = selectors.sequence_get(actor=self.actor, sequence_id=sequence_id)
        services.sequence_lift(actor=self.actor, sequence_id=sequence_id)
        return self.answer(shown)
