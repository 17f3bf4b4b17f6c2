from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from production.exchange import selectors
from production.exchange.api.serializers import ProposalSerializer, ProposalsQuery


class ProposalsApi(FirmApi):
    resource = "exchange"

    @operation("proposals_list", ProposalSerializer, query=ProposalsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Placements that wait for the firm's word or have had it, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.proposals_page(actor=self.actor, limit=limit, after=after, **wanted)
        )


class ProposalApi(FirmApi):
    resource = "exchange"

    @operation("proposals_get", ProposalSerializer)
    def get(self, request: Request, proposal_id: UUID) -> Response:
        """One placement, as the reading party sees it."""
        return self.answer(selectors.proposal_get(actor=self.actor, proposal_id=proposal_id))


class ProposalVerbApi(FirmApi):
    resource = "exchange"
    verb: Any = None

    @operation("proposals_{verb}", ProposalSerializer, conditional=True)
    def post(self, request: Request, proposal_id: UUID) -> Response:
        self.verb(actor=self.actor, proposal_id=proposal_id, now=business_now())
        return self.answer(selectors.proposal_get(actor=self.actor, proposal_id=proposal_id))
