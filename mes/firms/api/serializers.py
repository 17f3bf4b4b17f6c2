"""Keys of a firm's programs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import InstantField, PlainTextField, StrictSerializer
from mes.firms.choices import SCOPES
from mes.firms.models import ApiKey


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret. `scopes` null: all of them."""

    class Meta:
        model = ApiKey
        fields = ("id", "label", "prefix", "scopes", "created_at", "expires_at", "revoked_at")


class ApiKeyRequest(StrictSerializer):
    """A key that acts for whoever asks for it."""

    label = PlainTextField(max_length=60)  # type: ignore[assignment]
    expires_at = InstantField(required=False, allow_null=True)
    scopes: serializers.ListField = serializers.ListField(
        child=serializers.ChoiceField(sorted(SCOPES)), required=False, allow_empty=False, max_length=len(SCOPES)
    )


class NewApiKeySerializer(ApiKeySerializer):
    """With the key itself, which is shown this once."""

    def to_representation(self, instance: ApiKey) -> dict[str, Any]:
        return super().to_representation(instance) | {"key": self.context["key"]}
