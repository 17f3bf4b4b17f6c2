"""What follows an award, as firms and suppliers read and write it. Quantities in kg, prices in thousandths of a fen per
tonne, without VAT, delivered, cash.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.core.api.fields import (
    DECIMAL,
    DayField,
    ExactDecimalField,
    FollowedQuery,
    PlainTextField,
    StrictSerializer,
    WholeNumberField,
    instant_text,
)
from procurement.rounds.models import MOST_KG, MOST_REASON
from procurement.supply.choices import (
    ClaimKind,
    ClaimStatus,
    ConcessionStatus,
    DeliveryStatus,
    LotStatus,
    OrderStatus,
    Property,
    Verdict,
    WeightBasis,
)
from procurement.supply.models import (
    MOST_BAGS,
    MOST_TEXT,
    CertificateValue,
    Claim,
    Concession,
    Delivery,
    DeliveryLot,
    FirmOrder,
    FrameworkAgreement,
    LotAllocation,
)
from procurement.supply.models.agreements import MOST_CONTRACT
from procurement.supply.models.claims import MOST_CLAIM_FEN
from procurement.supply.models.quality import MOST_VALUE
from procurement.supply.services.certificates import MOST_VALUES
from procurement.supply.services.deliveries import MOST_LOTS, dispute_until

_MOST_LOT_CODE = 40
_PLACES = 4


class ResinAgreementSerializer(serializers.ModelSerializer[FrameworkAgreement]):
    """Within `tolerance_permille` of the supplier's ticket the weight of `basis_within` is paid, else that of
    `basis_beyond`; the supplier may dispute a weight for `dispute_h` hours. The price is that of later call-offs.
    """

    supplier = serializers.CharField(source="supplier.code")
    material_code = serializers.CharField(source="material.code")
    basis_within = serializers.ChoiceField(WeightBasis.choices)
    basis_beyond = serializers.ChoiceField(WeightBasis.choices)

    class Meta:
        model = FrameworkAgreement
        fields = (
            "id", "supplier", "material_code", "bag_kg", "price_mfen_per_t", "price_terms", "from_on", "until_on",
            "tolerance_permille", "basis_within", "basis_beyond", "dispute_h", "created_at",
        )  # fmt: skip


class ResinOrderSerializer(serializers.ModelSerializer[FirmOrder]):
    """What a firm orders of a supplier, at the supplier's own price. `contract_number`: once the firm has signed; only
    then its supplier reads the order.
    """

    firm = serializers.CharField(source="firm.code")
    supplier = serializers.CharField(source="supplier.code")
    material_code = serializers.CharField(source="agreement.material.code")
    status = serializers.ChoiceField(OrderStatus.choices)

    class Meta:
        model = FirmOrder
        fields = (
            "id", "number", "agreement_id", "firm", "supplier", "material_code", "kg", "price_mfen_per_t", "wanted_on",
            "status", "contract_number", "signed_at", "reason", "created_at",
        )  # fmt: skip


class CallOffRequest(StrictSerializer):
    """More under an agreement under which the firm has ordered: whole bags, on a day of its term."""

    agreement_id = serializers.UUIDField()
    kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    wanted_on = DayField()


class SignRequest(StrictSerializer):
    """The number of the firm's contract."""

    contract_number = PlainTextField(max_length=MOST_CONTRACT)


class CertificateValueSerializer(serializers.ModelSerializer[CertificateValue]):
    """`equation`: behind a molecular weight; values by different ones are not compared. `retest`: measured again by the
    association.
    """

    property = serializers.ChoiceField(Property.choices)
    value = serializers.SerializerMethodField(method_name="get_plain_value")

    class Meta:
        model = CertificateValue
        fields = ("property", "value", "unit", "method", "equation", "retest")

    @extend_schema_field(DECIMAL)
    def get_plain_value(self, row: CertificateValue) -> str:
        return f"{row.value.normalize():f}"


class JudgedSerializer(serializers.Serializer[Any]):
    """A limit of the material beside the value that it judges; null: nothing was measured that it could judge."""

    property = serializers.ChoiceField(Property.choices)
    method = serializers.CharField()
    least = serializers.DecimalField(14, _PLACES, allow_null=True)
    most = serializers.DecimalField(14, _PLACES, allow_null=True)
    value = serializers.DecimalField(14, _PLACES, allow_null=True)
    verdict = serializers.ChoiceField(Verdict.choices)


class DeliveryLotSerializer(serializers.ModelSerializer[DeliveryLot]):
    """`kg`: the lot's part of the weight paid. `accepted_bags`: what firms got; the rest goes back."""

    status = serializers.ChoiceField(LotStatus.choices)
    off_specification = serializers.ListField(child=serializers.ChoiceField(Property.choices))
    values = CertificateValueSerializer(many=True)

    class Meta:
        model = DeliveryLot
        fields = (
            "id", "lot_number", "produced_on", "bags", "status", "kg", "accepted_bags", "accepted_kg",
            "off_specification", "reason", "certificate_sha256", "values",
        )  # fmt: skip


