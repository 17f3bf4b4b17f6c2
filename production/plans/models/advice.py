from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.catalog.choices import Process
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, READ, Tenancy, private
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.machines.models import Machine
from production.plans.models.runs import PlanRun


class Advice(Record):
    """What an advisory plan run says to one firm. It binds nobody: no run of the live plan follows from it."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, planner=ALL)
    feed: ClassVar[Feed] = Feed("advice", resource="plans", path="advice/{id}", shows=shown_to_firm("plan_run_id"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    plan_run = models.ForeignKey(PlanRun, verbose_name=_("plan run"), on_delete=models.CASCADE, related_name="advice")
    zero_at = models.DateTimeField(_("plan's zero"))

    class Meta:
        verbose_name = pgettext_lazy("advisory plan", "advice")
        verbose_name_plural = pgettext_lazy("advisory plan", "advice")
        constraints = [models.UniqueConstraint(fields=["plan_run", "firm"], name="advice_once_a_run_and_firm")]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.zero_at):%Y-%m-%d %H:%M}"


class AdvisedRun(Record):
    """Work of one order line that an advisory plan run has on a machine. `line` is empty for another firm's work."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, planner=ALL)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    advice = models.ForeignKey(
        Advice, verbose_name=pgettext_lazy("advisory plan", "advice"), on_delete=models.CASCADE, related_name="runs"
    )
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), on_delete=models.CASCADE, related_name="advised")
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), null=True, on_delete=models.CASCADE, related_name="advised_runs"
    )
    process = models.CharField(_("process"), max_length=10, choices=Process.choices)
    pieces = models.PositiveIntegerField(_("pieces"))
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("finish"))

    class Meta:
        verbose_name = _("advised machine run")
        verbose_name_plural = _("advised machine runs")
        constraints = [
            models.CheckConstraint(condition=Q(process__in=Process.values), name="advised_run_process_known"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="advised_run_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%m-%d %H:%M}"


class AdvisedLine(Record):
    """When an advisory plan run has an order line finished; empty: it has no place there."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, planner=ALL)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    advice = models.ForeignKey(
        Advice, verbose_name=pgettext_lazy("advisory plan", "advice"), on_delete=models.CASCADE, related_name="lines"
    )
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="advised_finishes"
    )
    due_at = models.DateTimeField(_("due"))
    finish_at = models.DateTimeField(_("finish"), null=True)

    class Meta:
        verbose_name = _("order line of an advice")
        verbose_name_plural = _("order lines of advice")

    def __str__(self) -> str:
        return f"{self.line}"
