"""What a supplier brings: the load with its weights, and the lots in it. Read by the supplier and the association."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.feed import Feed, PartOf
from mes.core.models import Record
from mes.core.tenancy import APPEND, CHANGE, READ, THE_FIRM, WRITE, Office, Tenancy, system
from mes.files.models import StoredFile
from mes.firms.models import Firm
from procurement.rounds.models import MOST_KG, MOST_REASON
from procurement.supply.choices import DeliveryStatus, LotStatus, WeightBasis
from procurement.supply.models.agreements import FrameworkAgreement

MOST_BAGS = 1_000_000
MOST_TEXT = 60
_OWN = f"supplier_id = {THE_FIRM}"


class Delivery(Record):
    """One load under an agreement. Bags are counted, the weighbridge checks them.

    `ticket_kg`: net, as the supplier weighed. `settled_kg`: what is paid, by the agreement's tolerance, on the basis
    of `basis`; None while a third party's weight is wanted. `third_kg`: net, by a third party.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=APPEND, firm_condition=_OWN, staff=WRITE, planner=READ, exchange=CHANGE,
        owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    feed: ClassVar[Feed] = Feed(
        "resin_delivery",
        resource="rounds",
        path="resin-deliveries/{id}",
        shows={
            "supplier_id": (
                "number", "status", "expected_on", "bags", "ticket_kg", "gross_kg", "tare_kg", "ticket_number",
                "weighed_at", "third_kg", "basis", "settled_kg", "agreement_id", "reason", "settled_at",
            )
        },
    )  # fmt: skip

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(
        FrameworkAgreement, verbose_name=_("framework agreement"), on_delete=models.PROTECT, related_name="deliveries"
    )
    number = models.CharField(_("delivery note"), max_length=MOST_TEXT)
    expected_on = models.DateField(_("expected on"))
    bags = models.PositiveIntegerField(_("bags"))
    ticket_kg = models.PositiveBigIntegerField(_("supplier's ticket, kg"))
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.ANNOUNCED
    )
    gross_kg = models.PositiveBigIntegerField(_("gross, kg"), null=True, blank=True)
    tare_kg = models.PositiveBigIntegerField(_("tare, kg"), null=True, blank=True)
    ticket_number = models.CharField(_("weighbridge ticket"), max_length=MOST_TEXT, blank=True, default="")
    weighed_at = models.DateTimeField(_("weighed"), null=True, blank=True)
    third_kg = models.PositiveBigIntegerField(_("third party's weight, kg"), null=True, blank=True)
    basis = models.CharField(_("weight paid"), max_length=12, choices=WeightBasis.choices, blank=True, default="")
    settled_kg = models.PositiveBigIntegerField(_("weight paid, kg"), null=True, blank=True)
    settled_at = models.DateTimeField(_("weight settled"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "number"], name="delivery_note_once_per_supplier"),
            models.CheckConstraint(condition=not_blank("number"), name="delivery_has_number"),
            models.CheckConstraint(condition=Q(status__in=DeliveryStatus.values), name="delivery_status_known"),
            models.CheckConstraint(
                condition=between(1, MOST_BAGS, "bags") & between(1, MOST_KG, "ticket_kg")
                & (Q(third_kg=None) | between(1, MOST_KG, "third_kg"))
                & (Q(settled_kg=None) | between(1, MOST_KG, "settled_kg")),
                name="delivery_in_range",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["announced", "cancelled"], gross_kg=None, tare_kg=None, weighed_at=None)
                | (
                    Q(gross_kg__gt=F("tare_kg"), gross_kg__lte=MOST_KG, tare_kg__gt=0, weighed_at__isnull=False)
                    & not_blank("ticket_number")
                ),
                name="weighed_delivery_has_ticket",
            ),
            models.CheckConstraint(
                condition=~Q(status=DeliveryStatus.SETTLED)
                | Q(settled_kg__isnull=False, settled_at__isnull=False, basis__in=WeightBasis.values),
                name="settled_delivery_has_weight",
            ),
            models.CheckConstraint(
                condition=plausible_days("expected_on") & plausible_times("weighed_at", "settled_at"),
                name="delivery_days_plausible",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def net_kg(self) -> int | None:
        """As received: gross less tare; None before it was weighed."""
        return None if self.gross_kg is None or self.tare_kg is None else self.gross_kg - self.tare_kg


class DeliveryLot(Record):
    """Bags of one producer's lot in a delivery. `kg`: its part of the weight paid, once that is settled.

    `accepted_bags`, `accepted_kg`: what firms got of it, set with the allocations, never without; the rest goes back.
    `off_specification`: the properties outside their limits when it was decided.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=APPEND, firm_condition=_OWN, staff=WRITE, planner=READ, exchange=CHANGE,
        owner="supplier_id", office=Office.ROUND,
    )  # fmt: skip

    feed: ClassVar[PartOf] = PartOf(
        "resin_delivery",
        key="delivery_id",
        shows={
            "supplier_id": (
                "lot_number", "bags", "status", "kg", "accepted_bags", "accepted_kg", "reason", "certificate_sha256",
                "off_specification", "produced_on",
            )
        },
    )  # fmt: skip

    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, verbose_name=_("delivery"), on_delete=models.PROTECT, related_name="lots")
    lot_number = models.CharField(_("producer's lot"), max_length=MOST_TEXT)
    produced_on = models.DateField(_("produced on"), null=True, blank=True)
    bags = models.PositiveIntegerField(_("bags"))
    certificate = models.ForeignKey(
        StoredFile, verbose_name=_("certificate"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    certificate_sha256 = models.CharField(_("digest of the certificate"), max_length=64, blank=True, default="")
    status = models.CharField(_("status"), max_length=12, choices=LotStatus.choices, default=LotStatus.QUARANTINED)
    kg = models.PositiveBigIntegerField(_("weight paid, kg"), null=True, blank=True)
    accepted_bags = models.PositiveIntegerField(_("bags accepted"), null=True, blank=True)
    accepted_kg = models.PositiveBigIntegerField(_("accepted, kg"), null=True, blank=True)
    off_specification = ArrayField(
        models.CharField(max_length=24), verbose_name=_("outside the limits"), default=list, blank=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("delivered lot")
        verbose_name_plural = _("delivered lots")
        constraints = [
            models.UniqueConstraint(fields=["delivery", "lot_number"], name="lot_once_per_delivery"),
            models.CheckConstraint(condition=not_blank("lot_number"), name="delivered_lot_has_number"),
            models.CheckConstraint(condition=Q(status__in=LotStatus.values), name="delivered_lot_status_known"),
            models.CheckConstraint(
                condition=between(1, MOST_BAGS, "bags") & (Q(kg=None) | Q(kg__lte=MOST_KG)),
                name="delivered_lot_in_range",
            ),
            models.CheckConstraint(
                condition=Q(accepted_bags=None, accepted_kg=None)
                | Q(accepted_bags__lte=F("bags"), accepted_kg__lte=F("kg"), status__in=["released", "conceded"]),
                name="accepted_of_an_accepted_lot",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["conceded", "rejected"]) | not_blank("reason"), name="delivered_lot_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status=LotStatus.RELEASED) | Q(off_specification__len=0), name="released_lot_is_within"
            ),
            models.CheckConstraint(
                condition=plausible_days("produced_on") & plausible_times("decided_at"), name="delivered_lot_plausible"
            ),
        ]

    def __str__(self) -> str:
        return self.lot_number
