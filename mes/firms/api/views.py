from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.core.api.authentication import actor_of
from mes.core.api.parsing import MOST_BYTES, MOST_DEPTH
from mes.core.api.views import FirmApi, valid
from mes.core.clock import database_now
from mes.firms import selectors, services
from mes.firms.api.paging import MOST_LIMIT, USUAL_LIMIT
from mes.firms.api.serializers import ApiKeyRequest, ApiKeySerializer, NewApiKeySerializer
from mes.firms.choices import SCOPES
from mes.firms.keys import digest_of

LIMITS = {"page": MOST_LIMIT, "page_usual": USUAL_LIMIT, "body_bytes": MOST_BYTES, "json_depth": MOST_DEPTH}


class MeApi(APIView):
    """Who the caller is: firm (none for the association's people), roles, the key's scopes and end, and the limits."""

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        firm = selectors.firm_of_actor(actor=actor)
        key = selectors.api_key_of_actor(actor=actor)
        own = firm and {"id": firm.pk, "code": firm.code, "name_zh": firm.name_zh, "name_en": firm.name_en}
        scopes = SCOPES if actor.scopes is None else actor.scopes
        return Response(
            {
                "firm": own,
                "roles": sorted(actor.roles),
                "scopes": sorted(scopes) if firm else [],
                "key": key and {"label": key.label, "prefix": key.prefix, "expires_at": key.expires_at},
                "limits": LIMITS,
            }
        )


class ApiKeysApi(FirmApi):
    """The keys of the firm's programs, for its owner. The answer to POST holds the key, and no later one does."""

    resource = "keys"
    keeps_answers = False

    def get(self, request: Request) -> Response:
        return Response(
            {"results": ApiKeySerializer(selectors.api_keys_of_firm(actor=actor_of(request)), many=True).data}
        )

    def post(self, request: Request) -> Response:
        actor = actor_of(request)
        asked = valid(ApiKeyRequest, request)
        key = services.api_key_issue(actor=actor, user=selectors.user_of_actor(actor=actor), **asked)
        row = selectors.api_key_of_digest(digest=digest_of(key))
        return Response(NewApiKeySerializer(row, context={"key": key}).data, status=status.HTTP_201_CREATED)


class ApiKeyApi(FirmApi):
    """DELETE ends a key at once."""

    resource = "keys"

    def delete(self, request: Request, api_key_id: UUID) -> Response:
        row = services.api_key_revoke(actor=actor_of(request), api_key_id=api_key_id, now=database_now())
        return Response(ApiKeySerializer(row).data)
