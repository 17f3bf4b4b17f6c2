"""Unlocks accounts, forgets old tries; sets up, asks and resets second factors."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mes.core import audit, jobs, schedule
from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.jobs import Lease
from mes.firms.access import require
from mes.firms.keys import code_as_read, digest_of_code, digests_of_code, new_code
from mes.firms.models import User
from mes.signin.models import SecondFactor, TryCount
from mes.signin.one_time import step_of

FORGET = "sign_in.forget"
KEPT_FOR = timedelta(days=1)
RECOVERY_CODES = 10


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


@transaction.atomic
def second_factor_confirm(*, actor: Actor, code: str, version: int, now: datetime) -> list[str]:
    """Sets up the actor's own second factor with a first code of it; the recovery codes, shown this once.

    `version`: of the secret that was shown. `now`: the database's time. Raises NotPermitted for a firm's person,
    NotAllowedInState where there is one already or another secret holds, InvalidValue for a wrong code.
    """
    require(actor, "second_factor.confirm")
    if actor.firm_id is not None or actor.user_id is None:
        raise NotPermitted
    SecondFactor.objects.bulk_create([SecondFactor(user_id=actor.user_id)], ignore_conflicts=True)
    row = SecondFactor.objects.select_for_update().get(user_id=actor.user_id)
    if row.confirmed_at is not None or row.version != version:
        raise NotAllowedInState
    step = step_of(code, user_id=actor.user_id, version=version, now=now)
    if step is None:
        raise InvalidValue(gettext("This code is not valid."), pointer="/code")

    codes = [new_code() for _number in range(RECOVERY_CODES)]
    row.confirmed_at, row.last_step, row.recovery = now, step, [digest_of_code(one) for one in codes]
    row.save(update_fields=["confirmed_at", "last_step", "recovery"])

    user = User.objects.get(pk=actor.user_id)
    audit.record(actor=actor, verb="second_factor.confirm", obj=user, firm_id=None, changes={"version": version})
    return codes


@transaction.atomic
def second_factor_use(*, actor: Actor, code: str, version: int, now: datetime) -> bool:
    """Whether `code` is right for the actor: one of the authenticator, or a recovery code. Each is taken once, however
    many ask at the same time. `version`: that was asked for; after a reset nothing is right any more.
    """
    require(actor, "second_factor.use")
    user = User.objects.filter(Q(pk=actor.user_id), firm=None).first()
    if user is None:
        return False
    rows = SecondFactor.objects.filter(user=user, version=version, confirmed_at__isnull=False)

    step = step_of(code, user_id=user.pk, version=version, now=now)
    if step is not None:
        return rows.filter(last_step__lt=step).update(last_step=step) == 1
    for digest in digests_of_code(code_as_read(code)):
        rest = Func(F("recovery"), Value(digest), function="array_remove")
        if rows.filter(recovery__contains=[digest]).update(recovery=rest):
            audit.record(actor=actor, verb="second_factor.recover", obj=user, firm_id=None)
            return True
    return False


@transaction.atomic
def second_factor_reset(*, actor: Actor, user_id: UUID) -> User:
    """Ends another person's second factor; it is set up anew, with another secret. The person's sessions end.

    Raises NotPermitted, also for one's own, NotFound, NotAllowedInState where none is set up.
    """
    require(actor, "second_factor.reset")
    if user_id == actor.user_id:
        raise NotPermitted
    row = SecondFactor.objects.select_for_update(of=("self",)).select_related("user").filter(user_id=user_id).first()
    if row is None:
        raise NotFound
    if row.confirmed_at is None:
        raise NotAllowedInState
    before, row.version = row.version, row.version + 1
    row.confirmed_at, row.last_step, row.recovery = None, 0, []
    row.save(update_fields=["version", "confirmed_at", "last_step", "recovery"])
    changes = {"version": audit.Change(before, row.version)}
    audit.record(actor=actor, verb="second_factor.reset", obj=row.user, firm_id=None, changes=changes)
    return row.user


def register() -> None:
    """Once for each process."""
    jobs.register(FORGET, _forget)
    schedule.register(schedule.Schedule(FORGET, _("Forget old tries to sign in"), schedule.DailyAt(4)))


def _forget(lease: Lease) -> None:
    with lease.committing():
        TryCount.objects.filter(last_at__lt=DatabaseNow() - KEPT_FOR).delete()
