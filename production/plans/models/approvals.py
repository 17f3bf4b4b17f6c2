from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from mes.core.bounds import between
from mes.core.models import Record
from mes.core.tenancy import NONE, READ, WRITE, Tenancy, private
from mes.firms.models import Firm

MOST_WITHIN_H = 24 * 60


class AutoApproval(Record):
    """A firm's standing yes to its own orders' runs that begin within so many hours of a publication. No row: none.

    Only the firm and the planner's role read it.
    """

    tenancy: ClassVar[Tenancy] = private(firm=WRITE, staff=NONE, planner=READ)

    firm = models.OneToOneField(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    is_on = models.BooleanField(_("approves by itself"), default=False)
    within_h = models.PositiveSmallIntegerField(_("runs that begin within, h"), default=48)

    class Meta:
        verbose_name = _("auto-approval")
        verbose_name_plural = _("auto-approvals")
        constraints = [
            models.CheckConstraint(condition=between(1, MOST_WITHIN_H, "within_h"), name="approval_in_range")
        ]

    def __str__(self) -> str:
        return f"{self.within_h} h"
