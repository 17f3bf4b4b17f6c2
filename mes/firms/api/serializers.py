"""Keys of a firm's programs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import InstantField, PlainTextField, StrictSerializer
from mes.firms.choices import SCOPES, Role
from mes.firms.models import ApiKey, Firm

_SCOPES = [(scope, scope) for scope in sorted(SCOPES)]


class FirmSerializer(serializers.ModelSerializer[Firm]):
    class Meta:
        model = Firm
        fields = ("id", "code", "name_zh", "name_en")


class MyKeySerializer(serializers.ModelSerializer[ApiKey]):
    class Meta:
        model = ApiKey
        fields = ("label", "prefix", "expires_at")


class LimitsSerializer(serializers.Serializer[Any]):
    """Most rows of a page and the usual number, most bytes of a body, most levels of its JSON."""

    page = serializers.IntegerField()
    page_usual = serializers.IntegerField()
    body_bytes = serializers.IntegerField()
    json_depth = serializers.IntegerField()


class MeSerializer(serializers.Serializer[Any]):
    """`firm` null: a person of the association. `key` null: a person without a key. `scopes`: what may be done."""

    firm = FirmSerializer(allow_null=True)
    roles: serializers.ListField = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    scopes: serializers.ListField = serializers.ListField(child=serializers.ChoiceField(_SCOPES))
    key = MyKeySerializer(allow_null=True)
    limits = LimitsSerializer()


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret. `scopes` null: all of them."""

    scopes: serializers.ListField = serializers.ListField(child=serializers.ChoiceField(_SCOPES), allow_null=True)

    class Meta:
        model = ApiKey
        fields = ("id", "label", "prefix", "scopes", "created_at", "expires_at", "revoked_at")


class ApiKeyRequest(StrictSerializer):
    """A key that acts for whoever asks for it."""

    label = PlainTextField(max_length=60)  # type: ignore[assignment]
    expires_at = InstantField(required=False, allow_null=True)
    scopes: serializers.ListField = serializers.ListField(
        child=serializers.ChoiceField(_SCOPES), required=False, allow_empty=False, max_length=len(SCOPES)
    )


class NewApiKeySerializer(ApiKeySerializer):
    """With the key itself, which is shown this once."""

    key = serializers.SerializerMethodField()

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")  # type: ignore[assignment]

    def get_key(self, _row: ApiKey) -> str:
        return str(self.context["key"])
