"""Many orders at once."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from mes.batches.api.bulk import BulkApi, bulk_request
from mes.batches.api.serializers import BulkAnswerSerializer, JobSerializer
from mes.batches.services import ItemAnswer, Kind
from mes.batches.services.items import Body
from mes.core.actors import Actor
from mes.core.api.operations import operation
from orders.sales import services
from orders.sales.api.requests import OrderRequest
from orders.sales.api.serializers import SalesOrderSerializer
from orders.sales.selectors import OrderFilter, sales_orders_page


def order_create(actor: Actor, body: Body, now: datetime) -> ItemAnswer:
    """As POST /sales-orders."""
    request = OrderRequest(data=body, context={"actor": actor})
    request.is_valid(raise_exception=True)
    asked = dict(request.validated_data)
    lines = [services.LineDraft(**line) for line in asked.pop("lines")]
    order = services.sales_order_create(actor=actor, lines=lines, now=now, **asked)
    (shown,) = sales_orders_page(actor=actor, limit=1, wanted=OrderFilter(order_id=order.pk))
    return ItemAnswer(HTTPStatus.CREATED, SalesOrderSerializer(shown, context={"actor": actor}).data)


CREATE = Kind("sales_orders.create", "orders", "sales_order.create", order_create)


class SalesOrdersBulkApi(BulkApi):
    resource = "orders"
    kind: ClassVar[Kind] = CREATE

    @operation(
        "sales_orders_create_many",
        BulkAnswerSerializer,
        body=bulk_request("SalesOrdersBulk", OrderRequest),
        deferred=JobSerializer,
        rehearses=True,
    )
    def post(self, request: Request) -> Response:
        """Many drafts: up to 500 at once with an answer for each, up to 5,000 as a job (202).

        Each item is what `POST /sales-orders` takes. `atomic`: all of them or none; otherwise what is refused keeps
        none of the others.
        """
        return self.answer_many()
