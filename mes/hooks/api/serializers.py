"""Webhook endpoints and deliveries. A secret is in two answers alone: of the creation, and of a rotation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.core.api.fields import PageQuery, PlainTextField, StrictSerializer
from mes.hooks.choices import SWITCH, DeliveryState, DisabledBecause, EndpointStatus, Failure
from mes.hooks.models import MOST_URL, WebhookDelivery, WebhookEndpoint
from mes.hooks.services import BOTH_FOR

_MOST_KINDS = 100


class WebhookEndpointSerializer(serializers.ModelSerializer[WebhookEndpoint]):
    """`kinds` null: all. Until `previous_secret_until` the secret before the last rotation signs as well."""

    kinds: serializers.ListField = serializers.ListField(child=serializers.CharField(), allow_null=True)
    status = serializers.ChoiceField(EndpointStatus.choices)
    disabled_because = serializers.SerializerMethodField()
    previous_secret_until = serializers.SerializerMethodField()

    class Meta:
        model = WebhookEndpoint
        fields = (
            "id", "url", "kinds", "status", "disabled_because", "failing_since", "previous_secret_until", "created_at",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(DisabledBecause.choices, allow_null=True))
    def get_disabled_because(self, row: WebhookEndpoint) -> str | None:
        return row.disabled_because or None

    def get_previous_secret_until(self, row: WebhookEndpoint) -> datetime | None:
        return None if row.rotated_at is None else timezone.localtime(row.rotated_at + BOTH_FOR)


class NewWebhookEndpointSerializer(WebhookEndpointSerializer):
    """With the secret, which is shown this once."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookEndpointSerializer.Meta):
        fields = (*WebhookEndpointSerializer.Meta.fields, "secret")  # type: ignore[assignment]

    def get_secret(self, _row: WebhookEndpoint) -> str:
        return str(self.context["secret"])


class WebhookDeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """An event on its way. `last_status`: what the receiver answered, `last_failure`: why that did not count."""

    endpoint_id = serializers.UUIDField()
    message_id = serializers.SerializerMethodField()
    state = serializers.ChoiceField(DeliveryState.choices)
    last_failure = serializers.SerializerMethodField()
    next_attempt_at = serializers.SerializerMethodField()

    class Meta:
        model = WebhookDelivery
        fields = (
            "id", "endpoint_id", "message_id", "kind", "object_id", "deleted", "changed_at", "state", "attempts",
            "next_attempt_at", "last_at", "last_status", "last_failure", "created_at", "finished_at",
        )  # fmt: skip

    def get_message_id(self, row: WebhookDelivery) -> str:
        return f"msg_{row.pk.hex}"

    def get_next_attempt_at(self, row: WebhookDelivery) -> datetime | None:
        return timezone.localtime(row.due_at) if row.state == DeliveryState.WAITING else None

    @extend_schema_field(serializers.ChoiceField(Failure.choices, allow_null=True))
    def get_last_failure(self, row: WebhookDelivery) -> str | None:
        return row.last_failure or None


def _kinds() -> Any:
    return serializers.ListField(
        child=PlainTextField(max_length=40), required=False, allow_null=True, allow_empty=False, max_length=_MOST_KINDS
    )


class WebhookEndpointRequest(StrictSerializer):
    """An https address of the firm's. `kinds` as of `/changes`; left out, all that the key may read."""

    url = PlainTextField(max_length=MOST_URL)
    kinds = _kinds()


class WebhookEndpointChangeRequest(StrictSerializer):
    """What changes; what is left out stays."""

    url = PlainTextField(max_length=MOST_URL, required=False)
    kinds = _kinds()
    status = serializers.ChoiceField(SWITCH, required=False)


class DeliveriesQuery(PageQuery):
    """Filter of the list."""

    state = serializers.ChoiceField(DeliveryState.choices, required=False)
