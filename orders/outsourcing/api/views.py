from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from orders.outsourcing import selectors, services
from orders.outsourcing.api.serializers import (
    DispatchRequest,
    OutsourceOrderSerializer,
    OutsourceOrdersQuery,
    ReceiveRequest,
)


class OutsourceOrdersApi(FirmApi):
    resource = "exchange"

    @operation("outsource_orders_list", OutsourceOrderSerializer, query=OutsourceOrdersQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """Signed work of the firm, given and taken over, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.outsource_orders_page(actor=self.actor, limit=limit, after=after, **wanted)
        )


class OutsourceOrderApi(FirmApi):
    resource = "exchange"

    @operation("outsource_orders_get", OutsourceOrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """One signed order, as the reading party sees it."""
        return self.answer(selectors.outsource_order_get(actor=self.actor, order_id=order_id))


class DispatchApi(FirmApi):
    resource = "exchange"

    @operation("outsource_orders_dispatch", OutsourceOrderSerializer, body=DispatchRequest, conditional=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """The doer sends pieces to the giver's gate, at once or in parts: never more than it has reported good."""
        selectors.outsource_order_get(actor=self.actor, order_id=order_id)
        services.outsource_order_dispatch(actor=self.actor, order_id=order_id, now=business_now(), **self.asked())
        return self.answer(selectors.outsource_order_get(actor=self.actor, order_id=order_id))


class ReceiveApi(FirmApi):
    resource = "exchange"

    @operation("outsource_orders_receive", OutsourceOrderSerializer, body=ReceiveRequest, conditional=True)
    def post(self, request: Request, order_id: UUID) -> Response:
        """The giver counts what has arrived. Refused pieces are the line's own again and are planned anew."""
        selectors.outsource_order_get(actor=self.actor, order_id=order_id)
        services.outsource_order_receive(actor=self.actor, order_id=order_id, now=business_now(), **self.asked())
        return self.answer(selectors.outsource_order_get(actor=self.actor, order_id=order_id))
