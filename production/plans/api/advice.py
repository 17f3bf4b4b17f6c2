"""What advisory plans say to a firm, beside what it has done since. Advice binds nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.paging import moment_page
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from production.plans.models import AdvisedLine, AdvisedRun
from production.plans.selectors import advice as selectors


class FollowedSerializer(serializers.Serializer[Any]):
    """Of the own runs advised to begin by now: begun on that machine, on another, not at all.

    `deviation_min`: median of the begun ones' minutes after the advised start; null without any. Lines: finished sooner
    than advised, later or not yet, or as advised to the minute.
    """

    advised = serializers.IntegerField()
    on_machine = serializers.IntegerField()
    on_another = serializers.IntegerField()
    not_begun = serializers.IntegerField()
    deviation_min = serializers.IntegerField(allow_null=True)
    lines_sooner = serializers.IntegerField()
    lines_later = serializers.IntegerField()
    lines_as_advised = serializers.IntegerField()


class AdviceSerializer(serializers.Serializer[Any]):
    """An advisory plan as of its zero, and how far it was followed until now."""

    id = serializers.UUIDField(source="pk")
    zero_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    followed = FollowedSerializer()


class AdvisedRunSerializer(serializers.ModelSerializer[AdvisedRun]):
    """Work of one order line on one own machine; both names of the line are null for another member's work."""

    machine_code = serializers.CharField(source="machine.code")
    sales_order_number = serializers.CharField(source="line.order.number", default=None, allow_null=True)
    sales_order_line_id = serializers.UUIDField(source="line_id", allow_null=True)

    class Meta:
        model = AdvisedRun
        fields = (
            "id", "machine_code", "process", "pieces", "starts_at", "ends_at", "sales_order_number",
            "sales_order_line_id",
        )  # fmt: skip


class AdvisedLineSerializer(serializers.ModelSerializer[AdvisedLine]):
    """When the plan has an order line finished; null: it has no place there."""

    sales_order_number = serializers.CharField(source="line.order.number")
    sales_order_line_id = serializers.UUIDField(source="line_id")

    class Meta:
        model = AdvisedLine
        fields = ("id", "sales_order_number", "sales_order_line_id", "due_at", "finish_at")


class AdvicePageApi(FirmApi):
    resource = "plans"

    @operation("advice_list", AdviceSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What advisory plans said to the firm, the oldest first, and how far it was followed until now."""
        rows, cursor = moment_page(
            request,
            lambda limit, after: selectors.advice_page(actor=self.actor, limit=limit, after=after),
            by="created_at",
        )
        return self.page_of(selectors.advice_shown(rows, now=business_now()), cursor)


class AdviceApi(FirmApi):
    resource = "plans"

    @operation("advice_get", AdviceSerializer)
    def get(self, request: Request, advice_id: UUID) -> Response:
        """One advice, and how far it was followed until now."""
        return self.answer(selectors.advice_get(actor=self.actor, advice_id=advice_id, now=business_now()))


class AdvisedRunsApi(FirmApi):
    resource = "plans"

    @operation("advice_runs", AdvisedRunSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request, advice_id: UUID) -> Response:
        """The advised runs of the firm's machines, by start."""
        return self.page(
            lambda limit, after: selectors.advised_runs_page(
                actor=self.actor, advice_id=advice_id, limit=limit, after=after
            ),
            by="starts_at",
        )


class AdvisedLinesApi(FirmApi):
    resource = "plans"

    @operation("advice_lines", AdvisedLineSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request, advice_id: UUID) -> Response:
        """The firm's order lines with their advised finish, by due date."""
        return self.page(
            lambda limit, after: selectors.advised_lines_page(
                actor=self.actor, advice_id=advice_id, limit=limit, after=after
            ),
            by="due_at",
        )
