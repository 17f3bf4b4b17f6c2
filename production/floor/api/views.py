from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from production.floor.api.serializers import ReportRequest, ReportSerializer
from production.floor.services import machine_run_report
from production.plans.api.serializers import PlanRowSerializer
from production.plans.selectors.own import machine_run_get


class RunVerbApi(FirmApi):
    resource = "floor"
    verb: Any = None

    @operation("plan_rows_{verb}", PlanRowSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        self.verb(actor=self.actor, run_id=run_id, now=business_now())
        return self.answer(machine_run_get(actor=self.actor, run_id=run_id))


class RunReportApi(FirmApi):
    resource = "floor"

    @operation("plan_rows_report", ReportSerializer, body=ReportRequest, status=status.HTTP_201_CREATED)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Pieces of a started run since the last report. Good pieces of a last step complete the order lines."""
        machine_run_get(actor=self.actor, run_id=run_id)
        report = machine_run_report(actor=self.actor, run_id=run_id, now=business_now(), **self.asked())
        return self.answer(report)
