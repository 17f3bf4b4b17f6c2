from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.authentication import actor_of
from mes.core.api.fields import NothingRequest
from mes.core.api.views import FirmApi, valid
from mes.core.clock import business_now
from production.floor.api.serializers import ReportRequest
from production.floor.services import machine_run_report
from production.plans.selectors.own import machine_run_get


class RunVerbApi(FirmApi):
    """A run is started or is over: `start`, `finish`. The body is empty."""

    resource = "floor"
    verb: Any = None

    def post(self, request: Request, run_id: UUID) -> Response:
        valid(NothingRequest, request)
        run = self.verb(actor=actor_of(request), run_id=run_id, now=business_now())
        return Response({"id": run.pk, "status": run.status})


class RunReportApi(FirmApi):
    """Pieces of a started run, good and scrapped."""

    resource = "floor"

    def post(self, request: Request, run_id: UUID) -> Response:
        actor = actor_of(request)
        machine_run_get(actor=actor, run_id=run_id)
        asked = valid(ReportRequest, request)
        report = machine_run_report(actor=actor, run_id=run_id, now=business_now(), **asked)
        body = {"id": report.pk, "good_pieces": report.good_pieces, "scrap_pieces": report.scrap_pieces}
        return Response(body, status=status.HTTP_201_CREATED)
