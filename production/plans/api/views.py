from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from orders.sales.selectors import sales_order_line_get
from production.plans.api import serializers
from production.plans.selectors import own
from production.plans.services.approvals import auto_approval_set
from production.plans.services.runs import plan_run_start


class PlanRowsApi(FirmApi):
    resource = "plans"

    @operation("plan_rows_list", serializers.PlanRowSerializer, query=serializers.PlanRowsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's machine runs of the live plan and of the past, by start of work."""
        wanted = own.RowFilter(**self.filters())
        return self.page(
            lambda limit, after: own.machine_runs_page(actor=self.actor, limit=limit, after=after, wanted=wanted),
            by="work_starts_at",
        )


class PlanRowApi(FirmApi):
    resource = "plans"

    @operation("plan_rows_get", serializers.PlanRowSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """One machine run."""
        return self.answer(own.machine_run_get(actor=self.actor, run_id=run_id))


class PlanRowVerbApi(FirmApi):
    resource = "plans"
    verb: Any = None

    @operation("plan_rows_{verb}", serializers.PlanRowSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        self.verb(actor=self.actor, run_id=run_id)
        return self.answer(own.machine_run_get(actor=self.actor, run_id=run_id))


class AutoApprovalApi(FirmApi):
    resource = "plans"

    @operation("auto_approval_get", serializers.AutoApprovalSerializer)
    def get(self, request: Request) -> Response:
        """Whether the firm's runs are approved as they are published."""
        return self.answer(own.auto_approval_of(actor=self.actor))

    @operation(
        "auto_approval_change",
        serializers.AutoApprovalSerializer,
        body=serializers.AutoApprovalRequest,
        conditional=True,
    )
    def patch(self, request: Request) -> Response:
        """Sets the firm's standing yes, for its own customers' orders. The next publication follows it."""
        return self.answer(auto_approval_set(actor=self.actor, **self.asked()))


class PlanRunsApi(FirmApi):
    resource = "plans"

    @operation("plan_runs_list", serializers.PlanRunSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Plans of the firm alone: what it could do without the others' capacity. Nobody else sees them."""
        return self.page(lambda limit, after: own.plan_runs_page(actor=self.actor, limit=limit, after=after))

    @operation(
        "plan_runs_start",
        serializers.PlanRunSerializer,
        body=serializers.PlanRunRequest,
        status=status.HTTP_202_ACCEPTED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Queues a computation; ask the address in `Location` for its progress."""
        run = plan_run_start(actor=self.actor, now=business_now(), firm_id=self.actor.firm_id, **self.asked())
        shown = own.plan_run_get(actor=self.actor, run_id=run.pk)
        return self.answer(shown, location=f"{request.path}/{run.pk}")


class PlanRunApi(FirmApi):
    resource = "plans"

    @operation("plan_runs_get", serializers.PlanRunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """One computation with its progress."""
        return self.answer(own.plan_run_get(actor=self.actor, run_id=run_id))


class LineReasonsApi(FirmApi):
    resource = "plans"

    @operation("line_reasons_list", serializers.LineReasonSerializer, shape=Shape.LIST)
    def get(self, request: Request, line_id: UUID) -> Response:
        """Why a line is late or has no place in the plan, as data: own machines by name, others by class."""
        sales_order_line_get(actor=self.actor, line_id=line_id)
        return self.results(own.line_reasons(actor=self.actor, line_id=line_id))
