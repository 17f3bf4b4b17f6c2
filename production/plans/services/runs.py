"""Plan runs: start one, publish or discard a candidate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from mes.core import audit, jobs
from mes.core.actors import Actor
from mes.core.choices import JobState
from mes.core.errors import InvalidValue, NotFound
from mes.core.models import BackgroundJob
from mes.core.states import move
from mes.firms.access import require
from production.plans.choices import PLAN_RUN_NEXT, PlanRunState, PlanScope
from production.plans.models import PlanRun

COMPUTE = "plan.compute"
PUBLISH = "plan.publish"


@transaction.atomic
def plan_run_start(
    *,
    actor: Actor,
    now: datetime,
    scope: PlanScope = PlanScope.PARK,
    firm_id: UUID | None = None,
    publishes_itself: bool = False,
    is_repair: bool = False,
    is_advisory: bool = False,
) -> PlanRun:
    """Queues the computation of a plan as of `now`, the plan's zero.

    Only scheduled work publishes itself; what a person starts becomes a candidate. A firm plans itself alone, never the
    park. is_repair: what still holds of the live plan stays where it is; for the park. is_advisory: the park is planned
    anew, shown, and binds nobody. Raises InvalidValue otherwise, also for a firm alone without its name, NotPermitted.
    """
    if scope == PlanScope.FIRM_ALONE and firm_id is None:
        raise InvalidValue(pointer="/scope")
    require(actor, "plan_run.start", PlanRun(firm_id=firm_id))
    if scope == PlanScope.PARK and firm_id is not None:
        raise InvalidValue(pointer="/scope")
    if publishes_itself and not (actor.is_system and scope == PlanScope.PARK):
        raise InvalidValue(pointer="/publishes_itself")
    if is_repair and scope != PlanScope.PARK:
        raise InvalidValue(pointer="/is_repair")
    if is_advisory and (scope != PlanScope.PARK or publishes_itself or is_repair):
        raise InvalidValue(pointer="/is_advisory")
    run = PlanRun(
        scope=scope,
        firm_id=firm_id,
        publishes_itself=publishes_itself,
        is_repair=is_repair,
        is_advisory=is_advisory,
        zero_at=_whole_minute(now),
    )
    run.job_id = jobs.enqueue(kind=COMPUTE, payload={"run_id": str(run.pk)}, firm_id=firm_id)
    run.save(force_insert=True)
    changes = {"scope": scope, "is_advisory": is_advisory}
    audit.record(actor=actor, verb="plan_run.start", obj=run, firm_id=firm_id, changes=changes)
    return run


@transaction.atomic
def plan_run_publish(*, actor: Actor, run_id: UUID) -> PlanRun:
    """Queues the publication of a candidate, which the planner's role carries out. Raises InvalidValue for another.

    Once, however often it is asked for; again only after the job has failed for good.
    """
    require(actor, "plan_run.publish")
    run = _locked(run_id)
    if run.scope != PlanScope.PARK or run.state != PlanRunState.CANDIDATE:
        raise InvalidValue(pointer="/state")
    jobs.enqueue(kind=PUBLISH, payload={"run_id": str(run.pk)}, key=f"{run.pk}/{_failed_publications(run)}")
    audit.record(actor=actor, verb="plan_run.publish", obj=run, firm_id=None)
    return run


@transaction.atomic
def plan_run_discard(*, actor: Actor, run_id: UUID) -> PlanRun:
    """Drops a candidate, or a run that has not begun."""
    require(actor, "plan_run.discard")
    run = _locked(run_id)
    changes = move(run, PlanRunState.DISCARDED, moves=PLAN_RUN_NEXT, field="state")
    audit.record(actor=actor, verb="plan_run.discard", obj=run, firm_id=None, changes=changes)
    return run


def _failed_publications(run: PlanRun) -> int:
    of_run = BackgroundJob.objects.filter(kind=PUBLISH, key__startswith=f"{run.pk}/")
    return of_run.filter(state=JobState.FAILED).count()


def _locked(run_id: UUID) -> PlanRun:
    run = PlanRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


def _whole_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
