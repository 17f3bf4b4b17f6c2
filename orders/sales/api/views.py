from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.core.actors import Actor
from mes.core.api.fields import text_in_address
from mes.core.api.operations import Shape, operation
from mes.core.api.paging import cursor_after, dated_key_of, limit_of
from mes.core.api.views import FirmApi
from mes.core.choices import Outcome
from mes.core.clock import business_now
from mes.core.errors import NotFound
from orders.sales import selectors, services
from orders.sales.api import requests
from orders.sales.api.serializers import SalesOrderSerializer
from orders.sales.selectors import OrderFilter, OrderRow


def _order(actor: Actor, wanted: OrderFilter) -> OrderRow:
    """The one order that is wanted, with all that its firm reads of it. Raises NotFound."""
    rows = selectors.sales_orders_page(actor=actor, limit=1, wanted=wanted)
    if not rows:
        raise NotFound
    return rows[0]


def _reference(text: str) -> str:
    return text_in_address("external_ref", text, requests.MOST_REFERENCE)


class SalesOrdersApi(FirmApi):
    resource = "orders"

    @operation("sales_orders_list", SalesOrderSerializer, query=requests.OrdersQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The firm's own orders with their lines, by day and key."""
        limit, after = limit_of(request), dated_key_of(request)
        wanted = OrderFilter(**self.filters())
        rows = selectors.sales_orders_page(actor=self.actor, limit=limit + 1, after=after, wanted=wanted)
        last = rows[limit - 1] if len(rows) > limit else None
        return self.page_of(rows[:limit], cursor_after(last.ordered_on, last.id) if last else None)

    @operation(
        "sales_orders_create",
        SalesOrderSerializer,
        body=requests.OrderRequest,
        status=status.HTTP_201_CREATED,
        located=True,
        rehearses=True,
    )
    def post(self, request: Request) -> Response:
        """A new draft. Nothing is planned until it is confirmed."""
        asked = self.asked()
        lines = [services.LineDraft(**line) for line in asked.pop("lines")]
        order = services.sales_order_create(actor=self.actor, lines=lines, now=business_now(), **asked)
        return self.answer(_order(self.actor, OrderFilter(order_id=order.pk)), location=f"{request.path}/{order.pk}")


class SalesOrderApi(FirmApi):
    resource = "orders"

    @operation("sales_orders_get", SalesOrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """One order with its lines."""
        return self.answer(_order(self.actor, OrderFilter(order_id=order_id)))


class SalesOrderByRefApi(FirmApi):
    resource = "orders"

    @operation("sales_orders_get_by_ref", SalesOrderSerializer)
    def get(self, request: Request, external_ref: str) -> Response:
        """The order that the firm's own system knows by this number."""
        return self.answer(_order(self.actor, OrderFilter(external_ref=_reference(external_ref))))

    @operation("sales_orders_put", SalesOrderSerializer, body=requests.KnownOrderRequest, creates=True, rehearses=True)
    def put(self, request: Request, external_ref: str) -> Response:
        """Makes the order (201), or brings it to what is said here as far as its state allows (200).

        What is left out of a known line stays; the same again changes nothing. A line is known by its `external_ref`,
        else by its place. Lines are added and taken away only while the order is a draft.
        """
        reference, asked = _reference(external_ref), self.asked()
        put = services.sales_order_put(actor=self.actor, external_ref=reference, now=business_now(), **asked)
        answer = self.answer(_order(self.actor, OrderFilter(order_id=put.order_id)))
        if put.outcome is Outcome.MADE:
            answer.status_code = status.HTTP_201_CREATED
        return answer


class SalesOrderLinesApi(FirmApi):
    resource = "orders"

    @operation(
        "sales_order_lines_add",
        SalesOrderSerializer,
        body=requests.LineRequest,
        status=status.HTTP_201_CREATED,
        rehearses=True,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        """Another line of a draft. Answers with the whole order."""
        selectors.sales_order_get(actor=self.actor, order_id=order_id)
        line = services.LineDraft(**self.asked())
        services.sales_order_line_add(actor=self.actor, order_id=order_id, line=line, now=business_now())
        return self.answer(_order(self.actor, OrderFilter(order_id=order_id)))


class SalesOrderLineApi(FirmApi):
    """A line is read and changed as a part of its order, so it has the order's ETag."""

    resource = "orders"

    def object_address(self) -> str:
        line = selectors.sales_order_line_get(actor=self.actor, line_id=self.kwargs["line_id"])
        base = self.request.path_info.partition("/sales-order-lines/")[0]
        return f"{base}/sales-orders/{line.order_id}"

    @operation(
        "sales_order_lines_change",
        SalesOrderSerializer,
        body=requests.LineChangeRequest,
        conditional=True,
        rehearses=True,
    )
    def patch(self, request: Request, line_id: UUID) -> Response:
        """Changes a line, also of a confirmed order: quantity, date, product, consent. Answers with the whole order.

        The next plan takes it up. Work that was taken over from a member keeps what was agreed.
        """
        selectors.sales_order_line_get(actor=self.actor, line_id=line_id)
        changes = cast("services.LineChanges", self.asked())
        line = services.sales_order_line_change(actor=self.actor, line_id=line_id, changes=changes, now=business_now())
        return self.answer(_order(self.actor, OrderFilter(order_id=line.order_id)))


class SalesOrderVerbApi(FirmApi):
    resource = "orders"
    verb: Any = None

    @operation("sales_orders_{verb}", SalesOrderSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        self.verb(actor=self.actor, order_id=order_id, now=business_now())
        return self.answer(_order(self.actor, OrderFilter(order_id=order_id)))


class SalesOrderDeclineApi(FirmApi):
    resource = "orders"

    @operation("sales_orders_decline", SalesOrderSerializer, body=requests.DeclineRequest)
    def post(self, request: Request, order_id: UUID) -> Response:
        """draft → declined, with what is lost by it: how much, on which machines, and the date that was possible."""
        selectors.sales_order_get(actor=self.actor, order_id=order_id)
        draft = services.DeclineDraft(**self.asked())
        services.sales_order_decline(actor=self.actor, order_id=order_id, draft=draft, now=business_now())
        return self.answer(_order(self.actor, OrderFilter(order_id=order_id)))
