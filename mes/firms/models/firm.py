"""The tenant."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.core.models import Record
from mes.core.tenancy import Tenancy, public
from mes.firms.choices import FirmStatus

MOST_CODE = 12
MOST_NAME = 80
MOST_SORT_KEY = 120
MOST_GATE_M = 100_000


class Firm(Record):
    """A member firm: the tenant. The row holds what the members' directory shows."""

    tenancy: ClassVar[Tenancy] = public(door=True, directory=True)

    code = models.CharField(_("code"), max_length=MOST_CODE, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=MOST_NAME)
    name_en = models.CharField(_("name (English)"), max_length=MOST_NAME, blank=True, default="")
    sort_key = models.CharField(_("sort key"), max_length=MOST_SORT_KEY, help_text=_("The name in pinyin."), default="")
    status = models.CharField(_("status"), max_length=12, choices=FirmStatus.choices, default=FirmStatus.MEMBER)
    gate_east_m = models.IntegerField(_("gate, metres east of the park's origin"), default=0)
    gate_north_m = models.IntegerField(_("gate, metres north of the park's origin"), default=0)

    class Meta:
        verbose_name = _("firm")
        verbose_name_plural = _("firms")
        constraints = [models.CheckConstraint(condition=Q(status__in=FirmStatus.values), name="firm_status_known")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"
