from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import Process
from mes.core.feed import UPDATE, Feed, PartOf, Through, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, CHANGE, READ, WRITE, Tenancy, private
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.machines.models import Machine
from production.plans.choices import LIVE_RUN_STATUSES, RunStatus
from production.plans.models.proposals import Proposal
from production.plans.models.runs import PlanRun


class PlannedLot(Record):
    """Pieces of one line made by one firm along one route: what moves through the machine runs.

    `firm` is the one that makes it. `line` is that firm's own order line, or empty while a placement is proposed;
    then `proposal` names it. `batches`: pieces of each transfer batch.
    """

    tenancy: ClassVar[Tenancy] = private(firm=CHANGE, planner=ALL, exchange=WRITE, owners={"proposal": ""})
    feed: ClassVar[PartOf] = PartOf(
        "plan_row",
        key="id",
        shows=shown_to_firm("key", "line_id", "proposal_id"),
        through=Through("plans_runpart", on="lot_id", key="run_id"),
        events=(UPDATE,),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    plan_run = models.ForeignKey(PlanRun, verbose_name=_("plan run"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), null=True, on_delete=models.PROTECT, related_name="planned_lots"
    )
    proposal = models.ForeignKey(
        Proposal, verbose_name=_("proposal"), null=True, on_delete=models.PROTECT, related_name="planned_lots"
    )
    key = models.CharField(_("key"), max_length=120)
    routing_variant = models.CharField(_("routing"), max_length=20)
    pieces = models.PositiveIntegerField(_("pieces"))
    batches = models.JSONField(_("transfer batches"), default=list)
    finish_at = models.DateTimeField(_("finish"))

    class Meta:
        verbose_name = _("planned lot")
        verbose_name_plural = _("planned lots")
        constraints = [
            models.CheckConstraint(condition=Q(pieces__gt=0), name="planned_lot_not_empty"),
            models.CheckConstraint(
                condition=Q(line__isnull=False) | Q(proposal__isnull=False), name="planned_lot_belongs_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class MachineRun(Record):
    """One run of one machine: a press batch, a nest, an oven load. The database refuses two at a time.

    `period` includes the set-up; the work itself begins at `work_starts_at`; `started_at`:
    when the floor really began.
    """

    tenancy: ClassVar[Tenancy] = private(firm=CHANGE, planner=ALL, exchange=WRITE)
    feed: ClassVar[Feed] = Feed(
        "plan_row",
        resource="plans",
        path="plan-rows/{id}",
        shows=shown_to_firm(
            "machine_id",
            "process",
            "family_code",
            "period",
            "work_starts_at",
            "setup_min",
            "cycles",
            "pieces",
            "status",
        ),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    machine = models.ForeignKey(Machine, verbose_name=_("machine"), on_delete=models.PROTECT)
    plan_run = models.ForeignKey(PlanRun, verbose_name=_("plan run"), on_delete=models.PROTECT)
    key = models.CharField(_("key"), max_length=160)
    process = models.CharField(_("process"), max_length=10, choices=Process.choices)
    family_code = models.CharField(_("changeover family"), max_length=80, blank=True, default="")
    period = DateTimeRangeField(_("period"))
    work_starts_at = models.DateTimeField(_("work starts"))
    setup_min = models.PositiveIntegerField(_("set-up, min"), default=0)
    cycles = models.PositiveIntegerField(_("cycles"), default=0)
    pieces = models.PositiveIntegerField(_("pieces"))
    status = models.CharField(_("status"), max_length=12, choices=RunStatus.choices, default=RunStatus.PROPOSED)
    started_at = models.DateTimeField(_("begun"), null=True)

    class Meta:
        verbose_name = _("machine run")
        verbose_name_plural = _("machine runs")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_known"),
            models.CheckConstraint(condition=Q(process__in=Process.values), name="run_process_known"),
            models.CheckConstraint(condition=Q(period__isempty=False), name="run_takes_time"),
            ExclusionConstraint(
                name="one_run_at_a_time",
                expressions=[("machine", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(status__in=LIVE_RUN_STATUSES),
            ),
        ]
        indexes = [models.Index(fields=["firm", "status"], name="run_by_firm_and_status")]

    def __str__(self) -> str:
        return f"{self.machine} {timezone.localtime(self.period.lower):%m-%d %H:%M}"


class RunPart(Record):
    """Consecutive transfer batches of a lot that a run carries. `step` counts the route's machine steps from 0."""

    tenancy: ClassVar[Tenancy] = private(planner=ALL, exchange=ALL)
    feed: ClassVar[PartOf] = PartOf("plan_row", key="run_id", shows=shown_to_firm("lot_id", "pieces", "is_last_step"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    run = models.ForeignKey(MachineRun, verbose_name=_("machine run"), on_delete=models.CASCADE, related_name="parts")
    lot = models.ForeignKey(PlannedLot, verbose_name=_("lot"), on_delete=models.CASCADE, related_name="parts")
    step = models.PositiveSmallIntegerField(_("step"))
    first_batch = models.PositiveIntegerField(_("first transfer batch"))
    batches = models.PositiveIntegerField(_("transfer batches"))
    pieces = models.PositiveIntegerField(_("pieces"))
    is_last_step = models.BooleanField(_("last step"), default=False)

    class Meta:
        verbose_name = _("part of a run")
        verbose_name_plural = _("parts of runs")
        constraints = [models.CheckConstraint(condition=Q(pieces__gt=0), name="run_part_not_empty")]

    def __str__(self) -> str:
        return f"{self.pieces}"


class LineReason(Record):
    """Why a line is late or has no place, as data for its firm: own machines by name, others by class."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, planner=ALL)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    plan_run = models.ForeignKey(PlanRun, verbose_name=_("plan run"), on_delete=models.PROTECT)
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), on_delete=models.CASCADE, related_name="plan_reasons"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(_("code"), max_length=40)
    data = models.JSONField(_("data"), default=dict)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        constraints = [models.UniqueConstraint(fields=["line", "position"], name="reason_position_once")]

    def __str__(self) -> str:
        return f"{self.line} {self.position}"