class ResinDeliverySerializer(serializers.ModelSerializer[Delivery]):
    """`settled_kg`: the weight that is paid, on the `basis` of the agreement's rule; null while a third party's is
    wanted. `dispute_until`: until when the supplier may dispute it.
    """

    material_code = serializers.CharField(source="agreement.material.code")
    status = serializers.ChoiceField(DeliveryStatus.choices)
    net_kg = serializers.IntegerField(allow_null=True)
    basis = serializers.SerializerMethodField()
    dispute_until = serializers.SerializerMethodField()
    lots = DeliveryLotSerializer(many=True)

    class Meta:
        model = Delivery
        fields = (
            "id", "agreement_id", "material_code", "number", "expected_on", "bags", "ticket_kg", "status", "gross_kg",
            "tare_kg", "net_kg", "ticket_number", "weighed_at", "dispute_until", "third_kg", "basis", "settled_kg",
            "settled_at", "reason", "lots", "created_at",
        )  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(WeightBasis.choices, allow_null=True))
    def get_basis(self, row: Delivery) -> str | None:
        return row.basis or None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_dispute_until(self, row: Delivery) -> str | None:
        return instant_text(None if row.weighed_at is None else dispute_until(delivery=row, weighed_at=row.weighed_at))


class LotRequest(StrictSerializer):
    lot_number = PlainTextField(max_length=MOST_TEXT)
    bags = WholeNumberField(min_value=1, max_value=MOST_BAGS)
    produced_on = DayField(required=False, allow_null=True)


class DeliveryRequest(StrictSerializer):
    """`number`: of the delivery note. `ticket_kg`: net, by the supplier's scales."""

    number = PlainTextField(max_length=MOST_TEXT)
    expected_on = DayField()
    ticket_kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    lots: Any = serializers.ListSerializer(child=LotRequest(), max_length=MOST_LOTS)


class ReasonRequest(StrictSerializer):
    reason = PlainTextField(max_length=MOST_REASON)


class ValueRequest(StrictSerializer):
    """In the property's own unit. `equation`: of a molecular weight, and of nothing else."""

    property = serializers.ChoiceField(Property.choices)
    value = ExactDecimalField(max_digits=14, decimal_places=_PLACES, min_value=0, max_value=MOST_VALUE)
    unit = PlainTextField(max_length=12)
    method = PlainTextField(max_length=MOST_TEXT)
    equation = PlainTextField(max_length=MOST_TEXT, required=False, allow_blank=True)


class CertificateRequest(StrictSerializer):
    """All that the certificate states. `certificate_id`: a file of the supplier's own."""

    certificate_id = serializers.UUIDField(required=False, allow_null=True)
    values: Any = serializers.ListSerializer(child=ValueRequest(), max_length=MOST_VALUES)


class ResinLotSerializer(serializers.ModelSerializer[LotAllocation]):
    """What the firm's order got of a lot: `bags` counted, `kg` paid. `lot_id`: the firm's own lot, once taken in."""

    firm = serializers.CharField(source="firm.code")
    supplier = serializers.CharField(source="order.supplier.code")
    material_code = serializers.CharField(source="order.agreement.material.code")
    lot_id = serializers.UUIDField(source="kernel_lot_id", allow_null=True)
    values = CertificateValueSerializer(source="certified", many=True)
    judged = JudgedSerializer(many=True)

    class Meta:
        model = LotAllocation
        fields = (
            "id", "order_id", "firm", "supplier", "material_code", "lot_number", "produced_on", "bags", "kg",
            "conceded", "allocated_at", "lot_id", "values", "judged", "created_at",
        )  # fmt: skip


class TakeInRequest(StrictSerializer):
    """`code`: the firm's own lot number; without, its next one."""

    code = PlainTextField(max_length=_MOST_LOT_CODE, required=False, allow_null=True)


class ConcessionSerializer(serializers.ModelSerializer[Concession]):
    """A lot that is not as specified, and why the firm is asked to take its part of it."""

    material_code = serializers.CharField(source="order.agreement.material.code")
    status = serializers.ChoiceField(ConcessionStatus.choices)
    values = CertificateValueSerializer(source="certified", many=True)
    judged = JudgedSerializer(many=True)

    class Meta:
        model = Concession
        fields = (
            "id", "order_id", "material_code", "lot_number", "reason", "status", "answered_at", "values", "judged",
            "created_at",
        )  # fmt: skip


class ResinClaimSerializer(serializers.ModelSerializer[Claim]):
    """A firm's claim about its order, or the association's (without a firm) about a delivery. `settled_fen`: what the
    supplier pays.
    """

    firm = serializers.CharField(source="firm.code", allow_null=True, default=None)
    supplier = serializers.CharField(source="supplier.code")
    lot_id = serializers.UUIDField(source="lot_part_id", allow_null=True)
    kind = serializers.ChoiceField(ClaimKind.choices)
    status = serializers.ChoiceField(ClaimStatus.choices)

    class Meta:
        model = Claim
        fields = (
            "id", "firm", "supplier", "order_id", "lot_id", "delivery_id", "kind", "status", "kg", "amount_fen",
            "reason", "settled_fen", "answer", "ended_at", "created_at",
        )  # fmt: skip


class ClaimRequest(StrictSerializer):
    """`lot_id`: a part of a lot that the order got (`/resin-lots`). `amount_fen`: without VAT."""

    order_id = serializers.UUIDField()
    lot_id = serializers.UUIDField(required=False, allow_null=True)
    kind = serializers.ChoiceField(ClaimKind.choices)
    kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    amount_fen = WholeNumberField(min_value=0, max_value=MOST_CLAIM_FEN)
    reason = PlainTextField(max_length=MOST_REASON)


class ResinQuery(FollowedQuery):
    """Query of a list of what follows an award."""
