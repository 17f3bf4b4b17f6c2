from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.transfers import AnyAnswer, FileAnswer, attachment
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from procurement.settlement import services
from procurement.settlement.api import paper, serializers
from procurement.settlement.selectors import invoices
from procurement.settlement.selectors.statements import statement_get


class InvoicesApi(FirmApi):
    resource = "rounds"

    @operation("resin_invoices_list", serializers.InvoiceSerializer, query=serializers.InvoicesQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The invoices that the firm got, or has sent as a supplier, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: invoices.invoices_page(actor=self.actor, limit=limit, after=after, **wanted)
        )

    @operation(
        "resin_invoices_create",
        serializers.InvoiceSerializer,
        body=serializers.InvoiceRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """A supplier sends the invoice for parts of lots that one firm got. It is matched at once where their weights
        are settled.
        """
        asked = self.asked()
        lines = tuple(services.InvoiceLineDraft(**line) for line in asked["lines"])
        draft = services.InvoiceDraft(asked["number"], asked["issued_on"], lines)
        invoice = services.invoice_record(actor=self.actor, draft=draft, now=business_now())
        shown = invoices.invoice_get(actor=self.actor, invoice_id=invoice.pk)
        return self.answer(shown, location=f"/api/v1/resin-invoices/{invoice.pk}")


class InvoiceApi(FirmApi):
    resource = "rounds"

    @operation("resin_invoices_get", serializers.InvoiceSerializer)
    def get(self, request: Request, invoice_id: UUID) -> Response:
        """One invoice with its lines and their match."""
        return self.answer(invoices.invoice_get(actor=self.actor, invoice_id=invoice_id))


class VoidApi(FirmApi):
    resource = "rounds"

    @operation("resin_invoices_void", serializers.InvoiceSerializer, body=serializers.VoidRequest, conditional=True)
    def post(self, request: Request, invoice_id: UUID) -> Response:
        """Its supplier takes it back, until it is settled; its parts may be invoiced anew."""
        services.invoice_void(actor=self.actor, invoice_id=invoice_id, now=business_now(), **self.asked())
        return self.answer(invoices.invoice_get(actor=self.actor, invoice_id=invoice_id))


class StatementApi(FirmApi):
    resource = "rounds"

    @operation("round_statements_get", serializers.StatementSerializer)
    def get(self, request: Request, round_id: UUID) -> Response:
        """What the firm got of a round, what was invoiced, and what it owes to whom."""
        return self.answer(statement_get(actor=self.actor, round_id=round_id))


class StatementTableApi(FirmApi):
    resource = "rounds"
    content_negotiation_class = AnyAnswer

    @operation("round_statements_table", FileAnswer, gives_file=True)
    def get(self, request: Request, round_id: UUID) -> HttpResponse:
        """The same as xlsx."""
        found = statement_get(actor=self.actor, round_id=round_id)
        return attachment(paper.workbook(found), name=f"{found.round.code}.xlsx")


class StatementPaperApi(FirmApi):
    resource = "rounds"
    content_negotiation_class = AnyAnswer

    @operation("round_statements_pdf", FileAnswer, gives_file=True)
    def get(self, request: Request, round_id: UUID) -> HttpResponse:
        """The same as PDF."""
        found = statement_get(actor=self.actor, round_id=round_id)
        return attachment(paper.printed(found), name=f"{found.round.code}.pdf")
