from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_times
from mes.core.clock import BusinessNow
from mes.core.feed import Feed, PartOf, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import NONE, READ, Tenancy, private
from mes.firms.models import Firm
from production.machines.choices import AcceptMode, MaterialFrom, OfferStatus
from production.machines.models.machines import Machine

MOST_FEE_CNY_PER_T = 1_000_000
MOST_LEAST_LOT_KG = 1_000_000


class CapacityOffer(Record):
    """Machine time that a firm offers to the others: forming machines, a share of their open time, a window.

    The firm's other machines serve the finishing. The fee stands apart, where the association does not read.
    """

    tenancy: ClassVar[Tenancy] = private(exchange=READ)
    feed: ClassVar[Feed] = Feed(
        "capacity_offer",
        resource="machines",
        path="capacity-offers",
        shows=shown_to_firm(
            "code", "status", "starts_at", "ends_at", "share_pct", "least_lot_kg", "accept", "material_from"
        ),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    code = models.CharField(_("number"), max_length=40)
    status = models.CharField(_("status"), max_length=12, choices=OfferStatus.choices, default=OfferStatus.PUBLISHED)
    published_at = models.DateTimeField(_("published"), db_default=BusinessNow())
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    share_pct = models.PositiveSmallIntegerField(_("share of the machines' open time, %"), default=100)
    least_lot_kg = models.PositiveIntegerField(_("least lot, kg"), default=1000)
    accept = models.CharField(_("acceptance"), max_length=8, choices=AcceptMode.choices, default=AcceptMode.ASK)
    material_from = models.CharField(
        _("material from"), max_length=8, choices=MaterialFrom.choices, default=MaterialFrom.DOER
    )

    class Meta:
        verbose_name = _("capacity offer")
        verbose_name_plural = _("capacity offers")
        constraints = [
            models.UniqueConstraint(fields=["firm", "code"], name="offer_code_once_per_firm"),
            models.CheckConstraint(condition=not_blank("code"), name="offer_has_code"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="offer_ends_after_start"),
            models.CheckConstraint(condition=plausible_times("starts_at", "ends_at"), name="offer_plausible"),
            models.CheckConstraint(condition=between(0, MOST_LEAST_LOT_KG, "least_lot_kg"), name="offer_lot_in_range"),
            models.CheckConstraint(condition=Q(material_from__in=MaterialFrom.values), name="offer_material_known"),
            models.CheckConstraint(condition=Q(share_pct__gte=1, share_pct__lte=100), name="offer_share_in_percent"),
            models.CheckConstraint(condition=Q(status__in=OfferStatus.values), name="offer_status_known"),
            models.CheckConstraint(condition=Q(accept__in=AcceptMode.values), name="offer_accept_known"),
            models.CheckConstraint(
                condition=Q(status=OfferStatus.PUBLISHED, withdrawn_at=None)
                | Q(status=OfferStatus.WITHDRAWN, withdrawn_at__isnull=False),
                name="offer_withdrawn_when",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class OfferedMachine(Record):
    tenancy: ClassVar[Tenancy] = private(exchange=READ)
    feed: ClassVar[PartOf] = PartOf("capacity_offer", key="offer_id", shows=shown_to_firm("machine_id"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    offer = models.ForeignKey(
        CapacityOffer, verbose_name=_("capacity offer"), on_delete=models.CASCADE, related_name="offered_machines"
    )
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), on_delete=models.PROTECT)

    class Meta:
        verbose_name = _("offered machine")
        verbose_name_plural = _("offered machines")
        constraints = [models.UniqueConstraint(fields=["offer", "machine"], name="machine_once_per_offer")]

    def __str__(self) -> str:
        return str(self.machine)


class CapacityOfferTerms(Record):
    """The standing fee per tonne of good product."""

    tenancy: ClassVar[Tenancy] = private(staff=NONE, exchange=READ)
    feed: ClassVar[PartOf] = PartOf("capacity_offer", key="offer_id", shows=shown_to_firm("fee_cny_per_t"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    offer = models.OneToOneField(
        CapacityOffer, verbose_name=_("capacity offer"), on_delete=models.CASCADE, related_name="terms"
    )
    fee_cny_per_t = models.DecimalField(_("fee, CNY per t"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("offer terms")
        verbose_name_plural = _("offer terms")
        constraints = [
            models.CheckConstraint(condition=between(0, MOST_FEE_CNY_PER_T, "fee_cny_per_t"), name="offer_fee_in_range")
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}"
