"""Which supplier may quote for which material, and on what evidence. A supplier is a firm of its own kind."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import not_blank, plausible_days
from mes.core.feed import Feed
from mes.core.models import Record
from mes.core.tenancy import READ, THE_FIRM, WRITE, Office, Tenancy, system
from mes.files.models import StoredFile
from mes.firms.models import Firm
from procurement.suppliers.choices import QualificationStatus

MOST_REASON = 200

# Columns are named in full, as PostgreSQL prints them: a test compares the two.
BUYS = f"EXISTS (SELECT FROM firms_firm WHERE firms_firm.id = {THE_FIRM} AND firms_firm.status = 'member')"


class SupplierQualification(Record):
    """A supplier asks to be qualified for a material with a certificate; the association decides with its reason.

    Members see who is qualified: they choose whose resin they take.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=("SELECT", "INSERT"),
        firm_condition=f"(supplier_id = {THE_FIRM} OR (status = 'qualified' AND {BUYS}))",
        firm_write_condition=f"supplier_id = {THE_FIRM}",
        staff=WRITE,
        planner=READ,
        exchange=READ,
        owner="supplier_id",
        office=Office.ROUND,
    )

    feed: ClassVar[Feed] = Feed(
        "qualification",
        resource="rounds",
        path="qualifications/{id}",
        shows={"supplier_id": ("material_id", "status", "valid_until")},
    )

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        _("status"), max_length=10, choices=QualificationStatus.choices, default=QualificationStatus.PROPOSED
    )
    evidence = models.ForeignKey(
        StoredFile, verbose_name=_("evidence"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "material"], name="qualified_once_per_material"),
            models.CheckConstraint(
                condition=Q(status__in=QualificationStatus.values), name="qualification_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["refused", "suspended"]) | not_blank("reason"), name="qualification_has_reason"
            ),
            models.CheckConstraint(condition=plausible_days("valid_until"), name="qualification_day_plausible"),
        ]

    def __str__(self) -> str:
        return str(self.get_status_display())
