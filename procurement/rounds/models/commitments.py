"""What firms commit to, and what the association allows them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank
from mes.core.feed import Feed, PartOf, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import APPEND, NONE, READ, WRITE, Office, Tenancy, private
from mes.firms.models import Firm
from procurement.rounds.choices import CommitmentStatus, Silence
from procurement.rounds.models.rounds import MOST_FEN_PER_T, MOST_KG, MOST_REASON, RoundLine


class Commitment(Record):
    """What a firm wants of a line: from the least to the most, best the wanted; or nothing. Whole bags.

    `approved_suppliers`: whose resin the firm takes; empty = anybody's. `priority`: 1 is served before 2 when there is
    too little. The reserve price stands in a table of its own.
    """

    tenancy: ClassVar[Tenancy] = private(
        firm=WRITE, staff=READ, planner=READ, exchange=READ, office=Office.ROUND, owners={"line": ""}
    )

    feed: ClassVar[Feed] = Feed(
        "commitment",
        resource="rounds",
        path="commitments/{id}",
        shows=shown_to_firm(
            "line_id",
            "status",
            "revision",
            "least_kg",
            "wanted_kg",
            "most_kg",
            "priority",
            "approved_suppliers",
            "silence",
        ),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(
        RoundLine, verbose_name=_("round line"), on_delete=models.PROTECT, related_name="commitments"
    )
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

    feed: ClassVar[PartOf] = PartOf("commitment", key="commitment_id", shows=shown_to_firm("reserve_fen_per_t"))

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
    reason = models.CharField(_("reason"), max_length=MOST_REASON)

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.CheckConstraint(condition=between(1, MOST_KG, "most_kg"), name="allowance_in_range"),
            models.CheckConstraint(condition=not_blank("reason"), name="allowance_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.most_kg}"
