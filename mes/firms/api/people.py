"""The firm's own people: who may sign in, and in which roles. For the owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery, PlainTextField, StrictSerializer, TruthField
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import database_now
from mes.firms import selectors, services
from mes.firms.choices import ROLES_OF_A_FIRM
from mes.firms.models import MOST_NAME, MOST_USERNAME, User


class RolesField(serializers.ListField):
    """Roles of a firm's person, one at least."""

    def __init__(self, **fields: Any) -> None:
        child = serializers.ChoiceField(ROLES_OF_A_FIRM)
        super().__init__(child=child, allow_empty=False, max_length=len(ROLES_OF_A_FIRM), **fields)


class PersonSerializer(serializers.ModelSerializer[User]):
    """Who is not `is_active` neither signs in nor uses a key."""

    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "username", "full_name", "is_active", "roles", "created_at")

    @extend_schema_field(RolesField())
    def get_roles(self, person: User) -> list[str]:
        return sorted(membership.role for membership in person.memberships.all())


class PersonRequest(StrictSerializer):
    """`username`: with or without the firm's code behind an @."""

    username = PlainTextField(max_length=MOST_USERNAME)
    full_name = PlainTextField(max_length=MOST_NAME, required=False, allow_blank=True)
    roles = RolesField()


class PersonChangeRequest(StrictSerializer):
    """What to change. `roles`: all that the person holds from then on."""

    full_name = PlainTextField(max_length=MOST_NAME, required=False, allow_blank=True)
    is_active = TruthField(required=False)
    roles = RolesField(required=False)


class PersonCodeSerializer(serializers.Serializer[Any]):
    """`code`: for paper, shown this once. It is good for one password, until `valid_until`."""

    code = serializers.CharField()
    valid_until = serializers.DateTimeField()


class PeopleApi(FirmApi):
    resource = "people"

    @operation("people_list", PersonSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's people, also those whose account has ended, the oldest first. For the owner."""
        return self.page(lambda limit, after: selectors.people_page(actor=self.actor, limit=limit, after=after))

    @operation("people_create", PersonSerializer, body=PersonRequest, status=status.HTTP_201_CREATED, located=True)
    def post(self, request: Request) -> Response:
        """A person, who signs in when a code was issued and used. A limited key makes no owner."""
        actor = self.actor
        row = services.user_create(actor=actor, firm=selectors.firm_of_actor(actor=actor), **self.asked())
        return self.answer(row, location=f"{request.path}/{row.pk}")


class PersonApi(FirmApi):
    resource = "people"

    @operation("people_get", PersonSerializer)
    def get(self, request: Request, user_id: UUID) -> Response:
        """One of the firm's people."""
        return self.answer(selectors.person_get(actor=self.actor, user_id=user_id))

    @operation("people_change", PersonSerializer, body=PersonChangeRequest, conditional=True)
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Other roles, another name, or the end of the account or its reopening. A firm keeps an active owner.

        A limited key gives no role and reopens no account.
        """
        return self.answer(services.user_change(actor=self.actor, user_id=user_id, **self.asked()))


class PersonCodeApi(FirmApi):
    resource = "people"
    answers_secretly = True

    @operation("people_code_issue", PersonCodeSerializer)
    def post(self, request: Request, user_id: UUID) -> Response:
        """An invitation, or the reset of a password: a code that the person types at `/account/welcome`.

        An earlier code, the password and the sessions end at once, keys do not. Not for a limited key.
        """
        issued = services.account_code_issue(actor=self.actor, user_id=user_id, now=database_now())
        return self.answer({"code": issued.code, "valid_until": issued.row.expires_at})
