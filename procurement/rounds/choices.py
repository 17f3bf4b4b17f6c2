from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mes.core.states import Moves, table


class RoundStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    COLLECTING = "collecting", _("collecting")
    FIRMING = "firming", _("firming")
    FROZEN = "frozen", _("frozen")
    TENDERING = "tendering", _("tendering")
    OPENED = "opened", pgettext_lazy("quotations", "opened")
    PROPOSED = "proposed", _("proposed")
    CONFIRMING = "confirming", _("confirming")
    AWARDED = "awarded", _("awarded")
    DELIVERING = "delivering", _("delivering")
    SETTLING = "settling", _("settling")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


NEXT: Moves = table(
    draft=("collecting", "cancelled"),
    collecting=("firming", "frozen", "cancelled", "failed"),
    firming=("frozen", "cancelled", "failed"),
    frozen=("tendering", "cancelled", "failed"),
    tendering=("opened", "cancelled", "failed"),
    opened=("proposed", "cancelled", "failed"),
    proposed=("confirming", "opened", "cancelled", "failed"),
    confirming=("awarded", "proposed", "cancelled", "failed"),
    awarded=("delivering",),
    delivering=("settling",),
    settling=("closed",),
)

# Firms commit in these only; the database's trigger says the same.
OPEN_STATUSES = frozenset({RoundStatus.COLLECTING, RoundStatus.FIRMING})


class RoundMode(models.TextChoices):
    """Who signs, is invoiced and pays: each firm (统谈分签分付), or the association, which sells on at cost (统购)."""

    EACH_SIGNS = "each_signs", _("negotiated together, signed and paid by each")
    CENTRAL = "central", _("bought centrally")


class CommitmentStatus(models.TextChoices):
    SUBMITTED = "submitted", _("submitted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Silence(models.TextChoices):
    """What it means when a firm does not answer in the time for confirmations; chosen with the commitment."""

    ACCEPT = "accept", _("accept")
    OPT_OUT = "opt_out", _("opt out")


class ProgressBand(models.TextChoices):
    """What a line's commitments add up to, in tonnes."""

    UNDER_100_T = "under_100_t", _("under 100 t")
    UNDER_500_T = "100_to_500_t", _("100 to 500 t")
    UNDER_2000_T = "500_to_2000_t", _("500 to 2,000 t")
    MORE = "over_2000_t", _("over 2,000 t")
