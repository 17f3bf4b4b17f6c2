"""Awards of a round: runs of the solver, plans to choose from, and what each firm gets of the one that is chosen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import APPEND, READ, THE_FIRM, WRITE, Office, Tenancy, planner_only, system
from mes.firms.models import Firm
from procurement.awards.choices import Answer, Outcome, PlanKind, PlanStatus, SearchKind, SearchStatus
from procurement.rounds.models import MOST_KG, MOST_REASON, LockedCommitment, Round, RoundLine, no_interest

MOST_SAID = 500

# Costs and sums tell who knows the others' shares of the one that is kept from him: whoever has an interest in a firm
# of the round, or in a supplier that it asked, sees no plan of it, and no part of one: all on a line pay one price.
_NO_INTEREST = no_interest("round_id")
_OF_SEEN_PLAN = "plan_id IN (SELECT awards_awardplan.id FROM awards_awardplan)"
_OF_SEEN_SHARE = "share_id IN (SELECT awards_firmshare.id FROM awards_firmshare)"


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


class AwardSearch(Record):
    """A search that was asked for, by an officer or by the opening itself, and what became of it.

    `turn`: how often it was solved again after opt-outs. `purchases`: of an override, [line number, supplier's code,
    kg] each. `said`: what went wrong, in words that name no reserve price.
    """

    tenancy: ClassVar[Tenancy] = system(staff=APPEND, staff_condition=_NO_INTEREST, planner=WRITE)

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="award_searches")
    kind = models.CharField(_("kind"), max_length=10, choices=SearchKind.choices, default=SearchKind.SOLVE)
    status = models.CharField(_("status"), max_length=8, choices=SearchStatus.choices, default=SearchStatus.QUEUED)
    turn = models.PositiveSmallIntegerField(_("turn"), default=0)
    asked_by_id = models.UUIDField(_("asked for by"), null=True)
    purchases = models.JSONField(_("purchases"), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")
    said = models.CharField(_("what went wrong"), max_length=MOST_SAID, blank=True, default="")
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("search for an award")
        verbose_name_plural = _("searches for awards")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=SearchKind.values), name="award_search_kind_known"),
            models.CheckConstraint(condition=Q(status__in=SearchStatus.values), name="award_search_status_known"),
            models.CheckConstraint(
                condition=~Q(kind=SearchKind.OVERRIDE) | not_blank("reason"), name="override_search_has_reason"
            ),
            models.UniqueConstraint(
                fields=["round", "turn", "kind"], condition=Q(asked_by_id=None), name="searched_by_itself_once_a_turn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}/{self.turn}"


class AwardPlan(Record):
    """One way to buy what was committed. Costs in thousandths of a fen, as prices per tonne times kg are exact there.

    `lowest_mfen`: no award costs less. `dearer_mfen`: what it costs more than the optimum; an override has a reason.
    `made_by`, `ended_by`: of the search, see procurement.award. `fairness`: counts, never a firm's name.
    """

    tenancy: ClassVar[Tenancy] = system(
        staff=READ, staff_condition=_NO_INTEREST, planner=WRITE, exchange=("SELECT", "UPDATE")
    )

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="award_plans")
    run = models.ForeignKey(AwardRun, verbose_name=_("award run"), on_delete=models.PROTECT, related_name="plans")
    kind = models.CharField(_("kind"), max_length=10, choices=PlanKind.choices)
    status = models.CharField(_("status"), max_length=10, choices=PlanStatus.choices, default=PlanStatus.CANDIDATE)
    turn = models.PositiveSmallIntegerField(_("turn"), default=0, help_text=_("How often firms had opted out before."))
    cost_mfen = models.BigIntegerField(_("cost, thousandths of a fen"))
    lowest_mfen = models.BigIntegerField(_("proved lowest, thousandths of a fen"), null=True)
    dearer_mfen = models.BigIntegerField(_("dearer than the optimum, thousandths of a fen"), default=0)
    made_by = models.CharField(_("made by"), max_length=10, default="search")
    ended_by = models.CharField(_("search ended by"), max_length=20, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")
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
        return str(self.get_kind_display())


class AwardLine(Record):
    """What a supplier delivers of a line, at what price of its own (without VAT, delivered, cash)."""

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"(supplier_id = {THE_FIRM} AND awarded)",
        staff=READ,
        staff_condition=_OF_SEEN_PLAN,
        planner=WRITE,
        exchange=("SELECT", "UPDATE"),
        owner="supplier_id",
        office=Office.ROUND,
    )

    feed: ClassVar[Feed] = Feed(
        "resin_award",
        resource="rounds",
        path="resin-awards/{id}",
        shows={"supplier_id": ("kg", "cost_mfen", "awarded")},
        unless="NOT r.awarded",
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
    """What a firm gets of a line and at what price, the same for all on it; its answer.

    `status` follows the plan's once it was put to the firms, and a firm reads none before. `kg` 0: the firm is out, as
    `outcome` says. Prices without VAT, delivered, cash, rounded half up; `price_fen_per_t` None: nothing is bought;
    `alone_fen_per_t`: what the same quotations would have charged the firm alone, None when there was no time to ask.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"(firm_id = {THE_FIRM} AND status <> 'candidate')",
        staff=READ,
        staff_condition=_OF_SEEN_PLAN,
        planner=WRITE,
        exchange=WRITE,
        owner="firm_id",
        office=Office.ROUND,
    )

    feed: ClassVar[Feed] = Feed(
        "resin_share",
        resource="rounds",
        path="resin-shares/{id}",
        shows=shown_to_firm(
            "line_id",
            "status",
            "kg",
            "outcome",
            "price_fen_per_t",
            "alone_fen_per_t",
            "answer",
            "answered_at",
            "by_silence",
        ),
        unless="r.status = 'candidate'",
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(AwardPlan, verbose_name=_("award plan"), on_delete=models.PROTECT, related_name="shares")
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    locked = models.ForeignKey(
        LockedCommitment, verbose_name=_("locked commitment"), on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("status"), max_length=10, choices=PlanStatus.choices, default=PlanStatus.CANDIDATE)
    kg = models.PositiveBigIntegerField(_("kg"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.SERVED)
    price_fen_per_t = models.PositiveBigIntegerField(_("price, fen per t"), null=True)
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
            models.CheckConstraint(condition=Q(status__in=PlanStatus.values), name="share_status_known"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.SERVED, kg__gt=0) | (~Q(outcome=Outcome.SERVED) & Q(kg=0)),
                name="share_of_nothing_says_why",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="answered_share_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kg}"


class Allocation(Record):
    """Which supplier's resin a firm gets of a line: the many-to-many table between commitments and award lines.

    A firm reads its own once the award is signed, but no award line: so the supplier stands here again.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=(
            f"(firm_id = {THE_FIRM} AND EXISTS (SELECT FROM awards_firmshare"
            " WHERE awards_firmshare.id = awards_allocation.share_id AND awards_firmshare.status = 'awarded'))"
        ),
        staff=READ,
        staff_condition=_OF_SEEN_SHARE,
        planner=APPEND,
        exchange=READ,
        owner="firm_id",
        owners={"award_line": ""},
        office=Office.ROUND,
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    share = models.ForeignKey(
        FirmShare, verbose_name=_("share of a firm"), on_delete=models.PROTECT, related_name="allocations"
    )
    award_line = models.ForeignKey(
        AwardLine, verbose_name=_("award line"), on_delete=models.PROTECT, related_name="allocations"
    )
    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
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
