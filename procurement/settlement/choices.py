from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.states import Moves, table


class Finding(models.TextChoices):
    """Why an invoice line is disputed."""

    KG = "kg", _("another weight than was settled")
    PRICE = "price", _("another price than was agreed")
    VAT_RATE = "vat_rate", _("another rate of VAT than was agreed")
    VAT = "vat", _("VAT that is not that of its net amount")


class InvoiceStatus(models.TextChoices):
    """`received`: waits for weights that are not settled. `void`: taken back or red-lettered; its lines are free."""

    RECEIVED = "received", pgettext_lazy("invoice", "received")
    MATCHED = "matched", _("matched")
    DISPUTED = "disputed", _("disputed")
    SETTLED = "settled", pgettext_lazy("invoice", "settled")
    VOID = "void", _("void")


INVOICE_MOVES: Moves = table(
    received=("matched", "disputed", "void"),
    disputed=("matched", "void"),
    matched=("settled", "disputed", "void"),
)


class DepositStatus(models.TextChoices):
    """`applied`: set against the firm's payable. `forfeited`: it goes to those who bore the loss."""

    HELD = "held", _("held")
    APPLIED = "applied", _("applied")
    REFUNDED = "refunded", _("refunded")
    FORFEITED = "forfeited", _("forfeited")


DEPOSIT_MOVES: Moves = table(held=("applied", "refunded", "forfeited"))


class FeeKind(models.TextChoices):
    """What the association pays others for a round and passes on as it is."""

    TENDER = "tender", _("request and opening")
    INSPECTION = "inspection", _("inspection of lots")
    WEIGHING = "weighing", _("weighing")
    STORAGE = "storage", _("storage")
    FREIGHT = "freight", _("freight")
    BANK = "bank", _("bank charges")
    LEGAL = "legal", _("legal advice")


class Account(models.TextChoices):
    """A firm's accounts of a round. A debit is positive, a credit negative."""

    GOODS = "goods", _("goods without VAT")
    ROUNDING = "rounding", _("rounding differences")
    INPUT_VAT = "input_vat", _("input VAT")
    PAYABLE = "payable", _("owed to the supplier")
    FEES = "fees", _("fees")
    ASSOCIATION = "association", _("owed to the association")
    DEPOSIT = "deposit", _("deposit")
    CASH = "cash", _("paid and got back")
    FORFEIT = "forfeit", _("forfeited")


class PostingKind(models.TextChoices):
    INVOICE = "invoice", _("invoice")
    FEE = "fee", _("fee")
    BALANCING = "balancing", _("one price for all")
    DEPOSIT = "deposit", _("deposit")
    CLAIM = "claim", _("claim")
    REVERSAL = "reversal", _("reversal")
