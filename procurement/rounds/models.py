"""Pooled rounds: what is bought together, until when firms say how much they need, and what they have said.

A commitment is written only while its round is open: a trigger takes the round's lock and asks the park's clock,
whoever writes (`migrations`). What was locked at the freeze stands in the snapshot.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.models import Record
from mes.core.tenancy import APPEND, CHANGE, NONE, READ, THE_FIRM, WRITE, Office, Tenancy, private, system
from mes.firms.models import Firm
from procurement.rounds.choices import CommitmentStatus, RoundMode, RoundStatus, Silence

MOST_KG = 100_000_000
MOST_FEN_PER_T = 100_000_000
MOST_BAG_KG = 2_000
WHOLE_PERMILLE = 1000

# Firms that buy meet a round when it is announced; a supplier learns of it from the tender it is invited to.
BUYS = f"EXISTS (SELECT FROM firms_firm WHERE id = {THE_FIRM} AND status = 'member')"
_ANNOUNCED = f"status <> 'draft' AND {BUYS}"


class Round(Record):
    """One round of pooled buying. Its times move later only, once it is announced; the policy is frozen by hash.

    `use_cap_permille`: of a firm's verified use in the last three months, the most that it may commit to.
    `opt_outs_solved`: how often the award was solved again after firms had opted out.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=_ANNOUNCED, staff=WRITE, planner=("SELECT", "UPDATE"), exchange=CHANGE
    )

    code = models.CharField(_("code"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=120)
    mode = models.CharField(_("mode"), max_length=12, choices=RoundMode.choices, default=RoundMode.EACH_SIGNS)
    status = models.CharField(_("status"), max_length=12, choices=RoundStatus.choices, default=RoundStatus.DRAFT)
    firming_at = models.DateTimeField(_("firming from"))
    demand_closes_at = models.DateTimeField(_("commitments until"))
    quotations_close_at = models.DateTimeField(_("quotations until"))
    confirm_within_h = models.PositiveSmallIntegerField(_("hours to confirm"), default=48)
    confirm_closes_at = models.DateTimeField(_("confirmations until"), null=True, blank=True)
    use_cap_permille = models.PositiveIntegerField(_("most of verified use, per mille"), default=1200)
    greatest_supplier_share_permille = models.PositiveIntegerField(_("most for one supplier, per mille"), default=1000)
    tolerance_permille = models.PositiveIntegerField(_("weighing tolerance, per mille"), default=3)
    dispute_h = models.PositiveSmallIntegerField(_("hours to dispute a weight"), default=48)
    deposit_permille = models.PositiveIntegerField(_("deposit, per mille"), default=0)
    policy_sha256 = models.CharField(_("digest of the policy"), max_length=64, blank=True, default="")
    few_firms_reason = models.CharField(_("reason to freeze with fewer than five firms"), max_length=200, blank=True)
    end_reason = models.CharField(_("reason of the end"), max_length=200, blank=True, default="")
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    opt_outs_solved = models.PositiveSmallIntegerField(_("solved again after opt-outs"), default=0)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.CheckConstraint(condition=not_blank("code", "title"), name="round_has_code_and_title"),
            models.CheckConstraint(condition=Q(mode__in=RoundMode.values), name="round_mode_known"),
            models.CheckConstraint(condition=Q(status__in=RoundStatus.values), name="round_status_known"),
            models.CheckConstraint(
                condition=Q(firming_at__lte=F("demand_closes_at"), demand_closes_at__lt=F("quotations_close_at")),
                name="round_times_in_order",
            ),
            models.CheckConstraint(
                condition=plausible_times("firming_at", "demand_closes_at", "quotations_close_at", "confirm_closes_at"),
                name="round_times_plausible",
            ),
            models.CheckConstraint(
                condition=between(0, WHOLE_PERMILLE, "tolerance_permille", "deposit_permille")
                & between(1, WHOLE_PERMILLE, "greatest_supplier_share_permille")
                & between(1, 10_000, "use_cap_permille"),
                name="round_shares_in_range",
            ),
            models.CheckConstraint(
                condition=between(1, 720, "confirm_within_h", "dispute_h"), name="round_hours_in_range"
            ),
            models.CheckConstraint(condition=between(0, 2, "opt_outs_solved"), name="round_solved_again_twice_at_most"),
            models.CheckConstraint(
                condition=~Q(status__in=["cancelled", "failed"]) | not_blank("end_reason"), name="round_end_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RoundLine(Record):
    """One material, delivered to one zone in one window; all firms pay one price on it.

    `spot_fen_per_t`: what a wanted tonne costs that the round does not serve (without VAT, delivered, cash).
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ,
        firm_condition=f"{BUYS} AND EXISTS (SELECT FROM rounds_round r WHERE r.id = round_id AND r.status <> 'draft')",
        staff=("SELECT", "INSERT", "UPDATE", "DELETE"),
        planner=READ,
        exchange=READ,
    )

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField(_("number"))
    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT, related_name="+")
    zone = models.CharField(_("zone"), max_length=30, blank=True, default="")
    window_from = models.DateField(_("delivered from"))
    window_to = models.DateField(_("delivered until"))
    bag_kg = models.PositiveIntegerField(_("bag, kg"), default=25)
    truck_kg = models.PositiveIntegerField(_("truck, kg"), default=32_000)
    spot_fen_per_t = models.PositiveBigIntegerField(_("spot price, fen per t"))
    least_suppliers = models.PositiveSmallIntegerField(_("fewest suppliers"), default=1)
    most_suppliers = models.PositiveSmallIntegerField(_("most suppliers"), null=True, blank=True)
    greatest_share_permille = models.PositiveIntegerField(_("most for one supplier, per mille"), default=1000)
    least_share_permille = models.PositiveIntegerField(_("least for one supplier, per mille"), default=0)

    class Meta:
        verbose_name = _("round line")
        verbose_name_plural = _("round lines")
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="line_number_once_per_round"),
            models.UniqueConstraint(
                fields=["round", "material", "zone", "window_from", "window_to"], name="round_line_once"
            ),
            models.CheckConstraint(
                condition=Q(window_from__lte=F("window_to")) & plausible_days("window_from", "window_to"),
                name="round_line_window",
            ),
            models.CheckConstraint(
                condition=between(1, MOST_BAG_KG, "bag_kg") & between(1, MOST_KG, "truck_kg"), name="round_line_bags"
            ),
            models.CheckConstraint(
                condition=between(1, MOST_FEN_PER_T, "spot_fen_per_t"), name="round_line_spot_in_range"
            ),
            models.CheckConstraint(
                condition=between(1, 100, "least_suppliers")
                & (Q(most_suppliers=None) | Q(most_suppliers__gte=F("least_suppliers"))),
                name="round_line_suppliers_in_order",
            ),
            models.CheckConstraint(
                condition=between(1, WHOLE_PERMILLE, "greatest_share_permille")
                & Q(least_share_permille__lte=F("greatest_share_permille")),
                name="round_line_shares_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class RoundMove(Record):
    """One move of a round, by whom and why. Append-only."""

    tenancy: ClassVar[Tenancy] = system(firm=READ, firm_condition=BUYS, staff=APPEND, planner=APPEND, exchange=APPEND)

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="moves")
    before = models.CharField(_("before"), max_length=12, choices=RoundStatus.choices)
    after = models.CharField(_("after"), max_length=12, choices=RoundStatus.choices)
    at = models.DateTimeField(_("at"))
    by_clock = models.BooleanField(_("by the clock"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("move of a round")
        verbose_name_plural = _("moves of rounds")

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Commitment(Record):
    """What a firm wants of a line: from the least to the most, best the wanted; or nothing. Whole bags.

    `approved_suppliers`: whose resin the firm takes; empty = anybody's. `priority`: 1 is served before 2 when there is
    too little. The reserve price stands in a table of its own.
    """

    tenancy: ClassVar[Tenancy] = private(
        firm=WRITE, staff=READ, planner=READ, exchange=READ, office=Office.ROUND, owners={"line": ""}
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    least_kg = models.PositiveBigIntegerField(_("least, kg"))
    wanted_kg = models.PositiveBigIntegerField(_("wanted, kg"))
    most_kg = models.PositiveBigIntegerField(_("most, kg"))
    priority = models.PositiveSmallIntegerField(_("priority class"), default=2)
    approved_suppliers = ArrayField(models.UUIDField(), verbose_name=_("approved suppliers"), default=list, blank=True)
    silence = models.CharField(_("no answer means"), max_length=8, choices=Silence.choices, default=Silence.ACCEPT)
    status = models.CharField(
        _("status"), max_length=10, choices=CommitmentStatus.choices, default=CommitmentStatus.SUBMITTED
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [
            models.UniqueConstraint(fields=["firm", "line"], name="commitment_once_per_line"),
            models.CheckConstraint(
                condition=Q(wanted_kg__gt=0, least_kg__lte=F("wanted_kg"), wanted_kg__lte=F("most_kg"))
                & Q(most_kg__lte=MOST_KG),
                name="commitment_quantities_in_order",
            ),
            models.CheckConstraint(condition=between(1, 2, "priority"), name="commitment_priority_known"),
            models.CheckConstraint(condition=Q(silence__in=Silence.values), name="commitment_silence_known"),
            models.CheckConstraint(condition=Q(status__in=CommitmentStatus.values), name="commitment_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.wanted_kg}"


class CommitmentReserve(Record):
    """Above this price of the line the firm is out. Read by the firm and by the job that solves the award."""

    tenancy: ClassVar[Tenancy] = private(firm=("SELECT", "INSERT", "UPDATE", "DELETE"), staff=NONE, planner=READ)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    commitment = models.OneToOneField(
        Commitment, verbose_name=_("commitment"), on_delete=models.PROTECT, related_name="reserve"
    )
    reserve_fen_per_t = models.PositiveBigIntegerField(_("reserve price, fen per t"))

    class Meta:
        verbose_name = _("reserve price")
        verbose_name_plural = _("reserve prices")
        constraints = [
            models.CheckConstraint(condition=between(1, MOST_FEN_PER_T, "reserve_fen_per_t"), name="reserve_in_range")
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id}"


class CommitmentEvent(Record):
    """Each revision of a commitment as it stood. Append-only, read by the firm."""

    tenancy: ClassVar[Tenancy] = private(firm=APPEND, staff=NONE, planner=READ)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    commitment = models.ForeignKey(
        Commitment, verbose_name=_("commitment"), on_delete=models.PROTECT, related_name="events"
    )
    revision = models.PositiveIntegerField(_("revision"))
    at = models.DateTimeField(_("at"))
    status = models.CharField(_("status"), max_length=10, choices=CommitmentStatus.choices)
    least_kg = models.PositiveBigIntegerField(_("least, kg"))
    wanted_kg = models.PositiveBigIntegerField(_("wanted, kg"))
    most_kg = models.PositiveBigIntegerField(_("most, kg"))

    class Meta:
        verbose_name = _("revision of a commitment")
        verbose_name_plural = _("revisions of commitments")
        constraints = [models.UniqueConstraint(fields=["commitment", "revision"], name="commitment_revision_once")]

    def __str__(self) -> str:
        return f"{self.revision}"


class UseAllowance(Record):
    """The association lets a firm commit to more than its verified use allows, and says why."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, staff=APPEND, planner=READ, office=Office.ROUND)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="+")
    most_kg = models.PositiveBigIntegerField(_("most, kg"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.CheckConstraint(condition=between(1, MOST_KG, "most_kg"), name="allowance_in_range"),
            models.CheckConstraint(condition=not_blank("reason"), name="allowance_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.most_kg}"


class DemandSnapshot(Record):
    """What a line's commitments added up to when the round was frozen, and the digest of the locked rows."""

    tenancy: ClassVar[Tenancy] = system(staff=READ, planner=READ, exchange=APPEND)

    line = models.OneToOneField(
        RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="snapshot"
    )
    firms = models.PositiveIntegerField(_("firms"))
    least_kg = models.PositiveBigIntegerField(_("least, kg"))
    wanted_kg = models.PositiveBigIntegerField(_("wanted, kg"))
    most_kg = models.PositiveBigIntegerField(_("most, kg"))
    sha256 = models.CharField(_("digest"), max_length=64)
    frozen_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demand")

    def __str__(self) -> str:
        return f"{self.wanted_kg}"


class LockedCommitment(Record):
    """A commitment as the freeze found it. Never changed: awards, short deliveries and surplus are shared by it.

    `tie`: tells equals apart; drawn from the snapshot, so that nobody can choose it.
    """

    tenancy: ClassVar[Tenancy] = private(
        firm=READ, staff=READ, planner=READ, exchange=APPEND, office=Office.ROUND, owners={"snapshot": ""}
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(
        DemandSnapshot, verbose_name=_("demand"), on_delete=models.PROTECT, related_name="locked"
    )
    commitment = models.OneToOneField(
        Commitment, verbose_name=_("commitment"), on_delete=models.PROTECT, related_name="locked"
    )
    least_kg = models.PositiveBigIntegerField(_("least, kg"))
    wanted_kg = models.PositiveBigIntegerField(_("wanted, kg"))
    most_kg = models.PositiveBigIntegerField(_("most, kg"))
    priority = models.PositiveSmallIntegerField(_("priority class"))
    approved_suppliers = ArrayField(models.UUIDField(), verbose_name=_("approved suppliers"), default=list)
    silence = models.CharField(_("no answer means"), max_length=8, choices=Silence.choices)
    tie = models.CharField(_("tie"), max_length=64)

    class Meta:
        verbose_name = _("locked commitment")
        verbose_name_plural = _("locked commitments")

    def __str__(self) -> str:
        return f"{self.wanted_kg}"
