"""What runs of a firm share beside their machines: moulds, dies, frames, crews and connected power."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.catalog.choices import Process
from mes.catalog.models import MOST_MM, MachineClass, Product
from mes.core.bounds import between, not_blank, plausible_times
from mes.core.feed import Feed, PartOf, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import Tenancy, private
from mes.firms.models import Firm
from production.machines.choices import PoolKind, PoolStatus
from production.machines.models.calendars import Dated, ShiftPattern
from production.machines.models.machines import Machine

MOST_UNITS = 100_000
MOST_POOL_NAME = 80


class Pool(Record):
    """`size` units that runs of the firm hold while they run: pieces, people, or kW.

    They are there always, or in the shifts of a pattern on ISO weekdays ("12345" = Monday to Friday), and whenever the
    whole firm works overtime. Of a retired one there is nothing: what needs it is made only once nothing says so any
    more.
    """

    tenancy: ClassVar[Tenancy] = private()
    feed: ClassVar[Feed] = Feed(
        "pool",
        resource="machines",
        path="pools/{id}",
        shows=shown_to_firm(
            "code", "name", "kind", "size", "status", "pattern_id", "weekdays", "keeps_holidays", "keeps_closure"
        ),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=MOST_POOL_NAME, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=8, choices=PoolKind.choices)
    size = models.PositiveIntegerField(_("pieces, people or kW"))
    status = models.CharField(_("status"), max_length=12, choices=PoolStatus.choices, default=PoolStatus.IN_SERVICE)
    pattern = models.ForeignKey(
        ShiftPattern, verbose_name=_("shift pattern"), null=True, blank=True, on_delete=models.PROTECT
    )
    weekdays = models.CharField(_("weekdays"), max_length=7, default="1234567")
    keeps_holidays = models.BooleanField(_("closed on public holidays"), default=False)
    keeps_closure = models.BooleanField(_("closed in the shop closure"), default=False)

    class Meta:
        verbose_name = _("shared resource")
        verbose_name_plural = _("shared resources")
        constraints = [
            models.UniqueConstraint(fields=["firm", "code"], name="pool_code_once_per_firm"),
            models.CheckConstraint(condition=not_blank("code"), name="pool_has_code"),
            models.CheckConstraint(condition=Q(kind__in=PoolKind.values), name="pool_kind_known"),
            models.CheckConstraint(condition=Q(status__in=PoolStatus.values), name="pool_status_known"),
            models.CheckConstraint(condition=between(1, MOST_UNITS, "size"), name="pool_size_in_range"),
            models.CheckConstraint(
                condition=Q(weekdays__regex="^(?=.)1?2?3?4?5?6?7?$"), name="pool_weekdays_are_iso_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PoolNeed(Record):
    """What holds `units` of a pool while it runs: all work of a machine or of a machine class; or a process, of one
    product, of one thickness or of whatever is made.
    """

    tenancy: ClassVar[Tenancy] = private()
    feed: ClassVar[PartOf] = PartOf(
        "pool",
        key="pool_id",
        shows=shown_to_firm("units", "machine_id", "machine_class_id", "process", "product_id", "thickness_mm"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    pool = models.ForeignKey(Pool, verbose_name=_("shared resource"), on_delete=models.CASCADE, related_name="needs")
    units = models.PositiveIntegerField(_("held"))
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), null=True, blank=True, on_delete=models.CASCADE)
    machine_class = models.ForeignKey(
        MachineClass, verbose_name=_("machine class"), null=True, blank=True, on_delete=models.PROTECT
    )
    process = models.CharField(_("process"), max_length=10, choices=Process.choices, blank=True, default="")
    product = models.ForeignKey(Product, verbose_name=_("product"), null=True, blank=True, on_delete=models.CASCADE)
    thickness_mm = models.PositiveIntegerField(_("thickness, mm"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("shared resource", "need")
        verbose_name_plural = pgettext_lazy("shared resource", "needs")
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "machine", "machine_class", "process", "product", "thickness_mm"],
                nulls_distinct=False,
                name="pool_need_once",
            ),
            models.CheckConstraint(
                condition=Q(machine__isnull=False, machine_class=None, process="", product=None, thickness_mm=None)
                | Q(machine=None, machine_class__isnull=False, process="", product=None, thickness_mm=None)
                | (Q(machine=None, machine_class=None, process__in=Process.values) & ~Q(process="")),
                name="pool_need_of_machine_class_or_process",
            ),
            models.CheckConstraint(
                condition=Q(product=None) | Q(thickness_mm=None), name="pool_need_of_product_or_thickness"
            ),
            models.CheckConstraint(condition=between(1, MOST_UNITS, "units"), name="pool_need_in_range"),
            models.CheckConstraint(condition=between(1, MOST_MM, "thickness_mm"), name="pool_need_thickness_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.units}"


class PoolDowntime(Dated):
    """Units that are not there: in repair, away, ill. Without `units` all of them."""

    tenancy: ClassVar[Tenancy] = private()
    feed: ClassVar[Feed] = Feed(
        "pool_downtime",
        resource="machines",
        path="pool-downtimes/{id}",
        shows=shown_to_firm("pool_id", "units", "starts_at", "ends_at", "planned", "note"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    pool = models.ForeignKey(Pool, verbose_name=_("shared resource"), on_delete=models.CASCADE)
    units = models.PositiveIntegerField(_("missing"), null=True, blank=True)
    planned = models.BooleanField(pgettext_lazy("downtime", "planned"), default=True)

    class Meta:
        verbose_name = _("absence of a shared resource")
        verbose_name_plural = _("absences of shared resources")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="pool_downtime_ends_after_start"),
            models.CheckConstraint(condition=plausible_times("starts_at", "ends_at"), name="pool_downtime_plausible"),
            models.CheckConstraint(condition=between(1, MOST_UNITS, "units"), name="pool_downtime_in_range"),
        ]
