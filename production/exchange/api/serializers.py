"""Proposals: each party reads its own columns, and what is proposed to both."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mes.core.api.fields import PageQuery
from mes.core.units import GRAMS_PER_KG
from production.plans.choices import ProposalStatus
from production.plans.models import Proposal


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """Needs the reading actor in the context. The line is the giver's to read, the start on the machines the doer's."""

    product_code = serializers.CharField(source="product.code")
    fee_cny_per_t = serializers.DecimalField(source="terms.fee_cny_per_t", max_digits=12, decimal_places=2)
    fee_cny = serializers.DecimalField(source="terms.fee_cny", max_digits=14, decimal_places=2)

    class Meta:
        model = Proposal
        fields = (
            "id", "status", "product_code", "specification", "pieces", "finish_at", "material_from", "expires_at",
            "answered_at", "fee_cny_per_t", "fee_cny",
        )  # fmt: skip

    def to_representation(self, instance: Proposal) -> dict[str, Any]:
        shown = super().to_representation(instance)
        shown["weight_kg"] = str(instance.weight_g / GRAMS_PER_KG)
        agreed = {"giver": instance.giver_agreed_at is not None, "doer": instance.doer_agreed_at is not None}
        if self.context["actor"].firm_id == instance.giver_id:
            own = {"side": "giver", "other_firm": instance.doer.code, "sales_order_line_id": str(instance.line_id)}
        else:
            starts_at = serializers.DateTimeField().to_representation(instance.starts_at)
            own = {"side": "doer", "other_firm": instance.giver.code, "starts_at": starts_at}
        return shown | own | {"agreed": agreed}


class ProposalsQuery(PageQuery):
    status = serializers.ChoiceField(ProposalStatus.choices, required=False)
