from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.actors import Actor
from mes.core.api.authentication import actor_of
from mes.core.api.fields import NothingRequest
from mes.core.api.views import FirmApi, valid
from mes.core.clock import business_now
from mes.core.errors import NotFound
from mes.firms.api.paging import dated_cursor, dated_key_of, limit_of
from orders.sales import selectors, services
from orders.sales.api import requests
from orders.sales.api.serializers import SalesOrderSerializer
from orders.sales.selectors import OrderFilter

_PAGING = ("limit", "cursor")


def _order(actor: Actor, order_id: UUID) -> dict[str, Any]:
    """The order as its firm reads it. Raises NotFound."""
    rows = selectors.sales_orders_page(actor=actor, limit=1, wanted=OrderFilter(order_id=order_id))
    if not rows:
        raise NotFound
    return dict(SalesOrderSerializer(rows[0]).data)


class SalesOrdersApi(FirmApi):
    """The firm's own orders with their lines, by day and key.

    `limit`: 1 to 200, 50 when left out. `cursor`: `next_cursor` of the page before; null on the last page.
    """

    resource = "orders"

    def get(self, request: Request) -> Response:
        limit, after = limit_of(request), dated_key_of(request)
        asked = valid(requests.OrdersQuery, request, of_query=True)
        wanted = OrderFilter(**{name: value for name, value in asked.items() if name not in _PAGING})
        rows = selectors.sales_orders_page(actor=actor_of(request), limit=limit + 1, after=after, wanted=wanted)
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        next_cursor = dated_cursor(last.ordered_on, last.pk) if last else None
        return Response({"results": SalesOrderSerializer(page, many=True).data, "next_cursor": next_cursor})

    def post(self, request: Request) -> Response:
        """A new draft."""
        asked = valid(requests.OrderRequest, request)
        lines = [services.LineDraft(**line) for line in asked.pop("lines")]
        actor = actor_of(request)
        order = services.sales_order_create(actor=actor, lines=lines, now=business_now(), **asked)
        answer = Response(_order(actor, order.pk), status=status.HTTP_201_CREATED)
        answer["Location"] = f"{request.path}/{order.pk}"
        return answer


class SalesOrderApi(FirmApi):
    """One order with its lines."""

    resource = "orders"

    def get(self, request: Request, order_id: UUID) -> Response:
        return Response(_order(actor_of(request), order_id))


class SalesOrderLinesApi(FirmApi):
    """Another line of a draft."""

    resource = "orders"

    def post(self, request: Request, order_id: UUID) -> Response:
        actor = actor_of(request)
        selectors.sales_order_get(actor=actor, order_id=order_id)
        line = services.LineDraft(**valid(requests.LineRequest, request))
        services.sales_order_line_add(actor=actor, order_id=order_id, line=line, now=business_now())
        return Response(_order(actor, order_id), status=status.HTTP_201_CREATED)


class SalesOrderLineApi(FirmApi):
    """Changes a line, also of a confirmed order: quantity, date, product, consent."""

    resource = "orders"

    def patch(self, request: Request, line_id: UUID) -> Response:
        actor = actor_of(request)
        selectors.sales_order_line_get(actor=actor, line_id=line_id)
        changes = cast("services.LineChanges", valid(requests.LineChangeRequest, request))
        line = services.sales_order_line_change(actor=actor, line_id=line_id, changes=changes, now=business_now())
        return Response(_order(actor, line.order_id))


class SalesOrderVerbApi(FirmApi):
    """Moves an order on: `confirm`, `cancel`, `deliver`, `close`. The body is empty."""

    resource = "orders"
    verb: Any = None

    def post(self, request: Request, order_id: UUID) -> Response:
        valid(NothingRequest, request)
        actor = actor_of(request)
        self.verb(actor=actor, order_id=order_id, now=business_now())
        return Response(_order(actor, order_id))


class SalesOrderDeclineApi(FirmApi):
    """Declines a draft and says what is lost."""

    resource = "orders"

    def post(self, request: Request, order_id: UUID) -> Response:
        actor = actor_of(request)
        selectors.sales_order_get(actor=actor, order_id=order_id)
        draft = services.DeclineDraft(**valid(requests.DeclineRequest, request))
        services.sales_order_decline(actor=actor, order_id=order_id, draft=draft, now=business_now())
        return Response(_order(actor, order_id))
