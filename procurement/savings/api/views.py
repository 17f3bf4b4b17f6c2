from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from procurement.savings.api import serializers
from procurement.savings.selectors import lines


class SavingsApi(FirmApi):
    resource = "rounds"

    @operation("resin_savings_list", serializers.SavingSerializer, query=serializers.SavingsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm's lots saved, as it holds now, the oldest first."""
        wanted = self.filters()
        return self.page(lambda limit, after: lines.savings_page(actor=self.actor, limit=limit, after=after, **wanted))


class SavingApi(FirmApi):
    resource = "rounds"

    @operation("resin_savings_get", serializers.SavingSerializer)
    def get(self, request: Request, saving_id: UUID) -> Response:
        """One line, also one that a later revision has replaced."""
        return self.answer(lines.saving_get(actor=self.actor, saving_id=saving_id))


class RoundSavingApi(FirmApi):
    resource = "rounds"

    @operation("round_savings_get", serializers.SummarySerializer)
    def get(self, request: Request, round_id: UUID) -> Response:
        """What the firm saved in a round, with band and coverage, and what the round told all members."""
        return self.answer(lines.savings_summary(actor=self.actor, round_id=round_id))
