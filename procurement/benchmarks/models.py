"""What resin costs outside the round: market quotes with their evidence, the policy, and the frozen benchmark."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.models import Material
from mes.core.bounds import between, not_blank, plausible_days
from mes.core.models import Record
from mes.core.tenancy import APPEND, NO_INTEREST, READ, WRITE, Tenancy, association, system
from procurement.benchmarks.choices import EvidenceGrade, SourceKind
from procurement.rounds.models import MOST_FEN_PER_T, MOST_KG, Round, RoundLine
from procurement.suppliers.models import BUYS


class MarketQuote(Record):
    """A price that somebody asked in the market on a day, for a single firm's lot, with who collected it.

    `price_fen_per_t` as it was said; `normalised_fen_per_t` without VAT, delivered, cash; `freight_fen_per_t` without
    VAT. A wrong one is voided with a reason and otherwise never changes (trigger). Invoices of members are kept from
    whoever of the association has a declared interest in any firm.
    """

    tenancy: ClassVar[Tenancy] = system(
        staff=WRITE,
        staff_condition=f"(source <> 'member_invoice' OR {NO_INTEREST})",
        planner=READ,
        exchange=READ,
    )

    material = models.ForeignKey(Material, verbose_name=_("material"), on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("kind of source"), max_length=16, choices=SourceKind.choices)
    source_name = models.CharField(_("source"), max_length=80)
    quoted_on = models.DateField(_("quoted on"))
    lot_kg = models.PositiveBigIntegerField(_("lot, kg"))
    price_fen_per_t = models.PositiveBigIntegerField(_("price, fen per t"))
    with_vat = models.BooleanField(_("with VAT"))
    vat_permille = models.PositiveSmallIntegerField(_("VAT, per mille"), default=130)
    delivered = models.BooleanField(_("delivered"))
    freight_fen_per_t = models.PositiveBigIntegerField(_("freight, fen per t"), default=0)
    payment_days = models.PositiveSmallIntegerField(_("payment, days"), default=0)
    interest_permille = models.PositiveSmallIntegerField(_("interest a year, per mille"), default=0)
    normalised_fen_per_t = models.PositiveBigIntegerField(_("without VAT, delivered, cash, fen per t"))
    evidence_sha256 = models.CharField(_("digest of the evidence"), max_length=64, blank=True, default="")
    grade = models.CharField(_("evidence"), max_length=1, choices=EvidenceGrade.choices)
    collector_id = models.UUIDField(_("collected by"))
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    void_reason = models.CharField(_("why voided"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("market quote")
        verbose_name_plural = _("market quotes")
        constraints = [
            models.CheckConstraint(condition=Q(source__in=SourceKind.values), name="market_quote_source_known"),
            models.CheckConstraint(condition=Q(grade__in=EvidenceGrade.values), name="market_quote_grade_known"),
            models.CheckConstraint(condition=not_blank("source_name"), name="market_quote_has_source"),
            models.CheckConstraint(condition=plausible_days("quoted_on"), name="market_quote_day_plausible"),
            models.CheckConstraint(
                condition=between(1, MOST_FEN_PER_T, "price_fen_per_t", "normalised_fen_per_t")
                & between(1, MOST_KG, "lot_kg"),
                name="market_quote_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(grade=EvidenceGrade.A) | Q(evidence_sha256__regex=r"^[0-9a-f]{64}$"),
                name="grade_a_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None) | not_blank("void_reason"), name="voided_quote_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["material", "quoted_on"], name="market_quote_by_day")]

    def __str__(self) -> str:
        return f"{self.quoted_on}"


class BenchmarkPolicy(Record):
    """How a round's benchmark is made: which sources, how far back, of what lots. Frozen by hash with the tender.

    `least_quotes`: fewer give grade C. `weights`: by kind of source; a kind without one does not count.
    """

    tenancy: ClassVar[Tenancy] = association(planner=READ)

    round = models.OneToOneField(
        Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="benchmark_policy"
    )
    weights = models.JSONField(_("weights"), default=dict)
    window_days = models.PositiveSmallIntegerField(_("window, days"), default=30)
    least_quotes = models.PositiveSmallIntegerField(_("fewest quotes"), default=3)
    least_lot_kg = models.PositiveBigIntegerField(_("smallest lot, kg"), default=1)
    most_lot_kg = models.PositiveBigIntegerField(_("largest lot, kg"), default=MOST_KG)
    sha256 = models.CharField(_("digest"), max_length=64, blank=True, default="")
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True)

    class Meta:
        verbose_name = _("benchmark policy")
        verbose_name_plural = _("benchmark policies")
        constraints = [
            models.CheckConstraint(
                condition=between(1, 366, "window_days") & between(1, 100, "least_quotes"), name="policy_in_range"
            ),
            models.CheckConstraint(
                condition=Q(least_lot_kg__lte=F("most_lot_kg"), most_lot_kg__lte=MOST_KG), name="policy_lots_in_order"
            ),
            models.CheckConstraint(
                condition=Q(frozen_at=None) | Q(sha256__regex=r"^[0-9a-f]{64}$"), name="frozen_policy_has_digest"
            ),
        ]

    def __str__(self) -> str:
        return str(self.round)


class Benchmark(Record):
    """The market's price of a round's line on the day its request was published: quartiles, and of how many quotes."""

    tenancy: ClassVar[Tenancy] = system(firm=READ, firm_condition=BUYS, staff=APPEND, planner=APPEND, exchange=READ)

    line = models.OneToOneField(
        RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="benchmark"
    )
    quotes = models.PositiveSmallIntegerField(_("quotes"))
    grade = models.CharField(_("evidence"), max_length=1, choices=EvidenceGrade.choices)
    q1_fen_per_t = models.PositiveBigIntegerField(_("first quartile, fen per t"))
    median_fen_per_t = models.PositiveBigIntegerField(_("median, fen per t"))
    q3_fen_per_t = models.PositiveBigIntegerField(_("third quartile, fen per t"))
    policy_sha256 = models.CharField(_("digest of the policy"), max_length=64)
    frozen_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("benchmark")
        verbose_name_plural = _("benchmarks")
        constraints = [
            models.CheckConstraint(condition=Q(grade__in=EvidenceGrade.values), name="benchmark_grade_known"),
            models.CheckConstraint(
                condition=Q(q1_fen_per_t__lte=F("median_fen_per_t"), median_fen_per_t__lte=F("q3_fen_per_t")),
                name="benchmark_quartiles_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.median_fen_per_t}"
