from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import ALL, CHANGE, NONE, WRITE, Tenancy, private
from mes.firms.models import Firm
from production.plans.choices import TrialStatus


class Trial(Record):
    """A trial calculation: what a firm's planner would change, and what becomes of the firm's plan then.

    `changes`: as they were asked for, `answer`: as it was told, both JSON. Only the firm reads it; nothing changes
    until it is accepted. `orders_made`: keys of the sales orders that the acceptance has made.
    """

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=CHANGE)
    feed: ClassVar[Feed] = Feed(
        "trial", resource="plans", path="trials/{id}", shows=shown_to_firm("status", "answer", "orders_made")
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    asked_at = models.DateTimeField(_("asked"))
    zero_at = models.DateTimeField(_("plan's zero"))
    expires_at = models.DateTimeField(_("expires"))
    changes = models.JSONField(_("changes"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=TrialStatus.choices, default=TrialStatus.QUEUED)
    answer = models.JSONField(_("answer"), null=True)
    orders_made = models.JSONField(_("orders made"), default=list)

    class Meta:
        verbose_name = _("trial calculation")
        verbose_name_plural = _("trial calculations")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=TrialStatus.values), name="trial_status_known"),
        ]
        indexes = [models.Index(fields=["firm", "created_at"], name="trial_by_firm_and_time")]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"


class TrialProblem(Record):
    """What a trial is calculated from: the firm's problem without and with the changes, and its live plan, packed JSON.

    `names`: what stands behind the keys of lines. Dropped some time after the trial has expired.
    """

    tenancy: ClassVar[Tenancy] = private(firm=ALL, staff=NONE)

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    trial = models.OneToOneField(
        Trial, verbose_name=_("trial calculation"), on_delete=models.CASCADE, related_name="problem"
    )
    before = models.BinaryField(_("problem before"))
    after = models.BinaryField(_("problem after"))
    schedule = models.BinaryField(_("schedule"))
    names = models.JSONField(_("names"), default=dict)

    class Meta:
        verbose_name = _("problem of a trial calculation")
        verbose_name_plural = _("problems of trial calculations")

    def __str__(self) -> str:
        return f"{self.trial_id}"
