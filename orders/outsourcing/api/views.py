from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.actors import Actor
from mes.core.api.authentication import actor_of
from mes.core.api.views import FirmApi, valid
from mes.core.clock import business_now
from mes.firms.api.paging import moment_page
from orders.outsourcing import selectors, services
from orders.outsourcing.api.serializers import (
    DispatchRequest,
    OutsourceOrderSerializer,
    OutsourceOrdersQuery,
    ReceiveRequest,
)


def _shown(actor: Actor, order_id: UUID) -> Response:
    order = selectors.outsource_order_get(actor=actor, order_id=order_id)
    return Response(OutsourceOrderSerializer(order, context={"actor": actor}).data)


class OutsourceOrdersApi(FirmApi):
    """Signed work of the firm, given and taken over, the oldest first. Filter: `status`."""

    resource = "exchange"

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        status = valid(OutsourceOrdersQuery, request, of_query=True).get("status")
        return moment_page(
            request,
            lambda limit, after: selectors.outsource_orders_page(actor=actor, limit=limit, after=after, status=status),
            lambda rows: OutsourceOrderSerializer(rows, many=True, context={"actor": actor}).data,
        )


class OutsourceOrderApi(FirmApi):
    resource = "exchange"

    def get(self, request: Request, order_id: UUID) -> Response:
        return _shown(actor_of(request), order_id)


class DispatchApi(FirmApi):
    """The doer sends pieces to the giver's gate."""

    resource = "exchange"

    def post(self, request: Request, order_id: UUID) -> Response:
        actor = actor_of(request)
        selectors.outsource_order_get(actor=actor, order_id=order_id)
        asked = valid(DispatchRequest, request)
        services.outsource_order_dispatch(actor=actor, order_id=order_id, now=business_now(), **asked)
        return _shown(actor, order_id)


class ReceiveApi(FirmApi):
    """The giver counts what has arrived."""

    resource = "exchange"

    def post(self, request: Request, order_id: UUID) -> Response:
        actor = actor_of(request)
        selectors.outsource_order_get(actor=actor, order_id=order_id)
        asked = valid(ReceiveRequest, request)
        services.outsource_order_receive(actor=actor, order_id=order_id, now=business_now(), **asked)
        return _shown(actor, order_id)
