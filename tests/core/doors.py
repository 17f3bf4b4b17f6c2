"""Views that write and then end in every way that a view can end."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any

import psycopg
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.core.api.health import readyz
from mes.core.errors import InvalidValue, StaleState
from mes.core.ids import new_id
from mes.core.numbering import next_number
from mes.firms.models import Firm
from production.machines.models import Machine

SERIES = "doors"


def write(request: Any) -> None:
    actor = request.actor
    next_number(firm_id=actor.firm_id, series=SERIES)


def django_view(request: HttpRequest, ending: str) -> HttpResponseBase:
    write(request)
    if ending == "raise":
        raise RuntimeError("deliberate")
    if ending == "deadlock":
        raise OperationalError("deadlock detected")
    if ending == "lost":
        raise InterfaceError("the connection is closed")
    if ending == "caught":
        try:
            with transaction.atomic():
                write(request)
                raise IntegrityError
        except IntegrityError:
            return HttpResponse("kept")
    if ending == "rendering":
        return TemplateResponse(request, "no-such-template.html")
    return HttpResponse(status=int(ending))


class ApiEnding(APIView):
    def post(self, request: Request, ending: str) -> Response:
        write(request._request)
        errors: dict[str, Exception] = {
            "raise": RuntimeError("deliberate"),
            "invalid": exceptions.ValidationError({"lines": [{}, {"pieces": ["Too few."]}]}),
            "domain": InvalidValue("No such grade.", pointer="/grade"),
            "stale": StaleState(),
            "denied": exceptions.PermissionDenied(),
        }
        if ending in errors:
            raise errors[ending]
        return Response(status=HTTPStatus.CREATED)


def broken_at_commit(request: Any) -> HttpResponse:
    write(request)
    Machine.objects.create(firm_id=request.actor.firm_id, code="P2-99", machine_class_id=new_id())
    return HttpResponse("written")


def cut_off_before_commit(request: Any) -> HttpResponse:
    write(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    return HttpResponse("written")


def leaking(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.firm', %s, false)", [str(request.actor.firm_id)])  # type: ignore[attr-defined]
    return HttpResponse("leaked")


def who(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user || ' ' || coalesce(current_setting('app.firm', true), '')")
        return HttpResponse(cursor.fetchone()[0])


def reading(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sales_salesorder")
        return HttpResponse(cursor.fetchone()[0])


def streaming(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(firm.code for firm in list(Firm.objects.all()))


urlpatterns = [
    path("django/<str:ending>", django_view),
    path("api/<str:ending>", ApiEnding.as_view()),
    path("broken-at-commit", broken_at_commit),
    path("cut-off", cut_off_before_commit),
    path("leaking", leaking),
    path("who", who),
    path("reading", reading),
    path("streaming", streaming),
    path("readyz", readyz),
]
