"""What each lot saved, kept as a chain, and what of a round may be told to all."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import APPEND, READ, Office, Tenancy, private, system
from mes.firms.models import Firm
from procurement.benchmarks.choices import EvidenceGrade
from procurement.benchmarks.models import Benchmark
from procurement.rounds.models import MOST_KG, Round
from procurement.suppliers.models import BUYS
from procurement.supply.models import LotAllocation


class SavingLine(Record):
    """The saving of a part of a lot that was received and invoiced. A later revision takes an earlier one's place.

    Amounts in fen without VAT: what it cost, by its parts; `market_*`: what the same kg cost outside the round by the
    frozen benchmark's quartiles; `alone_fen`: what the same quotations would have charged the firm alone. Each line of
    a round holds the digest of the one before (trigger); `sha256` is over all that it says.
    """

    tenancy: ClassVar[Tenancy] = private(
        firm=READ,
        staff=READ,
        exchange=APPEND,
        office=Office.ROUND,
        owners={"round": "", "benchmark": ""},
    )

    feed: ClassVar[Feed] = Feed(
        "resin_saving",
        resource="rounds",
        path="resin-savings/{id}",
        shows=shown_to_firm(
            "round_id", "part_id", "revision", "grade", "kg", "net_fen", "balancing_fen", "freight_fen",
            "fee_fen", "financing_fen", "claims_fen", "rebates_fen", "landed_fen", "market_low_fen", "market_mid_fen",
            "market_high_fen", "alone_fen", "recognised_at", "sha256",
        ),
    )  # fmt: skip

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="+")
    part = models.ForeignKey(
        LotAllocation, verbose_name=_("part of a lot"), on_delete=models.PROTECT, related_name="savings"
    )
    benchmark = models.ForeignKey(
        Benchmark, verbose_name=_("benchmark"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveIntegerField(_("number"))
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    grade = models.CharField(_("evidence"), max_length=1, choices=EvidenceGrade.choices)
    kg = models.PositiveBigIntegerField(_("kg"))
    net_fen = models.BigIntegerField(_("invoiced without VAT, fen"))
    balancing_fen = models.BigIntegerField(_("to one price for all, fen"))
    freight_fen = models.BigIntegerField(_("freight, fen"))
    fee_fen = models.BigIntegerField(_("fees, fen"))
    financing_fen = models.BigIntegerField(_("cost of the deposit, fen"))
    claims_fen = models.BigIntegerField(_("bad quality, fen"))
    rebates_fen = models.BigIntegerField(_("given back, fen"))
    landed_fen = models.BigIntegerField(_("landed, fen"))
    market_low_fen = models.BigIntegerField(_("market, first quartile, fen"))
    market_mid_fen = models.BigIntegerField(_("market, median, fen"))
    market_high_fen = models.BigIntegerField(_("market, third quartile, fen"))
    alone_fen = models.BigIntegerField(_("alone, fen"), null=True, blank=True)
    recognised_at = models.DateTimeField(_("recognised"))
    previous_sha256 = models.CharField(_("digest of the line before"), max_length=64)
    sha256 = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("saving of a lot")
        verbose_name_plural = _("savings of lots")
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="saving_number_once"),
            models.UniqueConstraint(fields=["part", "revision"], name="saving_revision_once"),
            models.CheckConstraint(condition=between(1, MOST_KG, "kg"), name="saving_in_range"),
            models.CheckConstraint(condition=Q(grade__in=EvidenceGrade.values), name="saving_grade_known"),
            models.CheckConstraint(
                condition=Q(
                    landed_fen=models.F("net_fen")
                    + models.F("balancing_fen")
                    + models.F("freight_fen")
                    + models.F("fee_fen")
                    + models.F("financing_fen")
                    + models.F("claims_fen")
                    - models.F("rebates_fen")
                ),
                name="saving_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def saving_fen(self) -> int:
        """By the median. Negative where the lot was dearer than the market."""
        return self.market_mid_fen - self.landed_fen


class RoundSaving(Record):
    """The saving of a closed round as told to all members, once. `withheld`: it would tell of a firm.

    `lines`, `head_sha256`: of the chain when it was told.
    """

    tenancy: ClassVar[Tenancy] = system(firm=READ, firm_condition=BUYS, staff=APPEND, planner=READ)

    round = models.OneToOneField(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="saving")
    withheld = models.BooleanField(_("withheld"), default=False)
    spend_fen = models.BigIntegerField(_("spent, fen"), null=True, blank=True)
    evidenced_fen = models.BigIntegerField(_("spent with evidence, fen"), null=True, blank=True)
    market_low_fen = models.BigIntegerField(_("market, first quartile, fen"), null=True, blank=True)
    market_mid_fen = models.BigIntegerField(_("market, median, fen"), null=True, blank=True)
    market_high_fen = models.BigIntegerField(_("market, third quartile, fen"), null=True, blank=True)
    lines = models.PositiveIntegerField(_("lines of the chain"))
    head_sha256 = models.CharField(_("digest of its last line"), max_length=64)
    told_at = models.DateTimeField(_("told"))

    class Meta:
        verbose_name = _("saving of a round")
        verbose_name_plural = _("savings of rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    withheld=True, spend_fen=None, evidenced_fen=None, market_low_fen=None, market_mid_fen=None,
                    market_high_fen=None,
                )
                | Q(
                    withheld=False, spend_fen__isnull=False, evidenced_fen__isnull=False, market_low_fen__isnull=False,
                    market_mid_fen__isnull=False, market_high_fen__isnull=False,
                ),
                name="withheld_saving_tells_nothing",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.round_id}"
