from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.authentication import actor_of
from mes.core.api.fields import NothingRequest
from mes.core.api.views import FirmApi, valid
from mes.core.clock import business_now
from mes.firms.api.paging import moment_page
from production.exchange import selectors
from production.exchange.api.serializers import ProposalSerializer, ProposalsQuery


class ProposalsApi(FirmApi):
    """Placements that wait for the firm's word or have had it, the oldest first. Filter: `status`."""

    resource = "exchange"

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        status = valid(ProposalsQuery, request, of_query=True).get("status")
        return moment_page(
            request,
            lambda limit, after: selectors.proposals_page(actor=actor, limit=limit, after=after, status=status),
            lambda rows: ProposalSerializer(rows, many=True, context={"actor": actor}).data,
        )


class ProposalApi(FirmApi):
    resource = "exchange"

    def get(self, request: Request, proposal_id: UUID) -> Response:
        actor = actor_of(request)
        proposal = selectors.proposal_get(actor=actor, proposal_id=proposal_id)
        return Response(ProposalSerializer(proposal, context={"actor": actor}).data)


class ProposalVerbApi(FirmApi):
    """The firm's word: `accept` or `decline`. The body is empty."""

    resource = "exchange"
    verb: Any = None

    def post(self, request: Request, proposal_id: UUID) -> Response:
        valid(NothingRequest, request)
        actor = actor_of(request)
        self.verb(actor=actor, proposal_id=proposal_id, now=business_now())
        proposal = selectors.proposal_get(actor=actor, proposal_id=proposal_id)
        return Response(ProposalSerializer(proposal, context={"actor": actor}).data)
