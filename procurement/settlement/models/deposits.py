"""Deposits that firms pay on their orders."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_times
from mes.core.models import Record
from mes.core.tenancy import READ, WRITE, Office, Tenancy, private
from mes.firms.models import Firm
from procurement.rounds.models import MOST_REASON
from procurement.settlement.choices import DepositStatus
from procurement.settlement.models.ledger import MOST_FEN
from procurement.supply.models import FirmOrder

MOST_DEPOSIT_SHARE = 5
"""Earnest money is a fifth of the contract at most (Civil Code, art. 586). A trigger says the same."""


class Deposit(Record):
    """What a firm has paid on an order before it was delivered, kept by the association until it ends."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, staff=READ, exchange=WRITE, office=Office.ROUND)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(
        FirmOrder, verbose_name=_("order of a firm"), on_delete=models.PROTECT, related_name="deposits"
    )
    fen = models.PositiveBigIntegerField(_("amount, fen"))
    status = models.CharField(_("status"), max_length=10, choices=DepositStatus.choices, default=DepositStatus.HELD)
    held_at = models.DateTimeField(_("held since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        constraints = [
            models.CheckConstraint(condition=between(1, MOST_FEN, "fen"), name="deposit_in_range"),
            models.CheckConstraint(condition=Q(status__in=DepositStatus.values), name="deposit_status_known"),
            models.CheckConstraint(
                condition=Q(status=DepositStatus.HELD, ended_at=None)
                | (~Q(status=DepositStatus.HELD) & Q(ended_at__isnull=False)),
                name="ended_deposit_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=DepositStatus.FORFEITED) | not_blank("reason"), name="forfeited_deposit_has_reason"
            ),
            models.CheckConstraint(condition=plausible_times("held_at", "ended_at"), name="deposit_times_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.fen}"
