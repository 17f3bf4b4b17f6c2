from __future__ import annotations

from typing import cast
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import database_now
from mes.hooks import selectors, services
from mes.hooks.api import serializers


class WebhookEndpointsApi(FirmApi):
    resource = "webhooks"
    answers_secretly = True

    @operation("webhook_endpoints_list", serializers.WebhookEndpointSerializer, shape=Shape.LIST)
    def get(self, request: Request) -> Response:
        """The firm's endpoints, the oldest first. For the firm's owner, as all of these."""
        return self.results(selectors.endpoints_of_firm(actor=self.actor))

    @operation(
        "webhook_endpoints_create",
        serializers.NewWebhookEndpointSerializer,
        body=serializers.WebhookEndpointRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """An address that is told of what changes from now on. The answer holds the secret, and no later one does."""
        row = services.webhook_endpoint_add(actor=self.actor, **self.asked())
        return self.answer(row, location=f"{request.path}/{row.pk}", secret=services.secret_of(row))


class WebhookEndpointApi(FirmApi):
    resource = "webhooks"

    @operation("webhook_endpoints_get", serializers.WebhookEndpointSerializer)
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        """One endpoint."""
        return self.answer(selectors.endpoint_get(actor=self.actor, endpoint_id=endpoint_id))

    @operation(
        "webhook_endpoints_change",
        serializers.WebhookEndpointSerializer,
        body=serializers.WebhookEndpointChangeRequest,
        conditional=True,
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        """Another address or other kinds; `status` switches it off, or on again after it was disabled."""
        selectors.endpoint_get(actor=self.actor, endpoint_id=endpoint_id)
        wanted = cast("services.EndpointChanges", self.asked())
        return self.answer(services.webhook_endpoint_change(actor=self.actor, endpoint_id=endpoint_id, wanted=wanted))

    @operation("webhook_endpoints_remove", serializers.WebhookEndpointSerializer)
    def delete(self, request: Request, endpoint_id: UUID) -> Response:
        """Nothing is sent there any more. Answers with what was removed."""
        return self.answer(services.webhook_endpoint_remove(actor=self.actor, endpoint_id=endpoint_id))


class WebhookEndpointRotateApi(FirmApi):
    resource = "webhooks"
    answers_secretly = True

    @operation("webhook_endpoints_rotate", serializers.NewWebhookEndpointSerializer)
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """A new secret, shown this once. For 24 hours each event carries two signatures, also the old secret's."""
        row = services.webhook_endpoint_rotate(actor=self.actor, endpoint_id=endpoint_id, now=database_now())
        return self.answer(row, secret=services.secret_of(row))


class WebhookEndpointTestApi(FirmApi):
    resource = "webhooks"

    @operation(
        "webhook_endpoints_test", serializers.WebhookDeliverySerializer, status=status.HTTP_202_ACCEPTED, located=True
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Sends the event `webhook.test`; ask the address in `Location` whether it arrived."""
        row = services.webhook_endpoint_test(actor=self.actor, endpoint_id=endpoint_id, now=database_now())
        return self.answer(row, location=f"/api/v1/webhook-deliveries/{row.pk}")


class WebhookDeliveriesApi(FirmApi):
    resource = "webhooks"

    @operation(
        "webhook_deliveries_list",
        serializers.WebhookDeliverySerializer,
        query=serializers.DeliveriesQuery,
        shape=Shape.PAGE,
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        """What was sent to the endpoint within 30 days, and what waits, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.deliveries_page(
                actor=self.actor, endpoint_id=endpoint_id, limit=limit, after=after, **wanted
            )
        )


class WebhookDeliveryApi(FirmApi):
    resource = "webhooks"

    @operation("webhook_deliveries_get", serializers.WebhookDeliverySerializer)
    def get(self, request: Request, delivery_id: UUID) -> Response:
        """One delivery."""
        return self.answer(selectors.delivery_get(actor=self.actor, delivery_id=delivery_id))


class WebhookReplayApi(FirmApi):
    resource = "webhooks"

    @operation(
        "webhook_deliveries_replay",
        serializers.WebhookDeliverySerializer,
        status=status.HTTP_202_ACCEPTED,
        located=True,
    )
    def post(self, request: Request, delivery_id: UUID) -> Response:
        """Sends the event once more, as a delivery of its own with an id of its own."""
        row = services.webhook_delivery_replay(actor=self.actor, delivery_id=delivery_id)
        return self.answer(row, location=f"/api/v1/webhook-deliveries/{row.pk}")
