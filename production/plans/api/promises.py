"""Order promising: ask, read, reserve, release."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from mes.catalog.api.fields import NamesProduct
from mes.core.api.fields import DECIMAL, ExactDecimalField, InstantField, PageQuery, StrictSerializer, WholeNumberField
from mes.core.api.operations import Shape, operation
from mes.core.api.views import FirmApi
from mes.core.clock import business_now
from mes.firms.api.fields import FirmCodesField
from orders.sales.choices import Consent
from orders.sales.models import MOST_PIECES
from orders.sales.services.lines import PRIORITIES
from production.machines.choices import AcceptMode, MaterialFrom
from production.plans.choices import PromiseStatus
from production.plans.models import Promise
from production.plans.selectors import promises as selectors
from production.plans.services import promises as services
from production.plans.services.promises import MOST_HOURS, Question


@extend_schema_field({"type": "integer", "enum": sorted(PRIORITIES), "default": 1})
class _PriorityField(WholeNumberField):
    """Its rule is the service's."""


class _CnyField(serializers.CharField):
    pass


extend_schema_field(DECIMAL)(_CnyField)


class PromiseRequest(NamesProduct):
    """An order that the firm may take. Left out, `wanted_at` is as early as can be, and the work stays at home.

    The product is named by `product_code` or by the firm's own `item_number`.
    """

    pieces = WholeNumberField(min_value=1, max_value=MOST_PIECES)
    wanted_at = InstantField(required=False, allow_null=True)
    release_at = InstantField(required=False, allow_null=True)
    priority = _PriorityField(required=False)
    consent = serializers.ChoiceField(Consent.choices, required=False)
    fee_ceiling_cny_per_t = ExactDecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    excluded_firms = FirmCodesField(source="excluded_firm_ids", required=False)


class ReserveRequest(StrictSerializer):
    """For how many hours of the business clock."""

    hours = WholeNumberField(min_value=1, max_value=MOST_HOURS)


class PromisesQuery(PageQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(PromiseStatus.choices, required=False)


class InHousePartSerializer(serializers.Serializer[Any]):
    """Pieces that one own machine makes."""

    pieces = serializers.IntegerField()
    machine_code = serializers.CharField()
    machine_class = serializers.CharField()
    finish_at = serializers.DateTimeField()


class InHouseSerializer(serializers.Serializer[Any]):
    """The earliest on the firm's own machines around its plan. `is_in_time` is null without a wish."""

    finish_at = serializers.DateTimeField()
    is_in_time = serializers.BooleanField(allow_null=True)
    parts = InHousePartSerializer(many=True)


class OfferedPartSerializer(serializers.Serializer[Any]):
    """Pieces of one machine: an own one by its code, or one on offer by its class, with the offer's terms."""

    pieces = serializers.IntegerField()
    machine_code = serializers.CharField(allow_null=True)
    machine_class = serializers.CharField()
    finish_at = serializers.DateTimeField()
    fee_cny_per_t = _CnyField(allow_null=True)
    fee_cny = _CnyField(allow_null=True)
    transport_cny = _CnyField(allow_null=True)
    accept = serializers.ChoiceField(AcceptMode.choices, allow_null=True)
    material_from = serializers.ChoiceField(MaterialFrom.choices, allow_null=True)


class WithOffersSerializer(serializers.Serializer[Any]):
    """In time as cheaply as can be found, else the earliest: at home, and on what the members have published."""

    finish_at = serializers.DateTimeField()
    is_in_time = serializers.BooleanField(allow_null=True)
    fee_cny = _CnyField()
    transport_cny = _CnyField()
    parts = OfferedPartSerializer(many=True)


class GivesWaySerializer(serializers.Serializer[Any]):
    """A less important line of the firm that would give way. `finish_at` is null when pieces lose their place."""

    sales_order_line_id = serializers.UUIDField()
    sales_order_number = serializers.CharField()
    finish_before_at = serializers.DateTimeField()
    finish_at = serializers.DateTimeField(allow_null=True)
    late_min = serializers.IntegerField(allow_null=True)
    missing_pieces = serializers.IntegerField()


class WithDisplacementSerializer(InHouseSerializer):
    """At home, when less important lines give way."""

    gives_way = GivesWaySerializer(many=True)


class LackingSerializer(serializers.Serializer[Any]):
    """Why there is no date in house: a code and data as of a line's reasons."""

    code = serializers.CharField()
    data: serializers.DictField = serializers.DictField()  # type: ignore[assignment]


class PromiseSerializer(serializers.ModelSerializer[Promise]):
    """What the firm was told. It binds nobody; a reserved one holds machine time and material until then."""

    product_code = serializers.CharField(source="product.code")
    consent = serializers.ChoiceField(Consent.choices, source="terms.consent")
    fee_ceiling_cny_per_t = serializers.DecimalField(
        source="terms.fee_ceiling_cny_per_t", max_digits=10, decimal_places=2, allow_null=True
    )
    in_house = InHouseSerializer(allow_null=True)
    lacking = LackingSerializer(allow_null=True)
    with_offers = WithOffersSerializer(source="terms.with_offers", allow_null=True)
    with_displacement = WithDisplacementSerializer(source="terms.with_displacement", allow_null=True)

    class Meta:
        model = Promise
        fields = (
            "id", "product_code", "pieces", "wanted_at", "release_at", "priority", "consent", "fee_ceiling_cny_per_t",
            "asked_at", "in_house", "lacking", "with_offers", "with_displacement", "status", "reserved_until",
            "created_at",
        )  # fmt: skip


class PromisesApi(FirmApi):
    resource = "plans"

    @operation("promises_list", PromiseSerializer, query=PromisesQuery, shape=Shape.PAGE)
    def get(self, request: Request) -> Response:
        """What the firm has asked, the oldest first."""
        wanted = self.filters()
        return self.page(
            lambda limit, after: selectors.promises_page(actor=self.actor, limit=limit, after=after, **wanted)
        )

    @operation(
        "promises_ask",
        PromiseSerializer,
        body=PromiseRequest,
        status=status.HTTP_201_CREATED,
        located=True,
    )
    def post(self, request: Request) -> Response:
        """When the firm could finish an order that it does not have yet. So many within an hour; then 429."""
        promise = services.promise_ask(actor=self.actor, question=Question(**self.asked()), now=business_now())
        shown = selectors.promise_get(actor=self.actor, promise_id=promise.pk)
        return self.answer(shown, location=f"{request.path}/{promise.pk}")


class PromiseApi(FirmApi):
    resource = "plans"

    @operation("promises_get", PromiseSerializer)
    def get(self, request: Request, promise_id: UUID) -> Response:
        """One promise, as it was told."""
        return self.answer(selectors.promise_get(actor=self.actor, promise_id=promise_id))


class PromiseReserveApi(FirmApi):
    resource = "plans"

    @operation("promises_reserve", PromiseSerializer, body=ReserveRequest)
    def post(self, request: Request, promise_id: UUID) -> Response:
        """Holds machine time and material for the date in house; each plan leaves them free until then."""
        services.promise_reserve(actor=self.actor, promise_id=promise_id, now=business_now(), **self.asked())
        return self.answer(selectors.promise_get(actor=self.actor, promise_id=promise_id))


class PromiseReleaseApi(FirmApi):
    resource = "plans"

    @operation("promises_release", PromiseSerializer)
    def post(self, request: Request, promise_id: UUID) -> Response:
        """Gives back what a reservation holds: before its order is confirmed, or when it is not to come."""
        services.promise_release(actor=self.actor, promise_id=promise_id)
        return self.answer(selectors.promise_get(actor=self.actor, promise_id=promise_id))
