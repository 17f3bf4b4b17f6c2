from __future__ import annotations

from typing import cast
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.paging import MOST_LIMIT, USUAL_LIMIT
from mes.core.api.parsing import MOST_BYTES, MOST_DEPTH
from mes.core.api.views import Api, FirmApi
from mes.core.clock import database_now
from mes.firms import selectors, services
from mes.firms.api.serializers import (
    ApiKeyChangeRequest,
    ApiKeyRequest,
    ApiKeyRotateRequest,
    ApiKeySerializer,
    ListedApiKeySerializer,
    MeSerializer,
    NewApiKeySerializer,
)
from mes.firms.choices import SCOPES
from mes.firms.keys import digest_of

LIMITS = {"page": MOST_LIMIT, "page_usual": USUAL_LIMIT, "body_bytes": MOST_BYTES, "json_depth": MOST_DEPTH}


class MeApi(Api):
    """Who the caller is: firm (none for the association's people), roles, the key's scopes and end, and the limits."""

    resource = "me"

    @operation("me_get", MeSerializer)
    def get(self, request: Request) -> Response:
        actor = self.actor
        firm = selectors.firm_of_actor(actor=actor)
        scopes = SCOPES if actor.scopes is None else actor.scopes
        return self.answer(
            {
                "firm": firm,
                "roles": sorted(actor.roles),
                "scopes": sorted(scopes) if firm else [],
                "key": selectors.api_key_of_actor(actor=actor),
                "limits": LIMITS,
            }
        )


class ApiKeysApi(FirmApi):
    resource = "keys"
    answers_secretly = True

    @operation("api_keys_list", ListedApiKeySerializer, shape=Shape.LIST)
    def get(self, request: Request) -> Response:
        """The keys of the firm's programs with their last use, ended ones too, the oldest first. For the owner."""
        return self.results(selectors.api_keys_of_firm(actor=self.actor))

    @operation("api_keys_create", NewApiKeySerializer, body=ApiKeyRequest, status=status.HTTP_201_CREATED, located=True)
    def post(self, request: Request) -> Response:
        """A key that acts for whoever asks for it. The answer holds the key, and no later one does."""
        actor = self.actor
        key = services.api_key_issue(actor=actor, user=selectors.user_of_actor(actor=actor), **self.asked())
        row = selectors.api_key_of_digest(digest=digest_of(key))
        return self.answer(row, location=f"{request.path}/{row.pk}", key=key)


class ApiKeyApi(FirmApi):
    resource = "keys"

    @operation("api_keys_get", ApiKeySerializer)
    def get(self, request: Request, api_key_id: UUID) -> Response:
        """One key."""
        return self.answer(selectors.api_key_get(actor=self.actor, api_key_id=api_key_id))

    @operation("api_keys_change", ApiKeySerializer, body=ApiKeyChangeRequest, conditional=True)
    def patch(self, request: Request, api_key_id: UUID) -> Response:
        """Another label, or other networks that its calls may come from."""
        changes = cast("services.KeyChanges", self.asked())
        return self.answer(services.api_key_change(actor=self.actor, api_key_id=api_key_id, changes=changes))

    @operation("api_keys_revoke", ApiKeySerializer)
    def delete(self, request: Request, api_key_id: UUID) -> Response:
        """Ends a key at once. It stays in the list."""
        row = services.api_key_revoke(actor=self.actor, api_key_id=api_key_id, now=database_now())
        return self.answer(row)


class ApiKeyRotateApi(FirmApi):
    resource = "keys"
    answers_secretly = True

    @operation(
        "api_keys_rotate",
        NewApiKeySerializer,
        body=ApiKeyRotateRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request, api_key_id: UUID) -> Response:
        """A key in place of another: its person, scopes and networks. Both live until the old one ends.

        The answer holds the key, and no later one does.
        """
        now = database_now()
        key = services.api_key_rotate(actor=self.actor, api_key_id=api_key_id, now=now, **self.asked())
        row = selectors.api_key_of_digest(digest=digest_of(key))
        return self.answer(row, location=f"{request.path.rpartition('/api-keys/')[0]}/api-keys/{row.pk}", key=key)
