"""Invoices for what firms have got, each of one firm, with the match of each line."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between, not_blank, plausible_days, plausible_times
from mes.core.feed import Feed, PartOf
from mes.core.models import Record
from mes.core.tenancy import Office, Tenancy, two_party
from mes.firms.models import Firm
from procurement.rounds.models import MOST_KG, MOST_REASON, Round
from procurement.settlement.choices import Finding, InvoiceStatus
from procurement.settlement.models.ledger import MOST_FEN
from procurement.supply.models import LotAllocation

MOST_NUMBER = 40
MOST_VAT_PERMILLE = 500

_TOLD = (
    "number", "issued_on", "status", "net_fen", "vat_fen", "gross_fen", "reason", "supplier_id", "received_at",
    "settled_at",
)  # fmt: skip
_TOLD_OF_LINE = (
    "part_id", "kg", "net_fen", "vat_permille", "vat_fen", "findings", "net_difference_fen", "vat_difference_fen",
)  # fmt: skip


class Invoice(Record):
    """An invoice to one firm. `seller`: the supplier where the firm has signed with it; empty where the association
    buys and sells on at cost. Amounts in fen as the paper says them; what it says does not change (trigger).
    """

    tenancy: ClassVar[Tenancy] = two_party(giver="firm_id", doer="seller_id", office=Office.ROUND)

    feed: ClassVar[Feed] = Feed(
        "resin_invoice",
        resource="rounds",
        path="resin-invoices/{id}",
        shows={"firm_id": _TOLD, "seller_id": _TOLD},
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Firm, verbose_name=_("supplier"), on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(
        Firm, verbose_name=_("seller"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    round = models.ForeignKey(Round, verbose_name=_("round"), on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=MOST_NUMBER)
    issued_on = models.DateField(_("issued on"))
    status = models.CharField(_("status"), max_length=10, choices=InvoiceStatus.choices, default=InvoiceStatus.RECEIVED)
    net_fen = models.PositiveBigIntegerField(_("without VAT, fen"))
    vat_fen = models.PositiveBigIntegerField(_("VAT, fen"))
    gross_fen = models.PositiveBigIntegerField(_("with VAT, fen"))
    received_at = models.DateTimeField(_("received"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=MOST_REASON, blank=True, default="")

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "number"], condition=~Q(status=InvoiceStatus.VOID), name="invoice_number_once"
            ),
            models.CheckConstraint(condition=not_blank("number"), name="invoice_has_number"),
            models.CheckConstraint(condition=Q(status__in=InvoiceStatus.values), name="invoice_status_known"),
            models.CheckConstraint(condition=Q(gross_fen=F("net_fen") + F("vat_fen")), name="invoice_adds_up"),
            models.CheckConstraint(condition=between(1, MOST_FEN, "net_fen", "gross_fen"), name="invoice_in_range"),
            models.CheckConstraint(
                condition=~Q(status=InvoiceStatus.SETTLED) | Q(settled_at__isnull=False),
                name="settled_invoice_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=InvoiceStatus.VOID) | not_blank("reason"), name="void_invoice_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(seller=None) | Q(seller=F("supplier")), name="invoice_seller_is_supplier"
            ),
            models.CheckConstraint(
                condition=plausible_days("issued_on") & plausible_times("received_at", "settled_at"),
                name="invoice_days_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(Record):
    """One part of a lot as it is invoiced. `live`: not void, so that each part is invoiced once.

    The differences are those of the invoice to what order and weight give; empty until it is matched.
    """

    tenancy: ClassVar[Tenancy] = two_party(giver="firm_id", doer="seller_id", office=Office.ROUND)

    feed: ClassVar[PartOf] = PartOf(
        "resin_invoice", key="invoice_id", shows={"firm_id": _TOLD_OF_LINE, "seller_id": _TOLD_OF_LINE}
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(
        Firm, verbose_name=_("seller"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    invoice = models.ForeignKey(Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="lines")
    part = models.ForeignKey(
        LotAllocation, verbose_name=_("part of a lot"), on_delete=models.PROTECT, related_name="invoice_lines"
    )
    kg = models.PositiveBigIntegerField(_("kg"))
    net_fen = models.PositiveBigIntegerField(_("without VAT, fen"))
    vat_permille = models.PositiveSmallIntegerField(_("VAT, per mille"))
    vat_fen = models.PositiveBigIntegerField(_("VAT, fen"))
    live = models.BooleanField(_("counts"), default=True)
    net_difference_fen = models.BigIntegerField(_("difference without VAT, fen"), null=True, blank=True)
    vat_difference_fen = models.BigIntegerField(_("difference of the VAT, fen"), null=True, blank=True)
    findings = ArrayField(
        models.CharField(max_length=10, choices=Finding.choices), verbose_name=_("findings"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of invoices")
        constraints = [
            models.UniqueConstraint(fields=["part"], condition=Q(live=True), name="lot_part_invoiced_once"),
            models.CheckConstraint(
                condition=between(1, MOST_KG, "kg") & between(1, MOST_FEN, "net_fen") & between(0, MOST_FEN, "vat_fen")
                & between(0, MOST_VAT_PERMILLE, "vat_permille"),
                name="invoice_line_in_range",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kg}"
