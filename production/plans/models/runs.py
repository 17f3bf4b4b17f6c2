from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import APPEND, READ, THE_FIRM, WRITE, Tenancy, planner_only, system
from mes.firms.models import Firm
from production.plans.choices import PlanRunState, PlanScope


class PlanRun(Record):
    """One computation of a plan, with its progress. The association reads it: cost appears as an index only.

    `rule_log`: per dispatch rule its name, redacted tiers, orders placed, seconds. `notes`: bad data named before the
    search, codes and data. `publishes_itself`: the nightly run does; one that a person started becomes a candidate.
    `is_repair`: what still holds of the live plan stays where it is. `is_advisory`: it is shown, compared with what
    firms do, and never published.
    """

    tenancy: ClassVar[Tenancy] = system(firm=WRITE, firm_condition=f"firm_id = {THE_FIRM}", staff=WRITE, planner=WRITE)
    feed: ClassVar[Feed] = Feed(
        "plan_run", resource="plans", path="plan-runs/{id}", shows=shown_to_firm("state", "finished_at")
    )

    scope = models.CharField(_("scope"), max_length=12, choices=PlanScope.choices, default=PlanScope.PARK)
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(_("state"), max_length=12, choices=PlanRunState.choices, default=PlanRunState.QUEUED)
    publishes_itself = models.BooleanField(_("publishes itself"), default=False)
    is_repair = models.BooleanField(_("repair of the live plan"), default=False)
    is_advisory = models.BooleanField(_("advice only"), default=False)
    job_id = models.UUIDField(_("background job"), null=True)
    snapshot_at = models.DateTimeField(_("snapshot"), null=True)
    zero_at = models.DateTimeField(_("plan's zero"), null=True)
    input_hash = models.CharField(_("input hash"), max_length=64, blank=True, default="")
    parameters = models.JSONField(_("parameters"), default=dict)
    versions = models.JSONField(_("versions"), default=dict)
    orders_total = models.PositiveIntegerField(_("order lines"), default=0)
    orders_placed = models.PositiveIntegerField(_("order lines placed"), default=0)
    rule = models.CharField(_("rule"), max_length=40, blank=True, default="")
    rule_log = models.JSONField(_("rules"), default=list)
    notes = models.JSONField(_("notes"), default=list)
    tiers = models.JSONField(_("tiers"), default=dict)
    figures = models.JSONField(_("figures"), default=dict)
    error = models.TextField(_("error"), blank=True, default="")
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("plan run")
        verbose_name_plural = _("plan runs")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PlanRunState.values), name="plan_run_state_known"),
            models.CheckConstraint(
                condition=Q(scope=PlanScope.PARK, firm=None) | Q(scope=PlanScope.FIRM_ALONE, firm__isnull=False),
                name="plan_run_scope_names_firm",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanRunState.PUBLISHED) | Q(scope=PlanScope.PARK),
                name="only_the_park_is_published",
            ),
            models.CheckConstraint(
                condition=Q(is_advisory=False)
                | (Q(scope=PlanScope.PARK) & ~Q(state__in=[PlanRunState.CANDIDATE, PlanRunState.PUBLISHED])),
                name="advice_is_never_published",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanRunState.ADVISED) | Q(is_advisory=True), name="advised_by_advisory_runs_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.created_at):%Y-%m-%d %H:%M:%S}"

    def is_newer_than(self, other: PlanRun) -> bool:
        """Whether it was finished after the other one was begun."""
        return self.finished_at is not None and self.finished_at > other.created_at


class PlanArtefact(Record):
    """Problem and schedule of a run, in canonical JSON, compressed. They hold all firms in one piece."""

    tenancy: ClassVar[Tenancy] = planner_only()

    run = models.OneToOneField(PlanRun, verbose_name=_("plan run"), on_delete=models.CASCADE, related_name="artefact")
    problem = models.BinaryField(_("problem"))
    schedule = models.BinaryField(_("schedule"))

    class Meta:
        verbose_name = _("plan artefact")
        verbose_name_plural = _("plan artefacts")

    def __str__(self) -> str:
        return f"{self.run_id}"


class PlanPiece(Record):
    """A piece of a run that is being computed, until the run's worker has merged it.

    `token`: of the run's job when it was cut: under another one it is worth nothing. `work`: the piece in canonical
    JSON, compressed, and `input_hash` of it. `job_id`: of the job that was queued for it, null while it waits.
    `is_kept`: the run's own worker does it. `answer`: a schedule like `work`, null when nothing better was found.
    """

    tenancy: ClassVar[Tenancy] = planner_only()

    run = models.ForeignKey(PlanRun, verbose_name=_("plan run"), on_delete=models.CASCADE, related_name="pieces")
    key = models.CharField(_("key"), max_length=20)
    token = models.PositiveIntegerField(_("token"))
    input_hash = models.CharField(_("input hash"), max_length=64)
    work = models.BinaryField(_("problem"))
    job_id = models.UUIDField(_("background job"), null=True)
    is_kept = models.BooleanField(_("kept by the run's own worker"), default=False)
    is_done = models.BooleanField(_("done"), default=False)
    answer = models.BinaryField(_("schedule"), null=True)

    class Meta:
        verbose_name = _("piece of a plan")
        verbose_name_plural = _("pieces of plans")
        constraints = [models.UniqueConstraint(fields=["run", "token", "key"], name="piece_cut_once")]

    def __str__(self) -> str:
        return self.key


class Publication(Record):
    """A plan became the live one. `left_as_was`: lines that changed since the snapshot and wait for the next run."""

    tenancy: ClassVar[Tenancy] = system(staff=READ, planner=APPEND)

    run = models.OneToOneField(PlanRun, verbose_name=_("plan run"), on_delete=models.PROTECT)
    published_at = models.DateTimeField(pgettext_lazy("time", "published"))
    lines_published = models.PositiveIntegerField(_("lines published"))
    left_as_was = models.PositiveIntegerField(_("lines left as they were"), default=0)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.published_at):%Y-%m-%d %H:%M}"
