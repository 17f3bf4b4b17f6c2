"""A firm's standing yes: its own orders' runs are approved as they are published, when they begin soon."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from mes.core import audit
from mes.core.actors import Actor
from mes.core.errors import InvalidValue, NotPermitted
from mes.firms.access import required_firm
from orders.sales.choices import OrderOrigin
from production.plans.choices import RunStatus
from production.plans.models import AutoApproval, MachineRun, RunPart
from production.plans.models.approvals import MOST_WITHIN_H


@transaction.atomic
def auto_approval_set(*, actor: Actor, is_on: bool | None = None, within_h: int | None = None) -> AutoApproval:
    """Changes the firm's standing yes; what is None stays. The next publication follows it, and what was approved stays
    approved. Raises InvalidValue with a pointer, NotPermitted.
    """
    firm_id = required_firm(actor, "auto_approval.set")
    if is_on is None and within_h is None:
        raise InvalidValue(_("Nothing is changed."))
    if within_h is not None and not 1 <= within_h <= MOST_WITHIN_H:
        raise InvalidValue(_("The hours are out of range."), pointer="/within_h")
    changes = {name: value for name, value in (("is_on", is_on), ("within_h", within_h)) if value is not None}
    before = AutoApproval.objects.filter(firm_id=firm_id).first()
    row, _new = AutoApproval.objects.update_or_create(firm_id=firm_id, defaults=changes)
    told = audit.changed(before, changes)
    audit.record(actor=actor, verb="auto_approval.set", obj=row, firm_id=firm_id, changes=told)
    return row


@transaction.atomic
def machine_runs_auto_approve(*, actor: Actor, now: datetime) -> int:
    """proposed → approved for the runs that a standing yes covers. Part of a publication, with all firms locked.

    A run that carries anything but the firm's own customers' orders waits for the planner: an unanswered placement
    binds nobody, and work taken over is confirmed when it is signed. Returns how many. Raises NotPermitted.
    """
    if not actor.is_system:
        raise NotPermitted
    own = Q(lot__proposal=None, lot__line__order__origin=OrderOrigin.OWN)
    others = RunPart.objects.filter(run=OuterRef("pk")).exclude(own)
    approved = 0
    for setting in AutoApproval.objects.filter(is_on=True).order_by("firm_id"):
        runs = MachineRun.objects.filter(
            ~Exists(others),
            firm_id=setting.firm_id,
            status=RunStatus.PROPOSED,
            work_starts_at__lt=now + timedelta(hours=setting.within_h),
        )
        count = MachineRun.objects.filter(pk__in=list(runs.values_list("pk", flat=True))).update(
            status=RunStatus.APPROVED
        )
        if count:
            changes = {"runs": count}
            audit.record(actor=actor, verb="machine_run.approve", obj=setting, firm_id=setting.firm_id, changes=changes)
        approved += count
    return approved
