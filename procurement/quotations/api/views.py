from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from procurement.quotations import selectors, services
from procurement.quotations.api import serializers


def draft_of(asked: Mapping[str, Any]) -> services.QuotationDraft:
    """The quotation that a body asks for."""
    lines = tuple(
        services.LineDraft(**{**line, "breaks": tuple(services.BreakDraft(**item) for item in line["breaks"])})
        for line in asked["lines"]
    )
    discounts = tuple(services.DiscountDraft(**item) for item in asked.get("discounts", ()))
    return services.QuotationDraft(**{**asked, "lines": lines, "discounts": discounts})


class TendersApi(FirmApi):
    resource = "tenders"

    @operation("tenders_list", serializers.TenderSerializer, query=serializers.TendersQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The requests for quotations to which the supplier is invited, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.tenders_page(actor=self.actor, limit=limit, after=after, **wanted)
        )


class TenderApi(FirmApi):
    resource = "tenders"

    @operation("tenders_get", serializers.TenderSerializer)
    def get(self, request: Request, tender_id: UUID) -> Response:
        """One request with its lines: the whole demand, and no firm's."""
        return self.answer(selectors.tender_get(actor=self.actor, tender_id=tender_id))


class OwnQuotationApi(FirmApi):
    """The supplier's own quotation to a request: each supplier has one, and nobody waits for another's."""

    resource = "tenders"

    def object_address(self) -> str | None:
        """The quotation itself: the request in its address is other suppliers' too."""
        before, _quotation, _verb = self.request.path_info.partition("/quotation")
        return f"{before}/quotation"

    def lock_name(self) -> str | None:
        """Raises NotFound for who is not invited, before anything else is told."""
        selectors.tender_get(actor=self.actor, tender_id=self.kwargs["tender_id"])
        return f"{self.actor.firm_id}{self.object_address()}"

    def shown(self, tender_id: UUID) -> Response:
        """The quotation as it is now."""
        return self.answer(selectors.quotation_get(actor=self.actor, tender_id=tender_id))


class QuotationApi(OwnQuotationApi):
    @operation("tender_quotations_get", serializers.QuotationSerializer)
    def get(self, request: Request, tender_id: UUID) -> Response:
        """What the supplier quotes."""
        return self.shown(tender_id)

    @operation(
        "tender_quotations_put",
        serializers.QuotationSerializer,
        body=serializers.QuotationRequest,
        creates=True,
        conditional=True,
        rehearses=True,
    )
    def put(self, request: Request, tender_id: UUID) -> Response:
        """Writes the quotation as a whole, as a draft (201 with `If-None-Match: *`, 200 with `If-Match`).

        Until `closes_at` of the park's clock. Only what is sealed then is opened.
        """
        put = services.quotation_put(
            actor=self.actor, tender_id=tender_id, draft=draft_of(self.asked()), now=business_now()
        )
        answer = self.shown(tender_id)
        if put.is_new:
            answer.status_code = status.HTTP_201_CREATED
        return answer


class SealApi(OwnQuotationApi):
    @operation(
        "tender_quotations_seal", serializers.QuotationSerializer, body=serializers.SealRequest, conditional=True
    )
    def post(self, request: Request, tender_id: UUID) -> Response:
        """Seals it for the conditions that you have read. Other conditions void the seal: seal again then."""
        services.quotation_seal(actor=self.actor, tender_id=tender_id, now=business_now(), **self.asked())
        return self.shown(tender_id)


class UnsealApi(OwnQuotationApi):
    @operation("tender_quotations_unseal", serializers.QuotationSerializer, conditional=True)
    def post(self, request: Request, tender_id: UUID) -> Response:
        """Takes the seal off, to write it anew. Until the close."""
        services.quotation_unseal(actor=self.actor, tender_id=tender_id, now=business_now())
        return self.shown(tender_id)


class WithdrawApi(OwnQuotationApi):
    @operation("tender_quotations_withdraw", serializers.QuotationSerializer, conditional=True)
    def post(self, request: Request, tender_id: UUID) -> Response:
        """Takes it back. It may be written anew until the close."""
        services.quotation_withdraw(actor=self.actor, tender_id=tender_id, now=business_now())
        return self.shown(tender_id)
