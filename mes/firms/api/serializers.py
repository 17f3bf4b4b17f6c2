"""Keys of a firm's programs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import InstantField, PlainTextField, StrictSerializer
from mes.firms.choices import SCOPES, Role
from mes.firms.models import ApiKey, Firm
from mes.firms.models.keys import MOST_LABEL, MOST_NETWORK, MOST_NETWORKS

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
    """A key without its secret. `scopes` null: all of them; `networks` null: from anywhere.

    Keys that replaced each other have one `program_id`.
    """

    scopes: serializers.ListField = serializers.ListField(child=serializers.ChoiceField(_SCOPES), allow_null=True)
    networks: serializers.ListField = serializers.ListField(child=serializers.CharField(), allow_null=True)

    class Meta:
        model = ApiKey
        fields = ("id", "program_id", "label", "prefix", "scopes", "networks", "created_at", "expires_at", "revoked_at")


class ListedApiKeySerializer(ApiKeySerializer):
    """With when, and from which address, the key was last used, to the minute."""

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "last_used_at", "last_used_from")  # type: ignore[assignment]


class NetworksField(serializers.ListField):
    """Networks as 192.0.2.0/24; none: anywhere."""

    child = PlainTextField(max_length=MOST_NETWORK)

    def __init__(self, **fields: Any) -> None:
        super().__init__(max_length=MOST_NETWORKS, **fields)


class ApiKeyChangeRequest(StrictSerializer):
    """What to change."""

    label = PlainTextField(max_length=MOST_LABEL, required=False)  # type: ignore[assignment]
    networks = NetworksField(required=False)


class ApiKeyRotateRequest(StrictSerializer):
    """`old_ends_at`: until when the old key goes on, a week when left out. `expires_at`: the new one's end."""

    old_ends_at = InstantField(required=False)
    expires_at = InstantField(required=False)


class ApiKeyRequest(StrictSerializer):
    """A key that acts for whoever asks for it."""

    label = PlainTextField(max_length=MOST_LABEL)  # type: ignore[assignment]
    expires_at = InstantField(required=False, allow_null=True)
    scopes: serializers.ListField = serializers.ListField(
        child=serializers.ChoiceField(_SCOPES), required=False, allow_empty=False, max_length=len(SCOPES)
    )
    networks = NetworksField(required=False)


class NewApiKeySerializer(ApiKeySerializer):
    """With the key itself, which is shown this once."""

    key = serializers.SerializerMethodField()

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")  # type: ignore[assignment]

    def get_key(self, _row: ApiKey) -> str:
        return str(self.context["key"])
