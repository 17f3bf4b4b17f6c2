from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.states import Moves, table


class TenderStatus(models.TextChoices):
    """Where a request stands, as its suppliers read it. The database keeps it in step with its round."""

    OPEN = "open", _("open")
    SUSPENDED = "suspended", _("suspended")
    OPENED = "opened", pgettext_lazy("quotations", "opened")
    AWARDED = "awarded", _("awarded")
    ENDED = "ended", _("ended without an award")


class QuotationStatus(models.TextChoices):
    """`invalidated`: the tender's conditions changed after it was sealed; it must be sealed again."""

    DRAFT = "draft", _("draft")
    SEALED = "sealed", _("sealed")
    INVALIDATED = "invalidated", _("invalidated")
    WITHDRAWN = "withdrawn", _("withdrawn")
    OPENED = "opened", pgettext_lazy("quotations", "opened")
    AWARDED = "awarded", _("awarded")
    LOST = "lost", _("lost")


NEXT: Moves = table(
    draft=("sealed", "withdrawn"),
    sealed=("draft", "invalidated", "withdrawn", "opened"),
    invalidated=("draft", "sealed", "withdrawn"),
    withdrawn=("draft",),
    opened=("awarded", "lost"),
)


class BreakKind(models.TextChoices):
    """How a price break counts: for each kg, or for those above it only."""

    ALL_UNITS = "all_units", _("for all units")
    INCREMENTAL = "incremental", _("for the units above")


class DeliveryBasis(models.TextChoices):
    DELIVERED = "delivered", _("delivered to the firm")
    EX_WORKS = "ex_works", _("from the supplier's works")
