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
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi


class ProductsApi(FirmApi):
    resource = "catalogue"

    @operation("products_list", ProductSerializer, query=ProductsQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """The park's standard products and the firm's own."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.products_page(actor=self.actor, limit=limit, after=after, **wanted)
        )

    @operation("products_create", ProductSerializer, body=ProductRequest, status=status.HTTP_201_CREATED, located=True)
    def post(self, request: Request) -> Response:
        """A product of the firm's own, which nobody else sees. It is made at home only."""
        product = services.product_create(actor=self.actor, draft=product_draft(self.asked()))
        return self.answer(product, location=f"{request.path}/{product.pk}")


class ProductApi(FirmApi):
    resource = "catalogue"

    @operation("products_get", ProductSerializer)
    def get(self, request: Request, product_id: UUID) -> Response:
        """One product."""
        return self.answer(selectors.product_get(actor=self.actor, product_id=product_id))


class MachineClassesApi(FirmApi):
    resource = "catalogue"

    @operation("machine_classes_list", MachineClassSerializer, shape=Shape.LIST)
    def get(self, request: Request) -> Response:
        """The park's machine classes with their envelopes."""
        return self.results(selectors.machine_classes())
