"""The base of doors that take many items at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.response import Response

from mes.batches import selectors
from mes.batches.api.serializers import MOST_AT_ONCE, MOST_ITEMS, BulkAnswerSerializer, JobSerializer
from mes.batches.services import Kind, batch_start, items_do
from mes.batches.services.items import Body, check_all
from mes.core.api.fields import StrictSerializer, TruthField
from mes.core.api.parsing import LargeJsonParser
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from mes.firms.access import require


class _ItemField(serializers.Field[Any, Any, Any, Any]):
    """An object, read when its turn comes: one bad item spoils no other."""

    default_error_messages = {"invalid": _("An object is wanted.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


class ManyRequest(StrictSerializer):
    """Up to 500 items are done at once, up to 5,000 by a worker. `atomic`: all of them or none."""

    atomic = TruthField(required=False, default=False)
    items: serializers.ListField = serializers.ListField(child=_ItemField(), min_length=1, max_length=MOST_ITEMS)


def bulk_request(name: str, item: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The body of many items: what the door reads, and for the schema what each item is."""
    shown: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=item(), min_length=1, max_length=MOST_ITEMS
    )
    described = type(
        name,
        (StrictSerializer,),
        {"__doc__": ManyRequest.__doc__, "atomic": TruthField(required=False), "items": shown},
    )
    return extend_schema_serializer(component_name=name)(described)


class BulkApi(FirmApi):
    """`kind`: what is done with each item."""

    parser_classes = (LargeJsonParser,)
    kind: ClassVar[Kind]

    def answer_many(self) -> Response:
        """An answer for each item, or the job that will do them."""
        asked = self._valid(ManyRequest, self.request.data)
        return self.do_many(asked["items"], atomic=asked["atomic"])

    def do_many(self, bodies: Sequence[Body], *, atomic: bool) -> Response:
        require(self.actor, self.kind.verb)
        if len(bodies) > MOST_AT_ONCE:
            return self.defer(self.kind, bodies, atomic=atomic)
        answers = items_do(actor=self.actor, kind=self.kind, bodies=bodies, now=business_now())
        if atomic:
            check_all(answers)
        shown = [
            {"number": number, "status": answer.status, "answer": answer.body} for number, answer in enumerate(answers)
        ]
        return Response(BulkAnswerSerializer({"items": shown}).data)

    def defer(self, kind: Kind, bodies: Sequence[Body], *, atomic: bool) -> Response:
        """202 with the job's address."""
        return deferred(self, kind, bodies, atomic=atomic)


def deferred(door: FirmApi, kind: Kind, bodies: Sequence[Body], *, atomic: bool) -> Response:
    """A job for these items, and the answer that says where to ask for it."""
    batch = batch_start(actor=door.actor, kind=kind, bodies=bodies, atomic=atomic, rehearses=door.is_rehearsal)
    shown = selectors.batch_get(actor=door.actor, batch_id=batch.pk)
    response = Response(JobSerializer(shown).data, status=status.HTTP_202_ACCEPTED)
    response["Location"] = f"/api/v1/jobs/{batch.pk}"
    return response
