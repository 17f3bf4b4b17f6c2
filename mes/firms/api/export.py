"""A firm takes its data along, by a program of its owner's."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from mes.core.api.operations import operation
from mes.core.api.transfers import AnyAnswer, FileAnswer, attachment
from mes.core.api.views import FirmApi
from mes.firms.services import firm_export


class ExportApi(FirmApi):
    resource = "export"
    content_negotiation_class = AnyAnswer

    @operation("export_get", FileAnswer, gives_file=True)
    def get(self, request: Request) -> HttpResponse:
        """All that is kept of the firm: a ZIP with a CSV file for each table. For its owners; each is audited."""
        with firm_export(actor=self.actor) as packed:
            return attachment(packed.read(), name="export.zip")
