from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import Process
from mes.core.models import Record
from mes.core.tenancy import ALL, READ, Tenancy, system
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.machines.models import Machine
from production.plans.models.runs import PlanRun


class LateLine(Record):
    """An order line that a plan run, published or not, makes late or leaves without a place.

    `late_min`, `finish_at`: empty without a place. `reasons`: codes and data as for the line's own firm.
    """

    tenancy: ClassVar[Tenancy] = system(staff=READ, planner=ALL, owner="firm_id")

    plan_run = models.ForeignKey(
        PlanRun, verbose_name=_("plan run"), on_delete=models.CASCADE, related_name="late_lines"
    )
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="late_in_plans"
    )
    due_at = models.DateTimeField(_("due"))
    finish_at = models.DateTimeField(_("finish"), null=True)
    late_min = models.PositiveIntegerField(_("late, min"), null=True)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        verbose_name = _("late order line of a plan run")
        verbose_name_plural = _("late order lines of plan runs")
        constraints = [
            models.UniqueConstraint(fields=["plan_run", "line"], name="late_line_once_a_run"),
            models.CheckConstraint(
                condition=Q(finish_at=None, late_min=None) | Q(finish_at__isnull=False, late_min__isnull=False),
                name="late_line_finishes_or_has_no_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}"


class MovedRun(Record):
    """A machine run of the live plan that a plan run would move: to another machine, another time, or away.

    `firm`: whose order line it is, and whose machine had it. `firm_now`: whose machine has it now.
    """

    tenancy: ClassVar[Tenancy] = system(staff=READ, planner=ALL, owner="firm_id", owners={"machine": "firm_now_id"})

    plan_run = models.ForeignKey(
        PlanRun, verbose_name=_("plan run"), on_delete=models.CASCADE, related_name="moved_runs"
    )
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="moved_in_plans"
    )
    process = models.CharField(_("process"), max_length=10, choices=Process.choices)
    machine_before = models.ForeignKey(
        Machine, verbose_name=_("machine before"), on_delete=models.CASCADE, related_name="moved_from"
    )
    started_before_at = models.DateTimeField(_("start before"))
    firm_now = models.ForeignKey(
        Firm, verbose_name=_("firm now"), null=True, on_delete=models.PROTECT, related_name="moved_here"
    )
    machine = models.ForeignKey(
        Machine, verbose_name=_("machine now"), null=True, on_delete=models.CASCADE, related_name="moved_to"
    )
    starts_at = models.DateTimeField(_("start now"), null=True)

    class Meta:
        verbose_name = _("moved run of a plan run")
        verbose_name_plural = _("moved runs of plan runs")
        constraints = [
            models.CheckConstraint(condition=Q(process__in=Process.values), name="moved_run_process_known"),
            models.CheckConstraint(
                condition=Q(firm_now=None, machine=None, starts_at=None)
                | Q(firm_now__isnull=False, machine__isnull=False, starts_at__isnull=False),
                name="moved_run_has_a_place_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.process}"
