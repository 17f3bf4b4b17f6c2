"""Unlocks accounts, and forgets old tries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.core import audit, jobs, schedule
from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.errors import NotFound
from mes.core.jobs import Lease
from mes.firms.access import require
from mes.firms.models import User
from mes.signin.models import TryCount

FORGET = "sign_in.forget"
KEPT_FOR = timedelta(days=1)


@transaction.atomic
def account_unlock(*, actor: Actor, count_id: UUID) -> None:
    """Forgets the tries of an account, so that its person may try again at once. Raises NotFound, NotPermitted."""
    require(actor, "account.unlock")
    row = TryCount.objects.filter(pk=count_id, user_id__isnull=False).first()
    user = None if row is None or row.user_id is None else User.objects.filter(pk=row.user_id).first()
    if row is None or user is None:
        raise NotFound
    TryCount.objects.filter(pk=row.pk).delete()
    changes = audit.removed({"locked_until": row.locked_until})
    audit.record(actor=actor, verb="account.unlock", obj=user, firm_id=user.firm_id, changes=changes)


def register() -> None:
    """Once for each process."""
    jobs.register(FORGET, _forget)
    schedule.register(schedule.Schedule(FORGET, _("Forget old tries to sign in"), schedule.DailyAt(4)))


def _forget(lease: Lease) -> None:
    with lease.committing():
        TryCount.objects.filter(last_at__lt=DatabaseNow() - KEPT_FOR).delete()
