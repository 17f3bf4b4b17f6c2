"""Scheduled jobs, started out of turn."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit, bell, routines, schedule
from mes.core.actors import Actor
from mes.core.choices import JobState
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.models import BackgroundJob
from mes.firms.access import require


@transaction.atomic
def scheduled_job_run(*, actor: Actor, kind: str) -> UUID | None:
    """Starts a scheduled job out of turn; returns the job's id, None for a routine, which is only rung.

    Raises NotFound for a kind that is not scheduled or that a person may not start, NotAllowedInState while one waits.
    """
    require(actor, "background_job.run")
    if kind in routines.TITLES:
        transaction.on_commit(lambda: bell.ring(kind), robust=True)
        return None
    entry = next((entry for entry in schedule.registered() if entry.kind == kind and entry.by_hand), None)
    if entry is None:
        raise NotFound
    if BackgroundJob.objects.filter(kind=kind, state__in=(JobState.QUEUED, JobState.RUNNING)).exists():
        raise NotAllowedInState(_("One of these waits already."))
    job_id = schedule.start(entry)
    audit.record(
        actor=actor, verb="background_job.run", obj=BackgroundJob(pk=job_id), firm_id=None, changes={"kind": kind}
    )
    return job_id
