"""Proposals: each party reads its own columns, and what is proposed to both."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localtime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mes.catalog.api.serializers import SpecificationSerializer
from mes.core.api.fields import DECIMAL, FollowedQuery
from mes.core.units import kg_of
from orders.outsourcing.choices import Side
from production.machines.choices import MaterialFrom
from production.plans.choices import ProposalStatus
from production.plans.models import Proposal


class AgreedSerializer(serializers.ModelSerializer[Proposal]):
    """Which side has said yes."""

    giver = serializers.SerializerMethodField()
    doer = serializers.SerializerMethodField()

    class Meta:
        model = Proposal
        fields = ("giver", "doer")

    def get_giver(self, proposal: Proposal) -> bool:
        return proposal.giver_agreed_at is not None

    def get_doer(self, proposal: Proposal) -> bool:
        return proposal.doer_agreed_at is not None


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """What the reading party sees. `sales_order_line_id` is the giver's to read and null for the doer; `starts_at`, on
    the doer's machines, is null for the giver. `finish_at` is at the giver's gate. A signed one names its outsource
    order.
    """

    side = serializers.SerializerMethodField()
    other_firm = serializers.SerializerMethodField()
    sales_order_line_id = serializers.SerializerMethodField()
    starts_at = serializers.SerializerMethodField()
    outsource_order_id = serializers.UUIDField(allow_null=True)
    agreed = AgreedSerializer(source="*")
    product_code = serializers.CharField(source="product.code")
    specification = SpecificationSerializer()
    weight_kg = serializers.SerializerMethodField()
    material_from = serializers.ChoiceField(MaterialFrom.choices)
    fee_cny_per_t = serializers.DecimalField(source="terms.fee_cny_per_t", max_digits=12, decimal_places=2)
    fee_cny = serializers.DecimalField(source="terms.fee_cny", max_digits=14, decimal_places=2)

    class Meta:
        model = Proposal
        fields = (
            "id", "side", "other_firm", "sales_order_line_id", "status", "agreed", "product_code", "specification",
            "pieces", "weight_kg", "starts_at", "finish_at", "material_from", "expires_at", "answered_at",
            "fee_cny_per_t", "fee_cny", "outsource_order_id",
        )  # fmt: skip

    def get_side(self, proposal: Proposal) -> Side:
        return Side.GIVER if self._is_giver(proposal) else Side.DOER

    def get_other_firm(self, proposal: Proposal) -> str:
        return proposal.doer.code if self._is_giver(proposal) else proposal.giver.code

    def get_sales_order_line_id(self, proposal: Proposal) -> UUID | None:
        return proposal.line_id if self._is_giver(proposal) else None

    def get_starts_at(self, proposal: Proposal) -> datetime | None:
        return None if self._is_giver(proposal) else localtime(proposal.starts_at)

    @extend_schema_field(DECIMAL)
    def get_weight_kg(self, proposal: Proposal) -> str:
        return str(kg_of(proposal.weight_g))

    def _is_giver(self, proposal: Proposal) -> bool:
        return bool(self.context["actor"].firm_id == proposal.giver_id)


class ProposalsQuery(FollowedQuery):
    """Filter of the list."""

    status = serializers.ChoiceField(ProposalStatus.choices, required=False)
    sales_order_line_id = serializers.UUIDField(source="line_id", required=False)
