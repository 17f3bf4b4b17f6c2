from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mes.catalog.choices import APPROVALS
from mes.catalog.models import ChangeoverFamily, MachineClass
from mes.core.bounds import not_blank
from mes.core.feed import Feed, shown_to_firm
from mes.core.models import Record
from mes.core.tenancy import READ, Tenancy, private
from mes.firms.models import Firm
from production.machines.choices import MachineStatus


class Machine(Record):
    """One machine of a firm. `family`: what it was set up for when it was last reported."""

    tenancy: ClassVar[Tenancy] = private(exchange=READ)
    feed: ClassVar[Feed] = Feed(
        "machine",
        resource="machines",
        path="machines/{id}",
        shows=shown_to_firm("code", "external_ref", "machine_class_id", "status", "efficiency_permille", "family_id"),
    )

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    code = models.CharField(_("code"), max_length=30)
    external_ref = models.CharField(_("the firm's own number"), max_length=80, null=True, blank=True)
    machine_class = models.ForeignKey(MachineClass, verbose_name=_("machine class"), on_delete=models.PROTECT)
    status = models.CharField(
        _("status"), max_length=20, choices=MachineStatus.choices, default=MachineStatus.INSTALLED
    )
    efficiency_permille = models.PositiveSmallIntegerField(_("efficiency, ‰"), default=1000)
    family = models.ForeignKey(
        ChangeoverFamily, verbose_name=_("set up for"), null=True, blank=True, on_delete=models.PROTECT
    )

    class Meta:
        verbose_name = _("machine")
        verbose_name_plural = _("machines")
        constraints = [
            models.UniqueConstraint(fields=["firm", "code"], name="machine_code_once_per_firm"),
            models.UniqueConstraint(fields=["firm", "external_ref"], name="machine_ref_once_per_firm"),
            models.CheckConstraint(condition=not_blank("code"), name="machine_has_code"),
            models.CheckConstraint(condition=Q(status__in=MachineStatus.values), name="machine_status_known"),
            models.CheckConstraint(
                condition=Q(efficiency_permille__gte=100, efficiency_permille__lte=2000),
                name="machine_efficiency_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class FirmApproval(Record):
    """Work that needs an approved line: boron, medical, aerospace. A product's `needs` names it."""

    tenancy: ClassVar[Tenancy] = private()

    firm = models.ForeignKey(Firm, verbose_name=_("firm"), on_delete=models.PROTECT)
    code = models.CharField(_("approval"), max_length=20)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [models.UniqueConstraint(fields=["firm", "code"], name="approval_once_per_firm")]

    def __str__(self) -> str:
        return str(APPROVALS.get(self.code, self.code))
