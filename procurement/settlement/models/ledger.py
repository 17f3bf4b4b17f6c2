"""The ledger of a round, firm by firm: postings that sum to zero, added and never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank
from mes.core.models import Record
from mes.core.tenancy import APPEND, READ, Office, Tenancy, private, system
from mes.firms.models import Firm
from procurement.rounds.models import Round
from procurement.settlement.choices import Account, FeeKind, PostingKind

MOST_FEN = 10**14
MOST_KEY = 120
MOST_REFERENCE = 60
MOST_NOTE = 200


class Fee(Record):
    """What the association paid somebody for the round, without VAT; passed on at cost by the accepted kg.

    `reference`: the number of the provider's invoice, which is taken once.
    """

    tenancy: ClassVar[Tenancy] = system(staff=APPEND, planner=READ, exchange=READ)

    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="fees")
    kind = models.CharField(_("kind"), max_length=12, choices=FeeKind.choices)
    fen = models.PositiveBigIntegerField(_("amount, fen"))
    reference = models.CharField(_("number of its invoice"), max_length=MOST_REFERENCE)
    booked_at = models.DateTimeField(_("booked"))

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.UniqueConstraint(fields=["round", "kind", "reference"], name="fee_once_per_reference"),
            models.CheckConstraint(condition=Q(kind__in=FeeKind.values), name="fee_kind_known"),
            models.CheckConstraint(condition=between(1, MOST_FEN, "fen"), name="fee_in_range"),
            models.CheckConstraint(condition=not_blank("reference"), name="fee_has_reference"),
        ]

    def __str__(self) -> str:
        return self.reference


class Posting(Record):
    """One event in a firm's book of a round. Its entries sum to zero, which a deferred trigger says too.

    `key`: of the event outside, so that nothing is booked twice. `reverses`: whose mirror image it is.
    """

    tenancy: ClassVar[Tenancy] = private(
        firm=READ, staff=APPEND, planner=READ, exchange=APPEND, office=Office.ROUND, owners={"round": ""}
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=PostingKind.choices)
    key = models.CharField(_("key of the event"), max_length=MOST_KEY)
    at = models.DateTimeField(_("at"))
    note = models.CharField(_("note"), max_length=MOST_NOTE, blank=True, default="")
    reverses = models.OneToOneField(
        "self", verbose_name=_("reverses"), on_delete=models.PROTECT, related_name="reversal", null=True, blank=True
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["firm", "key"], name="posting_once_per_event"),
            models.CheckConstraint(condition=Q(kind__in=PostingKind.values), name="posting_kind_known"),
            models.CheckConstraint(condition=not_blank("key"), name="posting_has_key"),
            models.CheckConstraint(
                condition=(Q(kind=PostingKind.REVERSAL) & Q(reverses__isnull=False))
                | (~Q(kind=PostingKind.REVERSAL) & Q(reverses=None)),
                name="reversal_reverses_something",
            ),
        ]
        indexes = [models.Index(fields=["round", "firm"], name="posting_by_round")]

    def __str__(self) -> str:
        return self.key


class LedgerEntry(Record):
    """One side of a posting; debit positive. `supplier`: to whom a payable is owed."""

    tenancy: ClassVar[Tenancy] = private(firm=READ, staff=APPEND, planner=READ, exchange=APPEND, office=Office.ROUND)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, verbose_name=_("posting"), on_delete=models.PROTECT, related_name="entries")
    account = models.CharField(_("account"), max_length=12, choices=Account.choices)
    supplier = models.ForeignKey(
        Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    fen = models.BigIntegerField(_("amount, fen"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(condition=Q(account__in=Account.values), name="entry_account_known"),
            models.CheckConstraint(condition=between(-MOST_FEN, MOST_FEN, "fen"), name="entry_in_range"),
            models.CheckConstraint(
                condition=(Q(account=Account.PAYABLE) & Q(supplier__isnull=False))
                | (~Q(account=Account.PAYABLE) & Q(supplier=None)),
                name="payable_names_its_supplier",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fen}"
