"""Qualifications as suppliers and members read them."""

from __future__ import annotations

from rest_framework import serializers

from mes.core.api.fields import DayField, PlainTextField, StrictSerializer
from procurement.suppliers.choices import QualificationStatus
from procurement.suppliers.models import SupplierQualification

_MOST_MATERIAL_CODE = 30


class QualificationSerializer(serializers.ModelSerializer[SupplierQualification]):
    supplier_code = serializers.CharField(source="supplier.code")
    material_code = serializers.CharField(source="material.code")
    status = serializers.ChoiceField(QualificationStatus.choices)

    class Meta:
        model = SupplierQualification
        fields = ("id", "supplier_code", "material_code", "status", "valid_until", "created_at")


class QualificationRequest(StrictSerializer):
    """`evidence_id`: a file of the supplier's own."""

    material_code = PlainTextField(max_length=_MOST_MATERIAL_CODE)
    evidence_id = serializers.UUIDField(required=False, allow_null=True)
    valid_until = DayField(required=False, allow_null=True)
