"""What production proposes that the firm commits to in a round."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from production.plans.api.serializers import ProposedCommitmentSerializer
from production.plans.selectors.material_need import proposed_commitment


class ProposedCommitmentApi(FirmApi):
    resource = "rounds"

    @operation("proposed_commitments_get", ProposedCommitmentSerializer)
    def get(self, request: Request, round_id: UUID, number: int) -> Response:
        """What the firm's orders need of the line's material by the end of its window, less its stock. Nothing is said
        to the round until the firm puts its commitment.
        """
        return self.answer(proposed_commitment(actor=self.actor, round_id=round_id, number=number, now=business_now()))
