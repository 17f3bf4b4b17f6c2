from __future__ import annotations

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.catalog import selectors, services
from mes.catalog.api.serializers import (
    ItemNumberRequest,
    ItemNumberSerializer,
    MachineClassSerializer,
    ProductRequest,
    ProductSerializer,
    ProductsQuery,
    product_draft,
)
from mes.catalog.models import MOST_ITEM_NUMBER
from mes.core.api.fields import PageQuery, text_in_address
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

    @operation(
        "products_create",
        ProductSerializer,
        body=ProductRequest,
        status=status.HTTP_201_CREATED,
        located=True,
        rehearses=True,
    )
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


class ItemNumbersApi(FirmApi):
    resource = "catalogue"

    @operation("item_numbers_list", ItemNumberSerializer, query=PageQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm's own programs call products."""
        return self.page(lambda limit, after: selectors.item_numbers_page(actor=self.actor, limit=limit, after=after))


def _number(text: str) -> str:
    return text_in_address("number", text, MOST_ITEM_NUMBER)


class ItemNumberApi(FirmApi):
    resource = "catalogue"

    @operation("item_numbers_get", ItemNumberSerializer)
    def get(self, request: Request, number: str) -> Response:
        """One item number."""
        return self.answer(selectors.item_number_get(actor=self.actor, number=_number(number)))

    @operation("item_numbers_set", ItemNumberSerializer, body=ItemNumberRequest)
    def put(self, request: Request, number: str) -> Response:
        """Lets the number stand for a product: order lines may name it as `item_number`. Nobody else sees it."""
        services.item_number_set(actor=self.actor, number=_number(number), **self.asked())
        return self.answer(selectors.item_number_get(actor=self.actor, number=_number(number)))

    @operation("item_numbers_drop", ItemNumberSerializer)
    def delete(self, request: Request, number: str) -> Response:
        """The number stands for nothing any more; orders keep their products. Answers with what was dropped."""
        shown = selectors.item_number_get(actor=self.actor, number=_number(number))
        services.item_number_drop(actor=self.actor, number=_number(number))
        return self.answer(shown)
