from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from procurement.rounds import selectors, services
from procurement.rounds.api import serializers


class RoundsApi(FirmApi):
    resource = "rounds"

    @operation("rounds_list", serializers.RoundSerializer, query=serializers.RoundsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Rounds of pooled buying that are announced, with their lines, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.rounds_page(actor=self.actor, limit=limit, after=after, **wanted)
        )


class RoundApi(FirmApi):
    resource = "rounds"

    @operation("rounds_get", serializers.RoundSerializer)
    def get(self, request: Request, round_id: UUID) -> Response:
        """One round with its lines and how far they are."""
        return self.answer(selectors.round_get(actor=self.actor, round_id=round_id))


class CommitmentsApi(FirmApi):
    resource = "rounds"

    @operation(
        "commitments_list", serializers.CommitmentSerializer, query=serializers.CommitmentsQuery, shape=Shape.PAGE
    )
    def get(self, request: Request) -> Response:
        """The firm's own commitments, the withdrawn ones too, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.commitments_page(actor=self.actor, limit=limit, after=after, **wanted)
        )


class CommitmentApi(FirmApi):
    resource = "rounds"

    @operation("commitments_get", serializers.CommitmentSerializer)
    def get(self, request: Request, commitment_id: UUID) -> Response:
        """One commitment of the firm."""
        return self.answer(selectors.commitment_get(actor=self.actor, commitment_id=commitment_id))


class LineCommitmentApi(FirmApi):
    resource = "rounds"

    def object_address(self) -> str | None:
        """The commitment itself: the round in its address is everybody's."""
        return self.request.path_info

    def lock_name(self) -> str | None:
        """Each firm has its own: nobody waits for another's."""
        return f"{self.actor.firm_id}{self.request.path_info}"

    @operation("round_commitments_get", serializers.CommitmentSerializer)
    def get(self, request: Request, round_id: UUID, number: int) -> Response:
        """What the firm has committed to of a round's line."""
        return self.answer(selectors.commitment_of_line(actor=self.actor, round_id=round_id, number=number))

    @operation(
        "round_commitments_put",
        serializers.CommitmentSerializer,
        body=serializers.CommitmentRequest,
        creates=True,
        conditional=True,
        rehearses=True,
    )
    def put(self, request: Request, round_id: UUID, number: int) -> Response:
        """Gives the firm's commitment (201, with `If-None-Match: *`) or replaces it as a whole (200, with `If-Match`).

        While the round is collecting, and upwards while it firms; not after `demand_closes_at` of the park's clock.
        """
        asked = self.asked()
        asked["approved_suppliers"] = tuple(asked.get("approved_suppliers", ()))
        draft = services.CommitmentDraft(**asked)
        put = services.commitment_put(
            actor=self.actor, round_id=round_id, number=number, draft=draft, now=business_now()
        )
        answer = self.answer(selectors.commitment_get(actor=self.actor, commitment_id=put.row.pk))
        if put.is_new:
            answer.status_code = status.HTTP_201_CREATED
        return answer

    @operation("round_commitments_withdraw", serializers.CommitmentSerializer)
    def delete(self, request: Request, round_id: UUID, number: int) -> Response:
        """The firm wants nothing of the line. Free while the round is collecting. Answers with what was withdrawn."""
        row = services.commitment_withdraw(actor=self.actor, round_id=round_id, number=number, now=business_now())
        return self.answer(selectors.commitment_get(actor=self.actor, commitment_id=row.pk))
