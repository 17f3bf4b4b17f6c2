"""What was really made: an append-only ledger. A correction is a reversing row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between
from mes.core.models import Record
from mes.core.tenancy import APPEND, Tenancy, private
from mes.firms.models import Firm
from orders.sales.models import MOST_PIECES
from production.plans.models import MachineRun


class ProductionReport(Record):
    """Good and scrapped pieces of a machine run. What leaves the last step is booked on the order line as well."""

    tenancy: ClassVar[Tenancy] = private(firm=APPEND)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    run = models.ForeignKey(MachineRun, verbose_name=_("machine run"), on_delete=models.PROTECT, related_name="reports")
    good_pieces = models.IntegerField(_("good pieces"))
    scrap_pieces = models.IntegerField(_("scrapped pieces"), default=0)
    reported_at = models.DateTimeField(_("reported"))
    reported_by = models.UUIDField(_("user"), null=True)

    class Meta:
        verbose_name = _("production report")
        verbose_name_plural = _("production reports")
        constraints = [
            models.CheckConstraint(condition=~Q(good_pieces=0, scrap_pieces=0), name="report_not_empty"),
            models.CheckConstraint(
                condition=between(-MOST_PIECES, MOST_PIECES, "good_pieces", "scrap_pieces"), name="report_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.good_pieces}"
