"""A lot's identity. What is known of it (certificates, status, genealogy) refers to this row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material, Product
from mes.core.models import Record
from mes.core.tenancy import WRITE, Tenancy, private
from mes.firms.models import Firm
from mes.lots.choices import LotKind


class Lot(Record):
    """One lot of one firm: of a material that it received, or of a product that it made."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    external_ref = models.CharField(_("the firm's own number"), max_length=80, null=True, blank=True)
    code = models.CharField(_("lot number"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=LotKind.choices)
    material = models.ForeignKey(Material, verbose_name=_("material"), null=True, blank=True, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, verbose_name=_("product"), null=True, blank=True, on_delete=models.PROTECT)
    supplier_name = models.CharField(_("supplier"), max_length=80, blank=True, default="")
    supplier_lot = models.CharField(_("supplier's lot number"), max_length=60, blank=True, default="")

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.UniqueConstraint(fields=["firm", "code"], name="lot_code_once_per_firm"),
            models.UniqueConstraint(fields=["firm", "external_ref"], name="lot_ref_once_per_firm"),
            models.CheckConstraint(
                condition=Q(kind=LotKind.MATERIAL, material__isnull=False, product=None)
                | Q(kind=LotKind.PRODUCT, material=None, product__isnull=False),
                name="lot_of_material_or_product",
            ),
        ]

    def __str__(self) -> str:
        return self.code
