"""What has become otherwise for the firm: a feed that skips nothing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core import changes
from mes.core.actors import Actor
from mes.core.api.fields import LimitField, PlainTextField, StrictSerializer
from mes.core.api.operations import operation
from mes.core.api.paging import limit_of
from mes.core.api.views import FirmApi, ScopeMissing
from mes.core.feed import Feed, feeds


class ChangesQuery(StrictSerializer):
    """`since`: `next_cursor` of the answer before. Without it `start`: `now`, or `beginning` for all that exists.

    `kinds`: with commas between, all that the key may read when left out.
    """

    since = PlainTextField(required=False, max_length=1000)
    start = serializers.ChoiceField(["now", "beginning"], required=False)
    kinds = PlainTextField(required=False, max_length=1000)
    limit = LimitField(required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "since" in attrs and "start" in attrs:
            raise ValidationError({"start": [_("A cursor says already where to begin.")]})
        return attrs


class ChangeSerializer(serializers.Serializer[Any]):
    """An object that became otherwise since, once, as it is last. `deleted`: it is gone. `at`: when it was written."""

    kind = serializers.CharField()
    id = serializers.UUIDField(source="object_id")
    address = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    deleted = serializers.BooleanField()

    def get_address(self, row: changes.Told) -> str:
        return feeds()[row.kind].address(row.object_id)


class ChangesSerializer(serializers.Serializer[Any]):
    """`next_cursor`: what to ask with next, also when `results` is empty."""

    results = ChangeSerializer(many=True)
    next_cursor = serializers.CharField()


def kinds_for(actor: Actor) -> dict[str, Feed]:
    """The kinds that the actor's key may read."""
    may = actor.scopes
    return {kind: feed for kind, feed in feeds().items() if may is None or f"{feed.resource}:read" in may}


class ChangesApi(FirmApi):
    resource = "changes"
    every_scope = True

    @operation("changes_list", ChangesSerializer, query=ChangesQuery, expires=True)
    def get(self, request: Request) -> Response:
        """Objects of the firm that became otherwise, in an order in which nothing is skipped.

        Poll with the last answer's `next_cursor`. A cursor of more than 30 days is answered with 410
        `cursor_expired`: read everything again.
        """
        asked, limit = self.asked(), limit_of(request)
        kinds, seen = self._kinds(asked.get("kinds")), changes.horizon()
        after = self._position(asked, seen)
        firm_id = self.actor.firm_id
        if firm_id is None:
            raise LookupError
        rows, reached = changes.page(firm_id=firm_id, kinds=kinds, after=after, seen=seen, limit=limit)
        return self.answer({"results": rows, "next_cursor": changes.cursor_of(reached, seen)})

    def _position(self, asked: dict[str, Any], seen: changes.Horizon) -> changes.Position:
        if "since" not in asked:
            return changes.beginning(seen) if asked.get("start") == "beginning" else changes.end(seen)
        try:
            return changes.position_of(asked["since"], seen)
        except ValueError as error:
            raise ValidationError({"since": [_("This is no cursor of an earlier answer.")]}) from error

    def _kinds(self, text: str | None) -> set[str]:
        """Raises ValidationError (400) for an unknown kind, ScopeMissing."""
        readable = kinds_for(self.actor)
        if text is None:
            return set(readable)
        wanted, known = set(text.split(",")), feeds()
        if not wanted <= set(known):
            raise ValidationError({"kinds": [_("There is no such kind.")]})
        for kind in sorted(wanted - set(readable)):
            raise ScopeMissing(ScopeMissing.text % {"scope": f"{known[kind].resource}:read"})
        return wanted
