from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import FollowedQuery
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from procurement.awards import services
from procurement.awards.api.serializers import ResinAwardSerializer, ResinShareSerializer
from procurement.awards.selectors import shares


class RoundSharesApi(FirmApi):
    resource = "rounds"

    @operation("round_shares_list", ResinShareSerializer, shape=Shape.LIST)
    def get(self, request: Request, round_id: UUID) -> Response:
        """What the firm gets of the round's award: once it is put to the firms, and when it is signed."""
        return self.results(shares.shares_of_round(actor=self.actor, round_id=round_id))


class ResinShareApi(FirmApi):
    resource = "rounds"

    @operation("resin_shares_get", ResinShareSerializer)
    def get(self, request: Request, share_id: UUID) -> Response:
        """One share of the firm, also of an award that was set aside since."""
        return self.answer(shares.share_get(actor=self.actor, share_id=share_id))


class ConfirmApi(FirmApi):
    resource = "rounds"

    @operation("resin_shares_confirm", ResinShareSerializer, conditional=True)
    def post(self, request: Request, share_id: UUID) -> Response:
        """The firm takes its share at this price. Until `answer_until` of the park's clock it may opt out instead."""
        shares.share_get(actor=self.actor, share_id=share_id)
        services.share_confirm(actor=self.actor, share_id=share_id, now=business_now())
        return self.answer(shares.share_get(actor=self.actor, share_id=share_id))


class OptOutApi(FirmApi):
    resource = "rounds"

    @operation("resin_shares_opt_out", ResinShareSerializer, conditional=True)
    def post(self, request: Request, share_id: UUID) -> Response:
        """The firm wants nothing of the line after all. The award is then searched again without it."""
        shares.share_get(actor=self.actor, share_id=share_id)
        services.share_opt_out(actor=self.actor, share_id=share_id, now=business_now())
        return self.answer(shares.share_get(actor=self.actor, share_id=share_id))


class ResinAwardsApi(FirmApi):
    resource = "rounds"

    @operation("resin_awards_list", ResinAwardSerializer, query=FollowedQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm delivers as a supplier of signed awards, the oldest first."""
        wanted = self.filters()
        return self.page(lambda limit, after: shares.awards_page(actor=self.actor, limit=limit, after=after, **wanted))


class ResinAwardApi(FirmApi):
    resource = "rounds"

    @operation("resin_awards_get", ResinAwardSerializer)
    def get(self, request: Request, award_id: UUID) -> Response:
        """One line that the firm delivers as a supplier."""
        return self.answer(shares.award_get(actor=self.actor, award_id=award_id))
