from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import between, plausible_times
from mes.core.models import Record
from mes.core.tenancy import APPEND, Tenancy, private
from mes.firms.models import Firm
from mes.lots.models import Lot
from production.machines.choices import MovementReason

MOST_G = 10**11  # a hundred thousand tonnes: more is a slip of units


class StockMovement(Record):
    """Material that came or went, in grams, out negative. A ledger: a correction is another row.

    `available_at` lies in the future for an arrival on its way.
    """

    tenancy: ClassVar[Tenancy] = private(firm=APPEND)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT)
    lot = models.ForeignKey(Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT)
    mass_g = models.BigIntegerField(_("mass, g"))
    available_at = models.DateTimeField(_("available"))
    reason = models.CharField(_("reason"), max_length=12, choices=MovementReason.choices)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=(MovementReason.OPENING, MovementReason.ARRIVAL), mass_g__gt=0)
                | Q(reason=MovementReason.CONSUMPTION, mass_g__lt=0)
                | (Q(reason=MovementReason.CORRECTION) & ~Q(mass_g=0)),
                name="movement_sign_fits_reason",
            ),
            models.CheckConstraint(condition=between(-MOST_G, MOST_G, "mass_g"), name="movement_in_range"),
            models.CheckConstraint(condition=plausible_times("available_at"), name="movement_plausible"),
        ]
        indexes = [models.Index(fields=["firm", "material"], name="stock_by_firm_and_material")]

    def __str__(self) -> str:
        return f"{self.mass_g}"
