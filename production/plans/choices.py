from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.states import Moves, table


class PlanRunState(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    CANDIDATE = "candidate", _("candidate")
    PUBLISHED = "published", _("published")
    DISCARDED = "discarded", _("discarded")
    FAILED = "failed", _("failed")


PLAN_RUN_NEXT: Moves = table(
    queued=("running", "discarded", "failed"),
    running=("candidate", "published", "failed", "discarded"),
    candidate=("published", "discarded", "failed"),
)


class PlanScope(models.TextChoices):
    PARK = "park", _("the whole park")
    FIRM_ALONE = "firm_alone", _("one firm without the others' capacity")


class RunStatus(models.TextChoices):
    """A machine run's state. Confirmed and started work never moves."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    CONFIRMED = "confirmed", _("confirmed")
    STARTED = "started", _("started")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")


RUN_NEXT: Moves = table(
    proposed=("approved", "confirmed", "cancelled"),
    approved=("proposed", "confirmed", "cancelled"),
    confirmed=("started", "cancelled"),
    started=("completed",),
)
LIVE_RUN_STATUSES = (RunStatus.PROPOSED, RunStatus.APPROVED, RunStatus.CONFIRMED, RunStatus.STARTED)
FROZEN_RUN_STATUSES = (RunStatus.APPROVED, RunStatus.CONFIRMED, RunStatus.STARTED)


class ProposalStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


PROPOSAL_NEXT: Moves = table(proposed=("accepted", "declined", "expired", "withdrawn"))
BARRING_STATUSES = (ProposalStatus.DECLINED, ProposalStatus.EXPIRED, ProposalStatus.WITHDRAWN)
