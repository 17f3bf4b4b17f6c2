from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    """In the order of their worth; a round's own quotations and list prices are no source."""

    SUPPLIER_QUOTE = "supplier_quote", _("quote of a supplier for a single firm's lot")
    TRADER_QUOTE = "trader_quote", _("quote of a trader")
    MEMBER_INVOICE = "member_invoice", _("a member's invoice outside the round")
    ASSESSMENT = "assessment", _("licensed assessment")
    INDEXED = "indexed", _("last price, moved by an index")


class EvidenceGrade(models.TextChoices):
    """A: dated, with its file. B: dated, without. C: too few or derived; not in the headline."""

    A = "A", _("A: dated, with its file")
    B = "B", _("B: dated, without a file")
    C = "C", _("C: derived or too few")
