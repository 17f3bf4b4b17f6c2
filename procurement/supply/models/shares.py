"""What firms get of delivered lots, and what they accept that is not as specified."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_times
from mes.core.feed import Feed
from mes.core.models import Record
from mes.core.tenancy import READ, WRITE, Office, Tenancy, private, two_party
from mes.firms.models import Firm
from mes.lots.models import Lot
from procurement.rounds.models import MOST_KG, MOST_REASON
from procurement.supply.choices import ConcessionStatus
from procurement.supply.models.agreements import FirmOrder
from procurement.supply.models.deliveries import MOST_BAGS, MOST_TEXT, DeliveryLot

_BOTH = ("order_id", "lot_number", "produced_on", "conceded", "bags", "kg", "allocated_at")


class LotAllocation(Record):
    """What a firm's order gets of a lot. `kg`: what it pays for, its part of the lot's weight; bags are counted.

    `lot_number`, `produced_on`, `conceded`: as of the lot, which the firm does not read. `kernel_lot`: the firm's own
    lot, once it has taken the bags in.
    """

    tenancy: ClassVar[Tenancy] = two_party(
        giver="firm_id", doer="seller_id", owners={"lot": "", "kernel_lot": "firm_id"}, office=Office.ROUND
    )

    feed: ClassVar[Feed] = Feed(
        "resin_lot",
        resource="rounds",
        path="resin-lots/{id}",
        shows={"firm_id": (*_BOTH, "kernel_lot_id"), "seller_id": _BOTH},
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(
        Firm, verbose_name=_("seller"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lot = models.ForeignKey(
        DeliveryLot, verbose_name=_("delivered lot"), on_delete=models.PROTECT, related_name="allocations"
    )
    order = models.ForeignKey(
        FirmOrder, verbose_name=_("order of a firm"), on_delete=models.PROTECT, related_name="lots"
    )
    bags = models.PositiveIntegerField(_("bags"))
    kg = models.PositiveBigIntegerField(_("kg"))
    allocated_at = models.DateTimeField(_("allocated"))
    lot_number = models.CharField(_("producer's lot"), max_length=MOST_TEXT)
    produced_on = models.DateField(_("produced on"), null=True, blank=True)
    conceded = models.BooleanField(_("by concession"), default=False)
    kernel_lot = models.OneToOneField(
        Lot, verbose_name=_("lot"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("part of a lot")
        verbose_name_plural = _("parts of lots")
        constraints = [
            models.UniqueConstraint(fields=["lot", "order"], name="lot_allocated_once_per_order"),
            models.CheckConstraint(
                condition=between(1, MOST_BAGS, "bags") & between(1, MOST_KG, "kg"), name="lot_allocation_not_empty"
            ),
            models.CheckConstraint(condition=plausible_times("allocated_at"), name="lot_allocated_plausible"),
        ]

    def __str__(self) -> str:
        return self.lot_number


class Concession(Record):
    """A firm is asked whether it takes a lot that is not as specified, and why it should."""

    tenancy: ClassVar[Tenancy] = private(
        firm=READ, staff=READ, planner=READ, exchange=WRITE, office=Office.ROUND, owners={"lot": ""}
    )

    feed: ClassVar[Feed] = Feed(
        "resin_concession",
        resource="rounds",
        path="resin-concessions/{id}",
        shows={"firm_id": ("order_id", "status", "reason", "lot_number", "answered_at")},
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(
        DeliveryLot, verbose_name=_("delivered lot"), on_delete=models.PROTECT, related_name="concessions"
    )
    order = models.ForeignKey(
        FirmOrder, verbose_name=_("order of a firm"), on_delete=models.PROTECT, related_name="concessions"
    )
    lot_number = models.CharField(_("producer's lot"), max_length=MOST_TEXT)
    reason = models.CharField(_("reason"), max_length=MOST_REASON)
    status = models.CharField(
        _("status"), max_length=8, choices=ConcessionStatus.choices, default=ConcessionStatus.ASKED
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("concession")
        verbose_name_plural = _("concessions")
        constraints = [
            models.UniqueConstraint(fields=["lot", "firm"], name="concession_once_per_lot"),
            models.CheckConstraint(condition=not_blank("reason", "lot_number"), name="concession_has_reason"),
            models.CheckConstraint(condition=Q(status__in=ConcessionStatus.values), name="concession_status_known"),
            models.CheckConstraint(
                condition=Q(status="asked", answered_at=None) | (~Q(status="asked") & Q(answered_at__isnull=False)),
                name="answered_concession_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.lot_number
