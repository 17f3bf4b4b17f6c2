"""Codes on paper, in place of e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mes.core.models import Record
from mes.core.tenancy import THE_FIRM, WRITE, Tenancy, system
from mes.firms.models.firm import Firm
from mes.firms.models.people import User

CODE_LASTS = timedelta(days=7)
_OPEN = Q(used_at=None, ended_at=None)


class AccountCode(Record):
    """Lets a person set the own password once: an invitation, or a reset. Only a keyed digest is stored.

    `prefix`: the code's first letters, by which a try is counted; a code is void after ten wrong ones. It is used
    through `account_code_redeem` alone, a function of the owner. `ended_at`: a newer code took its place.
    """

    tenancy: ClassVar[Tenancy] = system(
        firm=WRITE, firm_condition=f"firm_id = {THE_FIRM}", staff=WRITE, owner="firm_id"
    )

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="codes")
    firm = models.ForeignKey(Firm, verbose_name=_("firm"), null=True, on_delete=models.PROTECT)
    by_association = models.BooleanField(_("issued by the association"))
    prefix = models.CharField(_("prefix"), max_length=5)
    digest = models.CharField(_("digest"), max_length=64)
    expires_at = models.DateTimeField(_("expires"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    used_at = models.DateTimeField(_("used"), null=True)
    ended_at = models.DateTimeField(_("replaced"), null=True)

    class Meta:
        verbose_name = _("account code")
        verbose_name_plural = _("account codes")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=_OPEN, name="one_open_code_per_user"),
            models.UniqueConstraint(fields=["prefix"], condition=_OPEN, name="open_code_by_prefix"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="code_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
