from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.catalog import selectors, services
from mes.catalog.api.serializers import (
    MachineClassSerializer,
    ProductRequest,
    ProductSerializer,
    ProductsQuery,
    product_draft,
)
from mes.core.api.authentication import actor_of
from mes.core.api.views import FirmApi, valid
from mes.firms.api.paging import moment_page


class ProductsApi(FirmApi):
    """The park's standard products and the firm's own. Filter: `code`."""

    resource = "catalogue"

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        code = valid(ProductsQuery, request, of_query=True).get("code")
        return moment_page(
            request,
            lambda limit, after: selectors.products_page(actor=actor, limit=limit, after=after, code=code),
            lambda rows: ProductSerializer(rows, many=True).data,
        )

    def post(self, request: Request) -> Response:
        """A product of the firm's own, which nobody else sees."""
        draft = product_draft(valid(ProductRequest, request))
        product = services.product_create(actor=actor_of(request), draft=draft)
        return Response(ProductSerializer(product).data, status=status.HTTP_201_CREATED)


class ProductApi(FirmApi):
    resource = "catalogue"

    def get(self, request: Request, product_id: UUID) -> Response:
        product = selectors.product_get(actor=actor_of(request), product_id=product_id)
        return Response(ProductSerializer(product).data)


class MachineClassesApi(FirmApi):
    """The park's machine classes with their envelopes."""

    resource = "catalogue"

    def get(self, request: Request) -> Response:
        return Response({"results": MachineClassSerializer(selectors.machine_classes(), many=True).data})
