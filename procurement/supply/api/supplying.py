"""What a supplier announces and certifies."""

from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.clock import business_now
from procurement.supply import services
from procurement.supply.api import serializers
from procurement.supply.api.pages import ResinApi
from procurement.supply.selectors import reading


class DeliveriesApi(ResinApi):
    @operation(
        "resin_deliveries_list", serializers.ResinDeliverySerializer, query=serializers.ResinQuery, shape=Shape.PAGE
    )
    def get(self, request: Request) -> Response:
        """The supplier's deliveries, the oldest first."""
        return self.followed(reading.deliveries(self.actor))


class AnnounceApi(ResinApi):
    @operation(
        "resin_deliveries_announce",
        serializers.ResinDeliverySerializer,
        body=serializers.DeliveryRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """Announces a load under the supplier's agreement with its lots. The association weighs and judges them."""
        reading.one(reading.agreements(self.actor), agreement_id)
        asked = self.asked()
        lots = tuple(services.LotDraft(**lot) for lot in asked.pop("lots"))
        draft = services.DeliveryDraft(**asked, lots=lots)
        row = services.delivery_announce(actor=self.actor, agreement_id=agreement_id, draft=draft, now=business_now())
        shown = reading.one(reading.deliveries(self.actor), row.pk)
        return self.answer(shown, location=f"/api/v1/resin-deliveries/{row.pk}")


class DeliveryApi(ResinApi):
    @operation("resin_deliveries_get", serializers.ResinDeliverySerializer)
    def get(self, request: Request, delivery_id: UUID) -> Response:
        """One of them, with its weights and lots."""
        return self.answer(reading.one(reading.deliveries(self.actor), delivery_id))


class CancelApi(ResinApi):
    @operation("resin_deliveries_cancel", serializers.ResinDeliverySerializer, conditional=True)
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """It does not come. Until it is weighed."""
        reading.one(reading.deliveries(self.actor), delivery_id)
        services.delivery_cancel(actor=self.actor, delivery_id=delivery_id)
        return self.answer(reading.one(reading.deliveries(self.actor), delivery_id))


class DisputeApi(ResinApi):
    @operation(
        "resin_deliveries_dispute",
        serializers.ResinDeliverySerializer,
        body=serializers.ReasonRequest,
        conditional=True,
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Disputes the weight until `dispute_until`; a third party weighs, and its weight is paid."""
        reading.one(reading.deliveries(self.actor), delivery_id)
        services.delivery_dispute(actor=self.actor, delivery_id=delivery_id, now=business_now(), **self.asked())
        return self.answer(reading.one(reading.deliveries(self.actor), delivery_id))


class DeliveryLotApi(ResinApi):
    @operation("resin_delivery_lots_get", serializers.DeliveryLotSerializer)
    def get(self, request: Request, lot_id: UUID) -> Response:
        """One lot of a delivery, with its certificate and what became of it."""
        return self.answer(reading.one(reading.delivery_lots(self.actor), lot_id))


class CertifyApi(ResinApi):
    @operation(
        "resin_delivery_lots_certify",
        serializers.DeliveryLotSerializer,
        body=serializers.CertificateRequest,
        conditional=True,
    )
    def post(self, request: Request, lot_id: UUID) -> Response:
        """Writes what the lot's certificate states, as a whole, while the lot is in quarantine."""
        reading.one(reading.delivery_lots(self.actor), lot_id)
        asked = self.asked()
        values = tuple(services.ValueDraft(**value) for value in asked["values"])
        services.certificate_put(
            actor=self.actor, lot_id=lot_id, values=values, certificate_id=asked.get("certificate_id")
        )
        return self.answer(reading.one(reading.delivery_lots(self.actor), lot_id))
