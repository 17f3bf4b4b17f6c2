"""Many products at once."""

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
from mes.catalog import services
from mes.catalog.api.serializers import ProductRequest, ProductSerializer, product_draft
from mes.core.actors import Actor
from mes.core.api.operations import operation


def product_create(actor: Actor, body: Body, now: datetime) -> ItemAnswer:
    """As POST /products."""
    request = ProductRequest(data=body, context={"actor": actor})
    request.is_valid(raise_exception=True)
    product = services.product_create(actor=actor, draft=product_draft(request.validated_data))
    return ItemAnswer(HTTPStatus.CREATED, ProductSerializer(product, context={"actor": actor}).data)


CREATE = Kind("products.create", "catalogue", "product.create", product_create)


class ProductsBulkApi(BulkApi):
    resource = "catalogue"
    kind: ClassVar[Kind] = CREATE

    @operation(
        "products_create_many",
        BulkAnswerSerializer,
        body=bulk_request("ProductsBulk", ProductRequest),
        deferred=JobSerializer,
        rehearses=True,
    )
    def post(self, request: Request) -> Response:
        """Many products of the firm's own: up to 500 at once with an answer for each, up to 5,000 as a job (202)."""
        return self.answer_many()
