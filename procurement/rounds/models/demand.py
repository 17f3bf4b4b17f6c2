"""What the commitments add up to: so far, and when the round is frozen."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.models import Record
from mes.core.tenancy import APPEND, NO_INTEREST, READ, WRITE, Office, Tenancy, private, system
from mes.firms.models import Firm
from procurement.rounds.choices import ProgressBand, Silence
from procurement.rounds.models.commitments import Commitment
from procurement.rounds.models.rounds import RoundLine, no_interest, round_of_line
from procurement.suppliers.models import BUYS


class LineProgress(Record):
    """How much the firms have said of a line so far, as all of them may know it: by bands, and not at each step.

    `shown_at`: when it was last worked out so that it tells of no single firm, also not beside what was shown before,
    at the times `told_at`.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=READ, firm_condition=BUYS, staff=READ, staff_condition=NO_INTEREST, planner=WRITE
    )

    line = models.OneToOneField(
        RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="progress"
    )
    band = models.CharField(_("so far"), max_length=16, choices=ProgressBand.choices)
    shown_at = models.DateTimeField(_("as of"))
    told_at = ArrayField(models.DateTimeField(), verbose_name=_("worked out at"), default=list)

    class Meta:
        verbose_name = _("progress of a line")
        verbose_name_plural = _("progress of lines")
        constraints = [models.CheckConstraint(condition=Q(band__in=ProgressBand.values), name="progress_band_known")]

    def __str__(self) -> str:
        return f"{self.band}"


class DemandSnapshot(Record):
    """What a line's commitments added up to when the round was frozen, and the digest of the locked rows."""

    tenancy: ClassVar[Tenancy] = system(
        staff=READ, staff_condition=no_interest(round_of_line("rounds_demandsnapshot")), planner=READ, exchange=APPEND
    )

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
