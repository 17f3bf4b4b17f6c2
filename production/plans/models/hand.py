"""The hand of a firm's planner: what each later plan keeps until the planner lifts it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import Process
from mes.core.bounds import plausible_times
from mes.core.feed import Feed, PartOf, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, Tenancy, private
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.machines.models import Machine


class Pin(Record):
    """The runs of a line's process are on `machine`, where one is named; the first of them starts at `starts_at`, where
    a time is named, set-up included.
    """

    tenancy: ClassVar[Tenancy] = private(firm=ALL)
    feed: ClassVar[Feed] = Feed(
        "pin", resource="plans", path="pins/{id}", shows=shown_to_firm("line_id", "process", "machine_id", "starts_at")
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="pins"
    )
    process = models.CharField(_("process"), max_length=10, choices=Process.choices)
    machine = models.ForeignKey(
        Machine, verbose_name=_("machine"), null=True, on_delete=models.PROTECT, related_name="pins"
    )
    starts_at = models.DateTimeField(_("start"), null=True)

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        constraints = [
            models.UniqueConstraint(fields=["line", "process"], name="pin_once"),
            models.CheckConstraint(condition=Q(process__in=Process.values), name="pin_process_known"),
            models.CheckConstraint(
                condition=Q(machine__isnull=False) | Q(starts_at__isnull=False), name="pin_holds_something"
            ),
            models.CheckConstraint(condition=plausible_times("starts_at"), name="pin_start_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.process}"


class ForbiddenMachine(Record):
    """No run of the line is on the machine."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL)
    feed: ClassVar[Feed] = Feed(
        "forbidden_machine",
        resource="plans",
        path="forbidden-machines/{id}",
        shows=shown_to_firm("line_id", "machine_id"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="forbidden_machines"
    )
    machine = models.ForeignKey(
        Machine, verbose_name=_("machine"), on_delete=models.PROTECT, related_name="forbidden_lines"
    )

    class Meta:
        verbose_name = _("forbidden machine")
        verbose_name_plural = _("forbidden machines")
        constraints = [models.UniqueConstraint(fields=["line", "machine"], name="forbidden_once")]

    def __str__(self) -> str:
        return f"{self.line} {self.machine}"


class Sequence(Record):
    """On the machine the runs of the lines come in the order of `lines`, whatever comes between. One for a machine."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL)
    feed: ClassVar[Feed] = Feed("sequence", resource="plans", path="sequences/{id}", shows=shown_to_firm("machine_id"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    machine = models.OneToOneField(
        Machine, verbose_name=_("machine"), on_delete=models.PROTECT, related_name="sequence"
    )

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self) -> str:
        return f"{self.machine}"


class SequenceLine(Record):
    """A line's place in a sequence, from 1."""

    tenancy: ClassVar[Tenancy] = private(firm=ALL)
    feed: ClassVar[PartOf] = PartOf("sequence", key="sequence_id", shows=shown_to_firm("position", "line_id"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    sequence = models.ForeignKey(Sequence, verbose_name=_("sequence"), on_delete=models.CASCADE, related_name="places")
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="sequence_places"
    )
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("place in a sequence")
        verbose_name_plural = _("places in sequences")
        constraints = [
            models.UniqueConstraint(fields=["sequence", "line"], name="line_once_in_a_sequence"),
            models.UniqueConstraint(fields=["sequence", "position"], name="sequence_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}"
