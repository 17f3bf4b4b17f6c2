from __future__ import annotations

from typing import cast
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from production.machines import services
from production.machines.api import serializers
from production.machines.selectors import own
from production.machines.selectors.bands import capacity_bands


class MachinesApi(FirmApi):
    resource = "machines"

    @operation("machines_list", serializers.MachineSerializer, query=serializers.MachinesQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's machines."""
        wanted = self.filters()
        return self.page(lambda limit, after: own.machines_page(actor=self.actor, limit=limit, after=after, **wanted))

    @operation(
        "machines_create",
        serializers.MachineSerializer,
        body=serializers.MachineRequest,
        status=status.HTTP_201_CREATED,
        located=True,
        rehearses=True,
    )
    def post(self, request: Request) -> Response:
        """A machine of the firm."""
        machine = services.machine_create(actor=self.actor, **self.asked())
        return self.answer(machine, location=f"{request.path}/{machine.pk}")


class MachineApi(FirmApi):
    resource = "machines"

    @operation("machines_get", serializers.MachineSerializer)
    def get(self, request: Request, machine_id: UUID) -> Response:
        """One machine."""
        return self.answer(own.machine_get(actor=self.actor, machine_id=machine_id))

    @operation(
        "machines_change",
        serializers.MachineSerializer,
        body=serializers.MachineChangeRequest,
        conditional=True,
        rehearses=True,
    )
    def patch(self, request: Request, machine_id: UUID) -> Response:
        """Installs, takes down or retires a machine; a retired one stays retired."""
        own.machine_get(actor=self.actor, machine_id=machine_id)
        return self.answer(services.machine_status_change(actor=self.actor, machine_id=machine_id, **self.asked()))


class CalendarRulesApi(FirmApi):
    resource = "machines"

    @operation("calendar_rules_list", serializers.CalendarRuleSerializer, shape=Shape.LIST)
    def get(self, request: Request) -> Response:
        """Working days by machine class; the rule with `class_code` null is that of all other machines."""
        return self.results(own.calendar_rules(actor=self.actor))

    @operation(
        "calendar_rules_set", serializers.CalendarRuleSerializer, body=serializers.CalendarRuleRequest, conditional=True
    )
    def put(self, request: Request) -> Response:
        """Replaces the rule of one class, or without `class_code` that of all others."""
        return self.answer(services.calendar_rule_set(actor=self.actor, **self.asked()))


class DowntimesApi(FirmApi):
    resource = "machines"

    @operation("downtimes_list", serializers.DowntimeSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """When machines stand, by start."""
        return self.page(
            lambda limit, after: own.downtimes_page(actor=self.actor, limit=limit, after=after), by="starts_at"
        )

    @operation(
        "downtimes_create",
        serializers.DowntimeSerializer,
        body=serializers.DowntimeRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """A machine stands: nothing new is planned on it meanwhile."""
        row = services.downtime_add(actor=self.actor, **self.asked())
        return self.answer(row, location=f"{request.path}/{row.pk}")


class DowntimeApi(FirmApi):
    resource = "machines"

    @operation("downtimes_get", serializers.DowntimeSerializer)
    def get(self, request: Request, downtime_id: UUID) -> Response:
        """One downtime."""
        return self.answer(own.downtime_get(actor=self.actor, downtime_id=downtime_id))

    @operation(
        "downtimes_change", serializers.DowntimeSerializer, body=serializers.DowntimeChangeRequest, conditional=True
    )
    def patch(self, request: Request, downtime_id: UUID) -> Response:
        """Moves or ends a downtime. The next plan follows it."""
        own.downtime_get(actor=self.actor, downtime_id=downtime_id)
        changes = cast("services.PeriodChanges", self.asked())
        return self.answer(services.downtime_change(actor=self.actor, downtime_id=downtime_id, changes=changes))

    @operation("downtimes_remove", serializers.DowntimeSerializer)
    def delete(self, request: Request, downtime_id: UUID) -> Response:
        """It does not take place after all. Answers with what was removed."""
        return self.answer(services.downtime_remove(actor=self.actor, downtime_id=downtime_id))


class OvertimeApi(FirmApi):
    resource = "machines"

    @operation("overtime_list", serializers.OvertimeSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """When machines work around the clock, closed days included, by start."""
        return self.page(
            lambda limit, after: own.overtime_page(actor=self.actor, limit=limit, after=after), by="starts_at"
        )

    @operation(
        "overtime_create",
        serializers.OvertimeSerializer,
        body=serializers.OvertimeRequest,
        status=status.HTTP_201_CREATED,
    )
    def post(self, request: Request) -> Response:
        """A machine, or without `machine` the whole firm, works around the clock."""
        return self.answer(services.overtime_add(actor=self.actor, **self.asked()))


class PoolsApi(FirmApi):
    resource = "machines"

    @operation("pools_list", serializers.PoolSerializer, query=serializers.PoolsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Moulds, dies, frames, crews and power that the firm's runs share, with what needs them."""
        wanted = self.filters()
        return self.page(lambda limit, after: own.pools_page(actor=self.actor, limit=limit, after=after, **wanted))

    @operation(
        "pools_create",
        serializers.PoolSerializer,
        body=serializers.PoolRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Something that runs share. It binds no plan until something needs it."""
        pool = services.pool_create(actor=self.actor, **self.asked())
        return self.answer(own.pool_get(actor=self.actor, pool_id=pool.pk), location=f"{request.path}/{pool.pk}")


class PoolApi(FirmApi):
    resource = "machines"

    @operation("pools_get", serializers.PoolSerializer)
    def get(self, request: Request, pool_id: UUID) -> Response:
        """One shared resource."""
        return self.answer(own.pool_get(actor=self.actor, pool_id=pool_id))

    @operation("pools_change", serializers.PoolSerializer, body=serializers.PoolChangeRequest, conditional=True)
    def patch(self, request: Request, pool_id: UUID) -> Response:
        """Resizes, renames, gives other hours, or retires. The next plan follows it."""
        own.pool_get(actor=self.actor, pool_id=pool_id)
        changes = cast("services.PoolChanges", self.asked())
        services.pool_change(actor=self.actor, pool_id=pool_id, changes=changes)
        return self.answer(own.pool_get(actor=self.actor, pool_id=pool_id))


class PoolNeedsApi(FirmApi):
    resource = "machines"

    @operation(
        "pool_needs_create",
        serializers.PoolNeedSerializer,
        body=serializers.PoolNeedRequest,
        status=status.HTTP_201_CREATED,
    )
    def post(self, request: Request, pool_id: UUID) -> Response:
        """What holds some of it while it runs: a machine, a machine class, or a process."""
        own.pool_get(actor=self.actor, pool_id=pool_id)
        need = services.pool_need_add(actor=self.actor, pool_id=pool_id, **self.asked())
        return self.answer(own.pool_need_get(actor=self.actor, need_id=need.pk))


class PoolNeedApi(FirmApi):
    resource = "machines"

    @operation("pool_needs_get", serializers.PoolNeedSerializer)
    def get(self, request: Request, need_id: UUID) -> Response:
        """One need."""
        return self.answer(own.pool_need_get(actor=self.actor, need_id=need_id))

    @operation("pool_needs_remove", serializers.PoolNeedSerializer)
    def delete(self, request: Request, need_id: UUID) -> Response:
        """Nothing is held for this any more. Answers with what was removed."""
        return self.answer(services.pool_need_remove(actor=self.actor, need_id=need_id))


class PoolDowntimesApi(FirmApi):
    resource = "machines"

    @operation("pool_downtimes_list", serializers.PoolDowntimeSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """When shared resources are missing, by start."""
        return self.page(
            lambda limit, after: own.pool_downtimes_page(actor=self.actor, limit=limit, after=after), by="starts_at"
        )

    @operation(
        "pool_downtimes_create",
        serializers.PoolDowntimeSerializer,
        body=serializers.PoolDowntimeRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Some of it, or without `units` all, is missing: in repair, away, ill."""
        row = services.pool_downtime_add(actor=self.actor, **self.asked())
        return self.answer(row, location=f"{request.path}/{row.pk}")


class PoolDowntimeApi(FirmApi):
    resource = "machines"

    @operation("pool_downtimes_get", serializers.PoolDowntimeSerializer)
    def get(self, request: Request, downtime_id: UUID) -> Response:
        """One downtime of a shared resource."""
        return self.answer(own.pool_downtime_get(actor=self.actor, downtime_id=downtime_id))

    @operation(
        "pool_downtimes_change",
        serializers.PoolDowntimeSerializer,
        body=serializers.PoolDowntimeChangeRequest,
        conditional=True,
    )
    def patch(self, request: Request, downtime_id: UUID) -> Response:
        """Moves or ends it. The next plan follows it."""
        own.pool_downtime_get(actor=self.actor, downtime_id=downtime_id)
        changes = cast("services.PoolDowntimeChanges", self.asked())
        return self.answer(services.pool_downtime_change(actor=self.actor, downtime_id=downtime_id, changes=changes))

    @operation("pool_downtimes_remove", serializers.PoolDowntimeSerializer)
    def delete(self, request: Request, downtime_id: UUID) -> Response:
        """It does not take place after all. Answers with what was removed."""
        return self.answer(services.pool_downtime_remove(actor=self.actor, downtime_id=downtime_id))


class OffersApi(FirmApi):
    resource = "machines"

    @operation("capacity_offers_list", serializers.OfferSerializer, query=serializers.OffersQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Capacity that the firm offers to the other members."""
        wanted = self.filters()
        return self.page(lambda limit, after: own.offers_page(actor=self.actor, limit=limit, after=after, **wanted))

    @operation(
        "capacity_offers_create",
        serializers.OfferSerializer,
        body=serializers.OfferRequest,
        status=status.HTTP_201_CREATED,
    )
    def post(self, request: Request) -> Response:
        """Offers machine time to the other members. The next plan may place their work on it."""
        asked = self.asked()
        code = asked.pop("code", None)
        draft = services.OfferDraft(**(asked | {"machine_ids": frozenset(asked["machine_ids"])}))
        offer = services.capacity_offer_publish(actor=self.actor, draft=draft, now=business_now(), code=code)
        return self.answer(own.offer_get(actor=self.actor, offer_id=offer.pk))


class OfferWithdrawApi(FirmApi):
    resource = "machines"

    @operation("capacity_offers_withdraw", serializers.OfferSerializer)
    def post(self, request: Request, offer_id: UUID) -> Response:
        """published → withdrawn: nothing new is placed on it; what is proposed or signed already stands."""
        services.capacity_offer_withdraw(actor=self.actor, offer_id=offer_id, now=business_now())
        return self.answer(own.offer_get(actor=self.actor, offer_id=offer_id))


class CapacityBandsApi(FirmApi):
    resource = "machines"

    @operation("capacity_bands_list", serializers.CapacityBandSerializer, shape=Shape.LIST)
    def get(self, request: Request) -> Response:
        """How much machine time all members offered when the week began, by machine class, for four weeks.

        The caller's own offers are in it. A `band` of null is withheld: too few firms offer, or nobody, or the figure
        would tell of one firm beside figures told before. Hours are those of the clock, not of the shifts.
        """
        return self.results(capacity_bands(actor=self.actor, now=business_now()))
