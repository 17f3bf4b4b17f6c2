"""Many items that a firm's program sends at once, worked off by a worker. Read by the firm alone."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.batches.choices import BatchState
from mes.core.models import Record
from mes.core.tenancy import NONE, WRITE, Tenancy, private
from mes.firms.models import ApiKey, Firm, User


class Batch(Record):
    """`atomic`: all items or none. `rehearses`: all is checked, nothing stays. `language`: of what the answers say."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=("SELECT", "UPDATE", "DELETE"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey(
        ApiKey, verbose_name=_("API key"), null=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=40)
    atomic = models.BooleanField(_("all or nothing"))
    rehearses = models.BooleanField(_("rehearsal"), default=False)
    language = models.CharField(_("language"), max_length=12)
    state = models.CharField(_("state"), max_length=12, choices=BatchState.choices, default=BatchState.QUEUED)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known")]
        indexes = [models.Index(fields=["created_at"], name="batch_by_age")]

    def __str__(self) -> str:
        return self.kind


class BatchItem(Record):
    """`status` and `answer`: as if the item had been sent alone; none while it waits, or when nothing was taken."""

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=("SELECT", "DELETE"))

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    batch = models.ForeignKey(Batch, verbose_name=_("batch"), on_delete=models.CASCADE, related_name="items")
    number = models.PositiveIntegerField(_("number"))
    body = models.JSONField(_("body"))
    status = models.PositiveSmallIntegerField(_("answer's status"), null=True)
    answer = models.JSONField(_("answer"), null=True)

    class Meta:
        verbose_name = _("item of a batch")
        verbose_name_plural = _("items of batches")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_item_once"),
            models.CheckConstraint(
                condition=Q(status=None, answer=None) | Q(status__isnull=False, answer__isnull=False),
                name="batch_item_answered_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"
