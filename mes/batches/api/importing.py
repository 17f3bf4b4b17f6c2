"""The base of doors that take a table of the firm's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import override
from rest_framework import serializers
from rest_framework.response import Response

from mes.batches.api.bulk import deferred
from mes.batches.api.serializers import MOST_AT_ONCE
from mes.batches.services import Kind, items_do
from mes.batches.services.items import Body
from mes.core.api.transfers import FILE_PARSERS, AnyAnswer, attachment, uploaded
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from mes.core.tables import Declaration, Fault, Table, TableRefused, read_table
from mes.core.tables.limits import MOST_FAULTS
from mes.core.tables.templates import template
from mes.firms.access import require


class ImportedSerializer(serializers.Serializer[Any]):
    """One object of the table. `external_ref`: what the table calls it. `outcome`: made, changed or unchanged."""

    id = serializers.UUIDField()
    external_ref = serializers.CharField()
    outcome = serializers.CharField()


class ImportAnswerSerializer(serializers.Serializer[Any]):
    """What became of the table's rows, all of which were taken."""

    rows = serializers.IntegerField()
    items = ImportedSerializer(many=True)


class ImportApi(FirmApi):
    """`kind`: what is done with each object of the table."""

    parser_classes = FILE_PARSERS
    kind: ClassVar[Kind]
    declaration: ClassVar[Declaration]

    def take_table(self, bodies_of: Callable[[Table], list[dict[str, Any]]]) -> Response:
        """All rows or none: at once up to 500, above that as a job. Raises TableRefused.

        `bodies_of`: the objects that the rows make, each as `kind` takes it; it may raise TableRefused.
        """
        require(self.actor, self.kind.verb)
        table = read_table(uploaded(self.request).content, self.declaration, ZoneInfo(settings.TIME_ZONE))
        bodies = bodies_of(table)
        if len(table.rows) > MOST_AT_ONCE:
            return deferred(self, self.kind, bodies, atomic=True)
        answers = items_do(actor=self.actor, kind=self.kind, bodies=bodies, now=business_now())
        faults = [fault for answer in answers if answer.is_refused for fault in _faults(answer.body)]
        if faults:
            raise TableRefused(faults[:MOST_FAULTS])
        shown = {"rows": len(table.rows), "items": [answer.body for answer in answers]}
        return Response(ImportAnswerSerializer(shown).data)


class TemplateApi(FirmApi):
    """`declaration`: whose columns an empty table has. `file_name`: what it is called, without its ending."""

    content_negotiation_class = AnyAnswer
    declaration: ClassVar[Declaration]
    file_name: ClassVar[str]

    def empty_table(self) -> HttpResponse:
        """The table with Chinese headings."""
        with override("zh-hans"):
            return attachment(template(self.declaration), name=f"{self.file_name}.xlsx")


def _faults(problem: Body) -> list[Fault]:
    errors: Sequence[dict[str, str]] = problem.get("errors", ())
    whole = [Fault(problem["code"], problem["detail"])]
    return [Fault(part["code"], part["detail"], part["cell"], part["pointer"]) for part in errors] or whole
