from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.authentication import actor_of
from mes.core.api.fields import NothingRequest, PageQuery
from mes.core.api.views import FirmApi, valid
from mes.core.clock import business_now
from mes.firms.api.paging import moment_page
from orders.sales.selectors import sales_order_line_get
from production.plans.api import serializers
from production.plans.selectors import own
from production.plans.services.runs import plan_run_start

_PAGING = ("limit", "cursor")


class PlanRowsApi(FirmApi):
    """The firm's machine runs of the live plan and of the past, by start of work.

    Filters: `status`, `machine`, `starts_from`, `starts_before`.
    """

    resource = "plans"

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        asked = valid(serializers.PlanRowsQuery, request, of_query=True)
        wanted = own.RowFilter(**{name: value for name, value in asked.items() if name not in _PAGING})
        return moment_page(
            request,
            lambda limit, after: own.machine_runs_page(actor=actor, limit=limit, after=after, wanted=wanted),
            lambda rows: serializers.PlanRowSerializer(rows, many=True).data,
            by="work_starts_at",
        )


class PlanRowApi(FirmApi):
    resource = "plans"

    def get(self, request: Request, run_id: UUID) -> Response:
        return Response(serializers.PlanRowSerializer(own.machine_run_get(actor=actor_of(request), run_id=run_id)).data)


class PlanRowVerbApi(FirmApi):
    """The firm's word on a run: `approve` or `confirm`. The body is empty."""

    resource = "plans"
    verb: Any = None

    def post(self, request: Request, run_id: UUID) -> Response:
        valid(NothingRequest, request)
        actor = actor_of(request)
        self.verb(actor=actor, run_id=run_id)
        return Response(serializers.PlanRowSerializer(own.machine_run_get(actor=actor, run_id=run_id)).data)


class PlanRunsApi(FirmApi):
    """Plans of the firm alone: what it could do without the others' capacity. Nobody else sees them."""

    resource = "plans"

    def get(self, request: Request) -> Response:
        valid(PageQuery, request, of_query=True)
        actor = actor_of(request)
        return moment_page(
            request,
            lambda limit, after: own.plan_runs_page(actor=actor, limit=limit, after=after),
            lambda rows: serializers.PlanRunSerializer(rows, many=True).data,
        )

    def post(self, request: Request) -> Response:
        """Queues a computation; ask `Location` for its progress."""
        actor = actor_of(request)
        asked = valid(serializers.PlanRunRequest, request)
        run = plan_run_start(actor=actor, now=business_now(), firm_id=actor.firm_id, **asked)
        shown = serializers.PlanRunSerializer(own.plan_run_get(actor=actor, run_id=run.pk)).data
        answer = Response(shown, status=status.HTTP_202_ACCEPTED)
        answer["Location"] = f"{request.path}/{run.pk}"
        return answer


class PlanRunApi(FirmApi):
    """One computation with its progress."""

    resource = "plans"

    def get(self, request: Request, run_id: UUID) -> Response:
        return Response(serializers.PlanRunSerializer(own.plan_run_get(actor=actor_of(request), run_id=run_id)).data)


class LineReasonsApi(FirmApi):
    """Why a line is late or has no place, as data: own machines by name, others by class."""

    resource = "plans"

    def get(self, request: Request, line_id: UUID) -> Response:
        actor = actor_of(request)
        sales_order_line_get(actor=actor, line_id=line_id)
        reasons = own.line_reasons(actor=actor, line_id=line_id)
        return Response({"results": serializers.LineReasonSerializer(reasons, many=True).data})
