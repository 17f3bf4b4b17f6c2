"""What a firm orders, gets, is asked and claims."""

from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.fields import PageQuery
from mes.core.api.operations import Shape, operation
from mes.core.clock import business_now
from procurement.supply import services
from procurement.supply.api import serializers
from procurement.supply.api.pages import ResinApi
from procurement.supply.selectors import reading


class AgreementsApi(ResinApi):
    @operation("resin_agreements_list", serializers.ResinAgreementSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The agreements under which the firm has ordered; of a supplier, its own. The oldest first."""
        return self.page(lambda limit, after: reading.page(reading.agreements(self.actor), limit, after))


class AgreementApi(ResinApi):
    @operation("resin_agreements_get", serializers.ResinAgreementSerializer)
    def get(self, request: Request, agreement_id: UUID) -> Response:
        """One of them."""
        return self.answer(reading.one(reading.agreements(self.actor), agreement_id))


class OrdersApi(ResinApi):
    @operation("resin_orders_list", serializers.ResinOrderSerializer, query=serializers.ResinQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's orders; of a supplier, those that firms have signed with it. The oldest first."""
        return self.followed(reading.orders(self.actor))

    @operation(
        "resin_orders_call_off",
        serializers.ResinOrderSerializer,
        body=serializers.CallOffRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Calls off more under an agreement, at its price, while its cap has something left."""
        asked = self.asked()
        order = services.order_call_off(actor=self.actor, now=business_now(), **asked)
        shown = reading.one(reading.orders(self.actor), order.pk)
        return self.answer(shown, location=f"{request.path}/{order.pk}")


class OrderApi(ResinApi):
    @operation("resin_orders_get", serializers.ResinOrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """One of them."""
        return self.answer(reading.one(reading.orders(self.actor), order_id))


class SignApi(ResinApi):
    @operation("resin_orders_sign", serializers.ResinOrderSerializer, body=serializers.SignRequest, conditional=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """The firm has signed its contract. From now on the supplier reads the order, and resin is given for it."""
        reading.one(reading.orders(self.actor), order_id)
        services.order_sign(actor=self.actor, order_id=order_id, now=business_now(), **self.asked())
        return self.answer(reading.one(reading.orders(self.actor), order_id))


class LotsApi(ResinApi):
    @operation("resin_lots_list", serializers.ResinLotSerializer, query=serializers.ResinQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm got of delivered lots, with their certificates; of a supplier, what its buyers got."""
        return self.followed(reading.lot_parts(self.actor), whole=reading.with_values)


class LotApi(ResinApi):
    @operation("resin_lots_get", serializers.ResinLotSerializer)
    def get(self, request: Request, lot_id: UUID) -> Response:
        """One of them."""
        return self.answer(reading.with_values([reading.one(reading.lot_parts(self.actor), lot_id)])[0])


class TakeInApi(ResinApi):
    @operation("resin_lots_take_in", serializers.ResinLotSerializer, body=serializers.TakeInRequest, conditional=True)
    def post(self, request: Request, lot_id: UUID) -> Response:
        """Takes it into the firm's own stock as a lot that production refers to."""
        reading.one(reading.lot_parts(self.actor), lot_id)
        services.lot_take_in(actor=self.actor, part_id=lot_id, **self.asked())
        return self.answer(reading.with_values([reading.one(reading.lot_parts(self.actor), lot_id)])[0])


class ConcessionsApi(ResinApi):
    @operation(
        "resin_concessions_list", serializers.ConcessionSerializer, query=serializers.ResinQuery, shape=Shape.PAGE
    )
    def get(self, request: Request) -> Response:
        """Lots that are not as specified, of which the firm is asked to take its part."""
        return self.followed(reading.concessions(self.actor), whole=reading.with_values)


class AskedApi(ResinApi):
    def shown(self, concession_id: UUID) -> Response:
        """As it is now."""
        return self.answer(reading.with_values([reading.one(reading.concessions(self.actor), concession_id)])[0])


class ConcessionApi(AskedApi):
    @operation("resin_concessions_get", serializers.ConcessionSerializer)
    def get(self, request: Request, concession_id: UUID) -> Response:
        """One of them, with what was measured."""
        return self.shown(concession_id)


class AgreeApi(AskedApi):
    @operation("resin_concessions_agree", serializers.ConcessionSerializer, conditional=True)
    def post(self, request: Request, concession_id: UUID) -> Response:
        """The firm takes its part of the lot as it is."""
        reading.one(reading.concessions(self.actor), concession_id)
        services.concession_agree(actor=self.actor, concession_id=concession_id, now=business_now())
        return self.shown(concession_id)


class DeclineApi(AskedApi):
    @operation("resin_concessions_decline", serializers.ConcessionSerializer, conditional=True)
    def post(self, request: Request, concession_id: UUID) -> Response:
        """The firm gets nothing of the lot."""
        reading.one(reading.concessions(self.actor), concession_id)
        services.concession_decline(actor=self.actor, concession_id=concession_id, now=business_now())
        return self.shown(concession_id)


class ClaimsApi(ResinApi):
    @operation("resin_claims_list", serializers.ResinClaimSerializer, query=serializers.ResinQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's claims; of a supplier, those against it. The oldest first."""
        return self.followed(reading.claims(self.actor))

    @operation(
        "resin_claims_open",
        serializers.ResinClaimSerializer,
        body=serializers.ClaimRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """Claims about a signed order: too little, off specification, too late. The association settles it."""
        asked = self.asked()
        order_id, lot_id = asked.pop("order_id"), asked.pop("lot_id", None)
        draft = services.ClaimDraft(**asked)
        claim = services.claim_open(actor=self.actor, order_id=order_id, lot_part_id=lot_id, draft=draft)
        shown = reading.one(reading.claims(self.actor), claim.pk)
        return self.answer(shown, location=f"{request.path}/{claim.pk}")


class ClaimApi(ResinApi):
    @operation("resin_claims_get", serializers.ResinClaimSerializer)
    def get(self, request: Request, claim_id: UUID) -> Response:
        """One of them."""
        return self.answer(reading.one(reading.claims(self.actor), claim_id))


class WithdrawClaimApi(ResinApi):
    @operation("resin_claims_withdraw", serializers.ResinClaimSerializer, conditional=True)
    def post(self, request: Request, claim_id: UUID) -> Response:
        """The firm claims no longer."""
        reading.one(reading.claims(self.actor), claim_id)
        services.claim_withdraw(actor=self.actor, claim_id=claim_id, now=business_now())
        return self.answer(reading.one(reading.claims(self.actor), claim_id))
