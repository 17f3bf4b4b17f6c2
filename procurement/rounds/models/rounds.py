"""Rounds, their lines and their moves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.feed import Feed, shown_to_members
from mes.core.models import Record
from mes.core.tenancy import APPEND, CHANGE, READ, WRITE, Tenancy, system
from procurement.rounds.choices import RoundMode, RoundStatus
from procurement.suppliers.models import BUYS

MOST_KG = 100_000_000
MOST_FEN_PER_T = 100_000_000
MOST_BAG_KG = 2_000
MOST_CODE = 20
MOST_TITLE = 120
MOST_ZONE = 30
MOST_REASON = 200
WHOLE_PERMILLE = 1000

# Firms that buy meet a round when it is announced; a supplier learns of it from the tender it is invited to.
_ANNOUNCED = f"status <> 'draft' AND {BUYS}"
_OF_ANNOUNCED = (
    "EXISTS (SELECT FROM rounds_round WHERE rounds_round.id = rounds_roundline.round_id"
    " AND rounds_round.status <> 'draft')"
)


def no_interest(round_id: str) -> str:
    """SQL, in a condition of the association's people: none of them has an interest in a firm of the round, or in a
    supplier that it asked. A sum beside the others' parts would tell him that firm's. `round_id`: an expression.
    """
    return f"NOT round_has_barred_firm({round_id})"


def round_of_line(table: str) -> str:
    """SQL: the round of a row of `table` that names one of its lines."""
    return (
        "(SELECT rounds_roundline.round_id FROM rounds_roundline"  # noqa: S608 - no input
        f" WHERE rounds_roundline.id = {table}.line_id)"
    )


class Round(Record):
    """One round of pooled buying. Its times move later only, once it is announced; the policy is frozen by hash.

    `use_cap_permille`: of a firm's verified use in the last three months, the most that it may commit to.
    `opt_outs_solved`: how often the award was solved again after firms had opted out.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=_ANNOUNCED, staff=WRITE, planner=("SELECT", "UPDATE"), exchange=CHANGE
    )

    feed: ClassVar[Feed] = Feed(
        "round",
        resource="rounds",
        path="rounds/{id}",
        shows=shown_to_members(
            "code", "status", "title", "mode", "policy_sha256", "firming_at", "demand_closes_at",
            "quotations_close_at", "confirm_within_h", "confirm_closes_at", "suspended_at", "end_reason",
        ),
        unless="r.status = 'draft'",
    )  # fmt: skip

    code = models.CharField(_("code"), max_length=MOST_CODE, unique=True)
    title = models.CharField(_("title"), max_length=MOST_TITLE)
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
    few_firms_reason = models.CharField(
        _("reason to freeze with fewer than five firms"), max_length=MOST_REASON, blank=True
    )
    end_reason = models.CharField(_("reason of the end"), max_length=MOST_REASON, blank=True, default="")
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
        firm_condition=f"{BUYS} AND {_OF_ANNOUNCED}",
        staff=("SELECT", "INSERT", "UPDATE", "DELETE"),
        planner=READ,
        exchange=READ,
    )

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField(_("number"))
    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT, related_name="+")
    zone = models.CharField(_("zone"), max_length=MOST_ZONE, blank=True, default="")
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
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("move of a round")
        verbose_name_plural = _("moves of rounds")

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"
