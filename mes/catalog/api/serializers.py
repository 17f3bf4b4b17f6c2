"""Products and machine classes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.catalog.api.fields import ProductCodeField
from mes.catalog.choices import Process, StepClock
from mes.catalog.models import MOST_G, MOST_MM, MOST_PIECES, MOST_S, ItemNumber, MachineClass, Product
from mes.catalog.services import MOST_STEPS, OptionDraft, ProductDraft, RoutingDraft, StepDraft
from mes.core.api.fields import ExactDecimalField, FollowedQuery, PlainTextField, StrictSerializer, WholeNumberField

MOST_ROUTINGS = 20


class ProductSerializer(serializers.ModelSerializer[Product]):
    """`is_own`: the firm's own product, which nobody else sees.

    `retired_at`: since when no new order line takes it, null while it is on offer.
    """

    grade_code = serializers.CharField(source="grade.code")
    is_own = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = (
            "id", "code", "external_ref", "name_zh", "name_en", "form", "length_mm", "width_mm", "thickness_mm",
            "unit_mass_g", "grade_code", "colour", "needs", "is_own", "retired_at",
        )  # fmt: skip

    def get_is_own(self, product: Product) -> bool:
        return product.firm_id is not None


class SpecificationSerializer(serializers.Serializer[Any]):
    """What another firm must know of a product to make it, frozen when the work was proposed."""

    product = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    form = serializers.CharField()
    length_mm = serializers.IntegerField()
    width_mm = serializers.IntegerField(allow_null=True)
    thickness_mm = serializers.IntegerField()
    unit_mass_g = serializers.IntegerField()
    grade = serializers.CharField()
    colour = serializers.CharField()


class MachineClassSerializer(serializers.ModelSerializer[MachineClass]):
    """Machines of one kind and envelope. A bound that is null does not limit."""

    class Meta:
        model = MachineClass
        fields = (
            "code", "kind", "name_zh", "name_en", "daylights", "platen_length_mm", "platen_width_mm",
            "max_thickness_mm", "connected_kw",
        )  # fmt: skip


class ItemNumberSerializer(serializers.ModelSerializer[ItemNumber]):
    """What the firm's programs call a product."""

    product_code = serializers.CharField(source="product.code")

    class Meta:
        model = ItemNumber
        fields = ("id", "number", "product_code", "product_id")


class ItemNumberRequest(StrictSerializer):
    """The product that the number stands for."""

    product_code = ProductCodeField(source="product_id")


class ProductsQuery(FollowedQuery):
    """Filter of the list."""

    code = PlainTextField(max_length=30, required=False)


class OptionRequest(StrictSerializer):
    """A machine class for a step: a cycle, or seconds per piece."""

    class_code = PlainTextField(max_length=20)
    pieces_per_cycle = WholeNumberField(required=False, min_value=1, max_value=MOST_PIECES)
    cycle_s = WholeNumberField(required=False, min_value=1, max_value=MOST_S)
    seconds_per_piece = WholeNumberField(required=False, min_value=1, max_value=MOST_S)


class StepRequest(StrictSerializer):
    """One operation, in its place."""

    process = serializers.ChoiceField(Process.choices)
    options: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=OptionRequest(), required=False, max_length=MOST_STEPS
    )
    family_code = PlainTextField(max_length=80, required=False)
    setup_min = WholeNumberField(required=False, min_value=0, max_value=MOST_S)
    fixed_min = WholeNumberField(required=False, min_value=0, max_value=MOST_S)
    seconds_per_piece = WholeNumberField(required=False, min_value=0, max_value=MOST_S)
    clock = serializers.ChoiceField(StepClock.choices, required=False)
    transfer_pieces = WholeNumberField(required=False, min_value=1, max_value=MOST_PIECES)


class RoutingRequest(StrictSerializer):
    """A way to make the product. `bom`: kg per piece by material code."""

    variant = PlainTextField(max_length=20)
    steps: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=StepRequest(), min_length=1, max_length=MOST_STEPS
    )
    bom = serializers.DictField(child=ExactDecimalField(max_digits=12, decimal_places=6, min_value=0), required=False)


class ProductRequest(StrictSerializer):
    """A product of the firm with its routings, the preferred first."""

    code = PlainTextField(max_length=30)
    name_zh = PlainTextField(max_length=120)
    name_en = PlainTextField(max_length=120, required=False)
    form = PlainTextField(max_length=20)
    length_mm = WholeNumberField(min_value=1, max_value=MOST_MM)
    width_mm = WholeNumberField(required=False, allow_null=True, min_value=1, max_value=MOST_MM)
    thickness_mm = WholeNumberField(min_value=1, max_value=MOST_MM)
    unit_mass_g = WholeNumberField(min_value=1, max_value=MOST_G)
    grade_code = PlainTextField(max_length=40)
    colour = PlainTextField(max_length=20)
    needs = PlainTextField(max_length=20, required=False)
    external_ref = PlainTextField(max_length=80, required=False, allow_null=True)
    routings: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RoutingRequest(), min_length=1, max_length=MOST_ROUTINGS
    )


class KnownProductRequest(ProductRequest):
    """A product that may be there already: without routings those that it has stay."""

    routings: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=RoutingRequest(), required=False, default=list, max_length=MOST_ROUTINGS
    )


def product_draft(asked: dict[str, Any]) -> ProductDraft:
    """The draft that a valid ProductRequest describes."""
    routings = [
        RoutingDraft(
            variant=routing["variant"],
            steps=[
                StepDraft(**(step | {"options": [OptionDraft(**option) for option in step.get("options", [])]}))
                for step in routing["steps"]
            ],
            bom=routing.get("bom", {}),
        )
        for routing in asked["routings"]
    ]
    return ProductDraft(**(asked | {"routings": routings}))
