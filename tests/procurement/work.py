"""The worker's half of a round: its login takes the planner's role, which the web's does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from mes.core import jobs, outbox
from mes.core.actors import Actor, DatabaseRole
from mes.core.choices import JobState
from mes.core.clock import business_now
from mes.core.models import BackgroundJob
from mes.core.wall import actor_wall, wall
from procurement.awards import services
from procurement.awards.models import AwardPlan, FirmShare
from procurement.awards.services.closing import CLOSE
from procurement.awards.services.searching import SOLVE, on_moved
from tests.database import as_owner
from tests.factories.logins import as_worker
from tests.factories.park import MONDAY
from tests.factories.rounds import OpenedRound, an_officer
from tests.rounds.work import the_time_is

AFTER = MONDAY + timedelta(days=3)
"""When the time for confirmations is over."""


@contextmanager
def as_planner() -> Iterator[None]:
    """A wall of the planner's role, on the worker's login."""
    with as_worker(), wall(DatabaseRole.PLANNER):
        yield


def work_off(kind: str) -> None:
    """Tells what has happened, then does all jobs of a kind that wait."""
    with as_worker():
        outbox.deliver()
        with wall(DatabaseRole.PLANNER):
            waiting = list(BackgroundJob.objects.filter(kind=kind, state=JobState.QUEUED).values_list("pk", flat=True))
        for job_id in waiting:
            jobs.run(job_id)


def act(actor: Actor, service: Any, **given: Any) -> Any:
    with actor_wall(actor):
        return service(actor=actor, now=business_now(), **given)


def searched(found: OpenedRound) -> OpenedRound:
    with as_worker():
        on_moved({"round_id": str(found.pk), "status": "opened"})
    work_off(SOLVE)
    return found


def plan_of(found: OpenedRound, **wanted: Any) -> AwardPlan:
    with as_owner():
        return AwardPlan.objects.filter(round_id=found.pk, **wanted).latest("created_at")


def proposed(found: OpenedRound, kind: str = "optimal") -> AwardPlan:
    plan: AwardPlan = act(
        an_officer(), services.award_propose, plan_id=plan_of(found, kind=kind, status="candidate").pk
    )
    return plan


def share_of(found: OpenedRound, firm: str, material: str = "PE1") -> FirmShare:
    with as_owner():
        rows = FirmShare.objects.filter(firm__code=firm, line=found.lines[material])
        return rows.exclude(status__in=["candidate", "set_aside"]).latest("created_at")


def closed(at: datetime = AFTER) -> None:
    the_time_is(at)
    closed_now()


def closed_now() -> None:
    """The time for confirmations is over by the clock as it stands."""
    with as_planner():
        jobs.enqueue(kind=CLOSE, payload={})
    work_off(CLOSE)


def signed(found: OpenedRound) -> AwardPlan:
    plan = plan_of(found, status="proposed")
    for name in ("officer", "second"):
        act(an_officer(name), services.award_consent, plan_id=plan.pk)
    done: AwardPlan = act(an_officer(), services.award_sign, plan_id=plan.pk)
    return done
