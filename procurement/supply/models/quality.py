"""What a certificate states of a lot, and what the material must keep to."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import between, not_blank
from mes.core.feed import PartOf, Through
from mes.core.models import Record
from mes.core.tenancy import ALL, APPEND, READ, THE_FIRM, Office, Tenancy, public, system
from mes.firms.models import Firm
from procurement.supply.choices import Property
from procurement.supply.models.deliveries import MOST_TEXT, DeliveryLot

MOST_VALUE = Decimal(10**9)

# Columns are named in full, as PostgreSQL prints them: a test compares the two.
_GETS = (
    "EXISTS (SELECT FROM supply_lotallocation WHERE supply_lotallocation.lot_id = supply_certificatevalue.lot_id"
    f" AND supply_lotallocation.firm_id = {THE_FIRM})"
)
_IS_ASKED = (
    "EXISTS (SELECT FROM supply_concession WHERE supply_concession.lot_id = supply_certificatevalue.lot_id"
    f" AND supply_concession.firm_id = {THE_FIRM})"
)


class ResinLimit(Record):
    """What a material must keep to. With a method (or an equation) it judges only what was measured by it."""

    tenancy: ClassVar[Tenancy] = public()

    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT, related_name="+")
    property = models.CharField(_("property"), max_length=24, choices=Property.choices)
    method = models.CharField(_("method"), max_length=MOST_TEXT, blank=True, default="")
    least = models.DecimalField(_("at least"), max_digits=14, decimal_places=4, null=True, blank=True)
    most = models.DecimalField(_("at most"), max_digits=14, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("limit of a resin")
        verbose_name_plural = _("limits of resins")
        constraints = [
            models.UniqueConstraint(fields=["material", "property", "method"], name="resin_limit_once"),
            models.CheckConstraint(condition=Q(property__in=Property.values), name="resin_limit_property_known"),
            models.CheckConstraint(
                condition=(Q(least__isnull=False) | Q(most__isnull=False))
                & (Q(least=None) | between(0, MOST_VALUE, "least"))
                & (Q(most=None) | between(0, MOST_VALUE, "most"))
                & (Q(least=None) | Q(most=None) | Q(least__lte=F("most"))),
                name="resin_limit_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_property_display())


class CertificateValue(Record):
    """One property of a lot as measured, in the property's own unit. Changed while the lot is in quarantine only.

    A molecular weight rests on an equation: values by different ones cannot be compared. `retest`: measured again by
    the association.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=ALL,
        firm_condition=f"(supplier_id = {THE_FIRM} OR {_GETS} OR {_IS_ASKED})",
        firm_write_condition=f"supplier_id = {THE_FIRM} AND NOT retest",
        staff=APPEND,
        staff_write_condition="retest",
        planner=READ,
        exchange=READ,
        owner="supplier_id",
        office=Office.ROUND,
    )

    feed: ClassVar[PartOf] = PartOf(
        "resin_delivery",
        key="lot_id",
        shows={"supplier_id": ("property", "value", "unit", "method", "equation", "retest")},
        through=Through("supply_deliverylot", on="id", key="delivery_id"),
    )

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(
        DeliveryLot, verbose_name=_("delivered lot"), on_delete=models.PROTECT, related_name="values"
    )
    property = models.CharField(_("property"), max_length=24, choices=Property.choices)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=12)
    method = models.CharField(_("method"), max_length=MOST_TEXT)
    equation = models.CharField(_("equation"), max_length=MOST_TEXT, blank=True, default="")
    retest = models.BooleanField(_("measured again"), default=False)

    class Meta:
        verbose_name = _("value of a certificate")
        verbose_name_plural = _("values of certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "property", "method", "equation", "retest"], name="certificate_value_once"
            ),
            models.CheckConstraint(condition=Q(property__in=Property.values), name="certificate_property_known"),
            models.CheckConstraint(
                condition=between(0, MOST_VALUE, "value") & not_blank("unit", "method"), name="certificate_value_said"
            ),
            models.CheckConstraint(
                condition=~Q(property=Property.MOLECULAR_WEIGHT) | not_blank("equation"),
                name="molecular_weight_names_equation",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_property_display())
