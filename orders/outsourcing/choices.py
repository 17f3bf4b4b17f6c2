from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class OutsourceStatus(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    IN_PRODUCTION = "in_production", _("in production")
    DISPATCHED = "dispatched", _("dispatched")
    RECEIVED = "received", _("received")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


NEXT: Moves = table(
    confirmed=("in_production", "cancelled"),
    in_production=("dispatched",),
    dispatched=("received",),
    received=("closed",),
)


# An order in these is over: what its parties put there stays.
OVER = frozenset({OutsourceStatus.RECEIVED, OutsourceStatus.CLOSED, OutsourceStatus.CANCELLED})


class Side(models.TextChoices):
    """Which party of signed or proposed work a firm is."""

    GIVER = "giver", _("giver")
    DOER = "doer", _("doer")
