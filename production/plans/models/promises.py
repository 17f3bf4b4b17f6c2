from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.catalog.choices import Process
from mes.catalog.models import Product
from mes.core.bounds import between, plausible_times
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import APPEND, CHANGE, NONE, WRITE, Tenancy, private
from mes.firms.models import Firm
from orders.sales.choices import Consent
from orders.sales.models import MOST_CNY_PER_T, MOST_PIECES
from production.machines.models import Machine
from production.plans.choices import PromiseStatus


class Promise(Record):
    """What a firm was told about an order that it may take: a date, or that there is none. It binds nobody.

    A reserved one holds the firm's machine time and material until `reserved_until`; `holds` says which. `in_house`:
    where it would be made and when, as JSON; `lacking`: code and data when there is no such date. `material_g`: grams
    by material code that the reservation holds.
    """

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, planner=CHANGE)
    feed: ClassVar[Feed] = Feed(
        "promise",
        resource="plans",
        path="promises/{id}",
        shows=shown_to_firm("in_house", "lacking", "status", "reserved_until"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.PROTECT)
    pieces = models.PositiveIntegerField(_("pieces"))
    wanted_at = models.DateTimeField(_("wanted"), null=True)
    release_at = models.DateTimeField(_("release"), null=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=1)
    asked_at = models.DateTimeField(_("asked"))
    in_house_at = models.DateTimeField(_("finish in house"), null=True)
    in_house = models.JSONField(_("in house"), null=True)
    lacking = models.JSONField(_("lacking"), null=True)
    status = models.CharField(_("status"), max_length=10, choices=PromiseStatus.choices, default=PromiseStatus.TOLD)
    reserved_until = models.DateTimeField(_("reserved until"), null=True)
    material_g = models.JSONField(_("material, g"), default=dict)

    class Meta:
        verbose_name = pgettext_lazy("order promising", "promise")
        verbose_name_plural = pgettext_lazy("order promising", "promises")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PromiseStatus.values), name="promise_status_known"),
            models.CheckConstraint(condition=between(1, MOST_PIECES, "pieces"), name="promise_pieces_in_range"),
            models.CheckConstraint(
                condition=plausible_times("wanted_at", "release_at", "asked_at"), name="promise_times_plausible"
            ),
            models.CheckConstraint(
                condition=Q(status=PromiseStatus.TOLD, reserved_until=None)
                | (~Q(status=PromiseStatus.TOLD) & Q(reserved_until__isnull=False)),
                name="promise_reserved_until_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["firm", "created_at"], name="promise_by_firm_and_time"),
            models.Index(fields=["status", "reserved_until"], name="promise_by_status_and_end"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}: {self.pieces}"


class PromiseTerms(Record):
    """What other members' offers and the firm's own lines would make of it, with fees. Only the firm reads it.

    `with_offers`, `with_displacement`: JSON, null where there is nothing to say.
    """

    tenancy: ClassVar[Tenancy] = private(firm=APPEND, staff=NONE, planner=NONE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    promise = models.OneToOneField(
        Promise, verbose_name=pgettext_lazy("order promising", "promise"), on_delete=models.CASCADE,
        related_name="terms",
    )  # fmt: skip
    consent = models.CharField(_("outsourcing"), max_length=8, choices=Consent.choices, default=Consent.NEVER)
    fee_ceiling_cny_per_t = models.DecimalField(_("fee ceiling, CNY per t"), max_digits=10, decimal_places=2, null=True)
    with_offers = models.JSONField(_("with offers"), null=True)
    with_displacement = models.JSONField(_("with lines that give way"), null=True)

    class Meta:
        verbose_name = _("promise terms")
        verbose_name_plural = _("promise terms")
        constraints = [
            models.CheckConstraint(condition=Q(consent__in=Consent.values), name="promise_consent_known"),
            models.CheckConstraint(
                condition=between(0, MOST_CNY_PER_T, "fee_ceiling_cny_per_t"), name="promise_ceiling_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.promise_id}"


class PromiseHold(Record):
    """Machine time that a reservation holds, set-up included; it holds while its promise is reserved."""

    tenancy: ClassVar[Tenancy] = private(firm=APPEND, staff=NONE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    promise = models.ForeignKey(
        Promise, verbose_name=pgettext_lazy("order promising", "promise"), on_delete=models.CASCADE,
        related_name="holds",
    )  # fmt: skip
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), on_delete=models.PROTECT)
    process = models.CharField(_("process"), max_length=10, choices=Process.choices)
    family_code = models.CharField(_("changeover family"), max_length=80, blank=True, default="")
    period = DateTimeRangeField(_("period"))
    setup_min = models.PositiveIntegerField(_("set-up, min"), default=0)

    class Meta:
        verbose_name = _("reserved machine time")
        verbose_name_plural = _("reserved machine times")
        constraints = [
            models.CheckConstraint(condition=Q(process__in=Process.values), name="hold_process_known"),
            models.CheckConstraint(condition=Q(period__isempty=False), name="hold_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.machine}"
