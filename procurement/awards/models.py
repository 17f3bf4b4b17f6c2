"""Awards of a round: runs of the solver, plans to choose from, and what each firm gets of the one that is chosen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank
from mes.core.models import Record
from mes.core.tenancy import APPEND, READ, THE_FIRM, WRITE, Office, Tenancy, planner_only, private, system
from mes.firms.models import Firm
from procurement.awards.choices import Answer, PlanKind, PlanStatus
from procurement.rounds.models import MOST_KG, LockedCommitment, Round, RoundLine


class AwardRun(Record):
    """One search: what went in, reserve prices too, and all it takes to make it again. Read by the solving job."""

    tenancy: ClassVar[Tenancy] = planner_only()

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="+")
    problem_sha256 = models.CharField(_("digest of the problem"), max_length=64)
    record = models.JSONField(_("record"))

    class Meta:
        verbose_name = _("award run")
        verbose_name_plural = _("award runs")

    def __str__(self) -> str:
        return self.problem_sha256


class AwardPlan(Record):
    """One way to buy what was committed. Costs in thousandths of a fen, as prices per tonne times kg are exact there.

    `lowest_mfen`: no award costs less. `dearer_mfen`: what an override costs more than the optimum; it has a reason.
    """

    tenancy: ClassVar[Tenancy] = system(staff=("SELECT", "UPDATE"), planner=WRITE, exchange=("SELECT", "UPDATE"))

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="award_plans")
    run = models.ForeignKey(AwardRun, verbose_name=_("award run"), on_delete=models.PROTECT, related_name="plans")
    kind = models.CharField(_("kind"), max_length=10, choices=PlanKind.choices)
    status = models.CharField(_("status"), max_length=10, choices=PlanStatus.choices, default=PlanStatus.CANDIDATE)
    turn = models.PositiveSmallIntegerField(_("turn"), default=0, help_text=_("How often firms had opted out before."))
    cost_mfen = models.BigIntegerField(_("cost, thousandths of a fen"))
    lowest_mfen = models.BigIntegerField(_("proved lowest, thousandths of a fen"), null=True)
    dearer_mfen = models.BigIntegerField(_("dearer than the optimum, thousandths of a fen"), default=0)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    fairness = models.JSONField(_("fairness"), default=dict, blank=True)

    class Meta:
        verbose_name = _("award plan")
        verbose_name_plural = _("award plans")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PlanKind.values), name="award_kind_known"),
            models.CheckConstraint(condition=Q(status__in=PlanStatus.values), name="award_status_known"),
            models.CheckConstraint(
                condition=~Q(kind=PlanKind.OVERRIDE) | not_blank("reason"), name="override_has_reason"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(status=PlanStatus.PROPOSED), name="one_proposed_award_per_round"
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(status=PlanStatus.AWARDED), name="one_award_per_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}"


class AwardLine(Record):
    """What a supplier delivers of a line, at what price of its own (without VAT, delivered, cash)."""

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"(supplier_id = {THE_FIRM} AND awarded)",
        staff=READ,
        planner=WRITE,
        exchange=("SELECT", "UPDATE"),
        owner="supplier_id",
        office=Office.ROUND,
    )

    plan = models.ForeignKey(AwardPlan, verbose_name=_("award plan"), on_delete=models.PROTECT, related_name="lines")
    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    kg = models.PositiveBigIntegerField(_("kg"))
    cost_mfen = models.BigIntegerField(_("cost, thousandths of a fen"))
    awarded = models.BooleanField(_("awarded"), default=False)

    class Meta:
        verbose_name = _("award line")
        verbose_name_plural = _("award lines")
        constraints = [
            models.UniqueConstraint(fields=["plan", "supplier", "line"], name="award_line_once"),
            models.CheckConstraint(condition=between(1, MOST_KG, "kg"), name="award_line_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kg}"


class FirmShare(Record):
    """What a firm gets of a line and at what price, the same for all on it; its answer. `told`: put to the firm.

    `kg` 0: the firm is out, for its reserve price or because it would get less than its least.
    """

    tenancy: ClassVar[Tenancy] = private(
        firm=READ, staff=READ, planner=WRITE, exchange=WRITE, office=Office.ROUND, owners={"plan": "", "line": ""}
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(AwardPlan, verbose_name=_("award plan"), on_delete=models.PROTECT, related_name="shares")
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    locked = models.ForeignKey(
        LockedCommitment, verbose_name=_("locked commitment"), on_delete=models.PROTECT, related_name="+"
    )
    kg = models.PositiveBigIntegerField(_("kg"))
    price_fen_per_t = models.PositiveBigIntegerField(_("price, fen per t"))
    alone_fen_per_t = models.PositiveBigIntegerField(_("price alone, fen per t"), null=True)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices, blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True)
    by_silence = models.BooleanField(_("by silence"), default=False)

    class Meta:
        verbose_name = _("share of a firm")
        verbose_name_plural = _("shares of firms")
        constraints = [
            models.UniqueConstraint(fields=["plan", "firm", "line"], name="share_once_per_plan"),
            models.CheckConstraint(condition=Q(answer__in=["", *Answer.values]), name="share_answer_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kg}"


class Allocation(Record):
    """Which supplier's resin a firm gets of a line: the many-to-many table between commitments and award lines."""

    tenancy: ClassVar[Tenancy] = private(
        firm=READ, staff=READ, planner=APPEND, exchange=READ, office=Office.ROUND, owners={"award_line": ""}
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    share = models.ForeignKey(
        FirmShare, verbose_name=_("share of a firm"), on_delete=models.PROTECT, related_name="allocations"
    )
    award_line = models.ForeignKey(
        AwardLine, verbose_name=_("award line"), on_delete=models.PROTECT, related_name="allocations"
    )
    kg = models.PositiveBigIntegerField(_("kg"))

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.UniqueConstraint(fields=["share", "award_line"], name="allocation_once"),
            models.CheckConstraint(condition=between(1, MOST_KG, "kg"), name="allocation_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kg}"


class AwardConsent(Record):
    """An officer who signs the award. Two are needed; none of them collected the market quotes."""

    tenancy: ClassVar[Tenancy] = system(staff=APPEND, planner=READ, exchange=READ)

    plan = models.ForeignKey(AwardPlan, verbose_name=_("award plan"), on_delete=models.PROTECT, related_name="consents")
    officer_id = models.UUIDField(_("officer"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("consent to the award")
        verbose_name_plural = _("consents to the award")
        constraints = [models.UniqueConstraint(fields=["plan", "officer_id"], name="award_consent_once_per_officer")]

    def __str__(self) -> str:
        return f"{self.officer_id}"
