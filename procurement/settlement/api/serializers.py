"""Invoices and statements of pooled resin. Quantities in kg, amounts in whole fen."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import DayField, FollowedQuery, PlainTextField, StrictSerializer, WholeNumberField
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_KG, MOST_REASON
from procurement.settlement.choices import DepositStatus, FeeKind, Finding, InvoiceStatus
from procurement.settlement.models import MOST_FEN, MOST_NUMBER, MOST_VAT_PERMILLE, Deposit, Invoice, InvoiceLine
from procurement.settlement.selectors.statements import Lot, Statement
from procurement.settlement.services.invoices import MOST_LINES


class InvoicesQuery(FollowedQuery):
    """Query of the invoices."""


class InvoiceLineSerializer(serializers.ModelSerializer[InvoiceLine]):
    """`findings`: why the line is disputed. Differences are the invoice less order and settled weight; null before it
    was matched.
    """

    part_id = serializers.UUIDField()
    lot_number = serializers.CharField(source="part.lot_number")
    findings = serializers.ListField(child=serializers.ChoiceField(Finding.choices))

    class Meta:
        model = InvoiceLine
        fields = (
            "part_id", "lot_number", "kg", "net_fen", "vat_permille", "vat_fen", "net_difference_fen",
            "vat_difference_fen", "findings",
        )  # fmt: skip


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    """An invoice to one firm. `received`: waits for a settled weight; `disputed`: what is wrong stands at its lines."""

    firm = serializers.CharField(source="firm.code")
    supplier = serializers.CharField(source="supplier.code")
    status = serializers.ChoiceField(InvoiceStatus.choices)
    lines = InvoiceLineSerializer(many=True)

    class Meta:
        model = Invoice
        fields = (
            "id", "number", "status", "firm", "supplier", "issued_on", "net_fen", "vat_fen", "gross_fen",
            "received_at", "settled_at", "reason", "lines", "created_at",
        )  # fmt: skip


class InvoiceLineRequest(StrictSerializer):
    """`part_id`: of a lot that the firm got (`/resin-lots`). As the paper says it."""

    part_id = serializers.UUIDField()
    kg = WholeNumberField(min_value=1, max_value=MOST_KG)
    net_fen = WholeNumberField(min_value=1, max_value=MOST_FEN)
    vat_permille = WholeNumberField(min_value=0, max_value=MOST_VAT_PERMILLE)
    vat_fen = WholeNumberField(min_value=0, max_value=MOST_FEN)


class InvoiceRequest(StrictSerializer):
    """One supplier's to one firm, of one round."""

    number = PlainTextField(max_length=MOST_NUMBER)
    issued_on = DayField()
    lines: Any = serializers.ListSerializer(child=InvoiceLineRequest(), max_length=MOST_LINES)


class VoidRequest(StrictSerializer):
    reason = PlainTextField(max_length=MOST_REASON)


class StatementLotSerializer(serializers.Serializer[Lot]):
    """A part of a lot; what is null was not invoiced yet."""

    part_id = serializers.UUIDField(source="part.pk")
    supplier = serializers.CharField(source="part.order.supplier.code")
    line = serializers.IntegerField(source="part.order.line.number")
    material_code = serializers.CharField(source="part.order.line.material.code")
    order_number = serializers.CharField(source="part.order.number")
    lot_number = serializers.CharField(source="part.lot_number")
    kg = serializers.IntegerField(source="part.kg")
    price_mfen_per_t = serializers.IntegerField()
    invoice_id = serializers.SerializerMethodField()
    invoice_number = serializers.SerializerMethodField()
    net_fen = serializers.SerializerMethodField()
    vat_fen = serializers.SerializerMethodField()

    def get_invoice_id(self, lot: Lot) -> str | None:
        return None if lot.line is None else str(lot.line.invoice_id)

    def get_invoice_number(self, lot: Lot) -> str | None:
        return None if lot.line is None else lot.line.invoice.number

    def get_net_fen(self, lot: Lot) -> int | None:
        return None if lot.line is None else lot.line.net_fen

    def get_vat_fen(self, lot: Lot) -> int | None:
        return None if lot.line is None else lot.line.vat_fen


class PassedSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(FeeKind.choices)
    fen = serializers.IntegerField()


class OwedSerializer(serializers.Serializer[Any]):
    supplier = serializers.CharField()
    fen = serializers.IntegerField()


class DepositSerializer(serializers.ModelSerializer[Deposit]):
    order_number = serializers.CharField(source="order.number")
    status = serializers.ChoiceField(DepositStatus.choices)

    class Meta:
        model = Deposit
        fields = ("order_number", "fen", "status", "held_at", "ended_at")


class StatementSerializer(serializers.Serializer[Statement]):
    """What the firm got of a round and what its ledger says of it.

    `goods_fen` is without VAT, with `balancing_fen` (paid or got back so that all pay one price) and less `claims_fen`
    (given by suppliers). `suppliers`: owed to each, with VAT, after claims and deposits. `association_fen`: owed to the
    association for fees and balancing; negative: it owes the firm.
    """

    round_id = serializers.UUIDField(source="round.pk")
    code = serializers.CharField(source="round.code")
    status = serializers.ChoiceField(RoundStatus.choices, source="round.status")
    kg = serializers.IntegerField()
    lots = StatementLotSerializer(many=True)
    goods_fen = serializers.IntegerField()
    balancing_fen = serializers.IntegerField()
    claims_fen = serializers.IntegerField()
    rounding_fen = serializers.IntegerField()
    input_vat_fen = serializers.IntegerField()
    fees = PassedSerializer(many=True)
    suppliers = OwedSerializer(many=True)
    association_fen = serializers.IntegerField()
    deposits = DepositSerializer(many=True)
