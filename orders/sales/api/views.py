from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mes.core.api.authentication import actor_of
from mes.firms.api.paging import dated_cursor, dated_key_of, limit_of
from orders.sales import selectors
from orders.sales.api.serializers import SalesOrderSerializer


class SalesOrdersApi(APIView):
    """The firm's own orders with their lines, by day and key.

    `limit`: 1 to 200, 50 when left out. `cursor`: `next_cursor` of the page before; null on the last page.
    """

    def get(self, request: Request) -> Response:
        limit = limit_of(request)
        rows = selectors.sales_orders_page(actor=actor_of(request), limit=limit + 1, after=dated_key_of(request))
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        next_cursor = dated_cursor(last.ordered_on, last.pk) if last else None
        return Response({"results": SalesOrderSerializer(page, many=True).data, "next_cursor": next_cursor})
