from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, READ, THE_FIRM, WRITE, Tenancy, planner_only, system
from mes.firms.models import Firm
from orders.sales.choices import PlanState
from orders.sales.models import SalesOrderLine
from production.plans.choices import ScenarioFault, ScenarioState

MOST_NAME = 80
_OWN = f"firm_id = {THE_FIRM}"
_ASSOCIATIONS = "firm_id IS NULL"


class ScenarioBase(Record):
    """A snapshot that scenarios share: planned once without overrides, so that each is compared with the same.

    `firm`: whose scenarios they are, planned alone; empty: the association's, of the whole park. `figures` are empty
    until it is planned.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=WRITE, firm_condition=_OWN, staff=WRITE, staff_condition=_ASSOCIATIONS, planner=ALL
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    zero_at = models.DateTimeField(_("plan's zero"))
    input_hash = models.CharField(_("input hash"), max_length=64, blank=True, default="")
    figures = models.JSONField(_("figures"), default=dict)

    class Meta:
        verbose_name = _("snapshot of scenarios")
        verbose_name_plural = _("snapshots of scenarios")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.zero_at):%Y-%m-%d %H:%M}"


class Scenario(Record):
    """A snapshot with some things otherwise, planned apart. It is compared by its figures and never published.

    `overrides`: as the planning core reads them; minutes count from the snapshot's zero. `fault`: why it failed, at
    `fault_at`, a pointer into the overrides.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=WRITE, firm_condition=_OWN, staff=WRITE, staff_condition=_ASSOCIATIONS, planner=ALL
    )
    feed: ClassVar[Feed] = Feed(
        "scenario",
        resource="plans",
        path="scenarios/{id}",
        shows=shown_to_firm("name", "state", "fault", "finished_at"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    base = models.ForeignKey(
        ScenarioBase, verbose_name=_("snapshot"), on_delete=models.PROTECT, related_name="scenarios"
    )
    name = models.CharField(_("name"), max_length=MOST_NAME)
    overrides = models.JSONField(_("what is otherwise"))
    state = models.CharField(_("state"), max_length=12, choices=ScenarioState.choices, default=ScenarioState.QUEUED)
    job_id = models.UUIDField(_("background job"), null=True)
    input_hash = models.CharField(_("input hash"), max_length=64, blank=True, default="")
    figures = models.JSONField(_("figures"), default=dict)
    fault = models.CharField(_("fault"), max_length=20, choices=ScenarioFault.choices, blank=True, default="")
    fault_at = models.CharField(_("place of the fault"), max_length=120, blank=True, default="")
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ScenarioState.values), name="scenario_state_known"),
            models.CheckConstraint(condition=Q(fault__in=["", *ScenarioFault.values]), name="scenario_fault_known"),
        ]
        indexes = [models.Index(fields=["firm", "created_at"], name="scenario_by_firm_and_time")]

    def __str__(self) -> str:
        return self.name


class ScenarioArtefact(Record):
    """Problem and schedule of a snapshot or of a scenario, as of a plan run. `schedule` is empty until planned."""

    tenancy: ClassVar[Tenancy] = planner_only()

    base = models.OneToOneField(
        ScenarioBase, verbose_name=_("snapshot"), null=True, on_delete=models.CASCADE, related_name="artefact"
    )
    scenario = models.OneToOneField(
        Scenario, verbose_name=_("scenario"), null=True, on_delete=models.CASCADE, related_name="artefact"
    )
    problem = models.BinaryField(_("problem"))
    schedule = models.BinaryField(_("schedule"), default=b"")

    class Meta:
        verbose_name = _("scenario artefact")
        verbose_name_plural = _("scenario artefacts")
        constraints = [
            models.CheckConstraint(
                condition=Q(base=None, scenario__isnull=False) | Q(base__isnull=False, scenario=None),
                name="scenario_artefact_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base_id or self.scenario_id}"


class ScenarioLine(Record):
    """An order line that a scenario makes late, on time or otherwise late, for whom the scenario is.

    `firm`: whose scenario it is, empty for the association's. `line` is empty for one that the scenario adds; `label`
    names it all the same. `reasons`: codes and data as for the line's own firm.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=_OWN,
        staff=READ,
        staff_condition=_ASSOCIATIONS,
        planner=ALL,
        owners={"line": "line_firm_id"},
    )

    firm = models.ForeignKey(Firm, verbose_name=_("scenario of"), null=True, on_delete=models.PROTECT)
    scenario = models.ForeignKey(Scenario, verbose_name=_("scenario"), on_delete=models.CASCADE, related_name="lines")
    line_firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(
        SalesOrderLine, verbose_name=_("order line"), null=True, on_delete=models.CASCADE, related_name="in_scenarios"
    )
    label = models.CharField(_("order line"), max_length=120)
    due_at = models.DateTimeField(_("due"))
    state_before = models.CharField(_("in the snapshot"), max_length=10, choices=PlanState.choices)
    finish_before_at = models.DateTimeField(_("finish in the snapshot"), null=True)
    state = models.CharField(_("in the scenario"), max_length=10, choices=PlanState.choices)
    finish_at = models.DateTimeField(_("finish in the scenario"), null=True)
    reasons = models.JSONField(_("reasons"), default=list)

    class Meta:
        verbose_name = _("order line of a scenario")
        verbose_name_plural = _("order lines of scenarios")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PlanState.values, state_before__in=PlanState.values),
                name="scenario_line_states_known",
            ),
        ]

    def __str__(self) -> str:
        return self.label
