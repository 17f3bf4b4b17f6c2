from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.authentication import actor_of
from mes.core.api.fields import NothingRequest, PageQuery
from mes.core.api.views import FirmApi, valid
from mes.core.clock import business_now
from mes.firms.api.paging import moment_page
from production.machines import services
from production.machines.api import serializers
from production.machines.selectors import own


class MachinesApi(FirmApi):
    """The firm's machines. Filter: `status`."""

    resource = "machines"

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        asked = valid(serializers.MachinesQuery, request, of_query=True).get("status")
        return moment_page(
            request,
            lambda limit, after: own.machines_page(actor=actor, limit=limit, after=after, status=asked),
            lambda rows: serializers.MachineSerializer(rows, many=True).data,
        )

    def post(self, request: Request) -> Response:
        asked = valid(serializers.MachineRequest, request)
        machine = services.machine_create(actor=actor_of(request), **asked)
        return Response(serializers.MachineSerializer(machine).data, status=status.HTTP_201_CREATED)


class MachineApi(FirmApi):
    """One machine; PATCH installs, takes down or retires it."""

    resource = "machines"

    def get(self, request: Request, machine_id: UUID) -> Response:
        machine = own.machine_get(actor=actor_of(request), machine_id=machine_id)
        return Response(serializers.MachineSerializer(machine).data)

    def patch(self, request: Request, machine_id: UUID) -> Response:
        actor = actor_of(request)
        own.machine_get(actor=actor, machine_id=machine_id)
        asked = valid(serializers.MachineChangeRequest, request)
        machine = services.machine_status_change(actor=actor, machine_id=machine_id, **asked)
        return Response(serializers.MachineSerializer(machine).data)


class CalendarRulesApi(FirmApi):
    """Working days by machine class. PUT replaces the rule of one class, or that of all others."""

    resource = "machines"

    def get(self, request: Request) -> Response:
        rules = own.calendar_rules(actor=actor_of(request))
        return Response({"results": serializers.CalendarRuleSerializer(rules, many=True).data})

    def put(self, request: Request) -> Response:
        asked = valid(serializers.CalendarRuleRequest, request)
        rule = services.calendar_rule_set(actor=actor_of(request), **asked)
        return Response(serializers.CalendarRuleSerializer(rule).data)


class DowntimesApi(FirmApi):
    """When machines stand, by start."""

    resource = "machines"

    def get(self, request: Request) -> Response:
        valid(PageQuery, request, of_query=True)
        actor = actor_of(request)
        return moment_page(
            request,
            lambda limit, after: own.downtimes_page(actor=actor, limit=limit, after=after),
            lambda rows: serializers.DowntimeSerializer(rows, many=True).data,
            by="starts_at",
        )

    def post(self, request: Request) -> Response:
        row = services.downtime_add(actor=actor_of(request), **valid(serializers.DowntimeRequest, request))
        return Response(serializers.DowntimeSerializer(row).data, status=status.HTTP_201_CREATED)


class OvertimeApi(FirmApi):
    """When machines work around the clock, by start."""

    resource = "machines"

    def get(self, request: Request) -> Response:
        valid(PageQuery, request, of_query=True)
        actor = actor_of(request)
        return moment_page(
            request,
            lambda limit, after: own.overtime_page(actor=actor, limit=limit, after=after),
            lambda rows: serializers.OvertimeSerializer(rows, many=True).data,
            by="starts_at",
        )

    def post(self, request: Request) -> Response:
        row = services.overtime_add(actor=actor_of(request), **valid(serializers.OvertimeRequest, request))
        return Response(serializers.OvertimeSerializer(row).data, status=status.HTTP_201_CREATED)


class OffersApi(FirmApi):
    """Capacity that the firm offers to the other members. Filter: `status`."""

    resource = "machines"

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        asked = valid(serializers.OffersQuery, request, of_query=True).get("status")
        return moment_page(
            request,
            lambda limit, after: own.offers_page(actor=actor, limit=limit, after=after, status=asked),
            lambda rows: serializers.OfferSerializer(rows, many=True).data,
        )

    def post(self, request: Request) -> Response:
        asked = valid(serializers.OfferRequest, request)
        code = asked.pop("code", None)
        draft = services.OfferDraft(**(asked | {"machine_ids": frozenset(asked["machine_ids"])}))
        actor = actor_of(request)
        offer = services.capacity_offer_publish(actor=actor, draft=draft, now=business_now(), code=code)
        shown = own.offer_get(actor=actor, offer_id=offer.pk)
        return Response(serializers.OfferSerializer(shown).data, status=status.HTTP_201_CREATED)


class OfferWithdrawApi(FirmApi):
    """Nothing new is placed on the offer."""

    resource = "machines"

    def post(self, request: Request, offer_id: UUID) -> Response:
        valid(NothingRequest, request)
        actor = actor_of(request)
        services.capacity_offer_withdraw(actor=actor, offer_id=offer_id)
        return Response(serializers.OfferSerializer(own.offer_get(actor=actor, offer_id=offer_id)).data)
