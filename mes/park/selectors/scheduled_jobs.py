"""The scheduled jobs and how their last turns went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mes.core import routines, schedule
from mes.core.choices import JobState
from mes.core.models import BackgroundJob, Routine

# A routine is overdue after so many of its intervals, and never before half a minute: a worker may be busy.
_MISSED_TURNS = 3
_LEAST_PATIENCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """One line of the page of scheduled jobs. `next_due_at` is None for what an occasion rings.

    `waiting`: jobs of this kind that are queued or running. `is_overdue`: its turn has come and nobody took it.
    """

    kind: str
    title: str | Promise
    when: str
    last_state: str
    last_began_at: datetime | None
    last_ended_at: datetime | None
    duration_s: float | None
    error: str
    next_due_at: datetime | None
    waiting: int
    by_hand: bool
    is_overdue: bool


def scheduled_jobs(*, business_now: datetime, database_now: datetime) -> tuple[ScheduledJob, ...]:
    """All schedules, then the routines. Two clocks, because periods go by the park's time and routines by real time.

    Four queries, however many jobs there are.
    """
    kinds = [entry.kind for entry in schedule.registered()]
    jobs = BackgroundJob.objects.filter(kind__in=kinds)
    last = {job.kind: job for job in jobs.order_by("kind", "-queued_at").distinct("kind")}
    open_states = (JobState.QUEUED, JobState.RUNNING)
    waiting = Counter(
        dict(jobs.filter(state__in=open_states).values_list("kind").annotate(count=Count("pk")).order_by())
    )
    periods = [entry.cadence.period(business_now) for entry in schedule.registered() if entry.cadence is not None]
    added = set(jobs.filter(key__in=periods).values_list("kind", "key"))
    turns = {turn.name: turn for turn in Routine.objects.all()}
    return (
        *(
            _of_schedule(entry, last.get(entry.kind), waiting[entry.kind], business_now, added)
            for entry in schedule.registered()
        ),
        *(_of_routine(name, turns.get(name), database_now) for name in routines.TITLES),
    )


def _of_schedule(
    entry: schedule.Schedule,
    last: BackgroundJob | None,
    waiting: int,
    now: datetime,
    added: set[tuple[str, str | None]],
) -> ScheduledJob:
    began_at = last.started_at if last else None
    ended_at = last.finished_at if last else None
    return ScheduledJob(
        kind=entry.kind,
        title=entry.title,
        when=entry.cadence.in_words() if entry.cadence else str(entry.occasion),
        last_state=last.get_state_display() if last else "",
        last_began_at=began_at,
        last_ended_at=ended_at,
        duration_s=(ended_at - began_at).total_seconds() if began_at and ended_at else None,
        error=last.error if last else "",
        next_due_at=entry.cadence.next_due_at(now) if entry.cadence else None,
        waiting=waiting,
        by_hand=entry.by_hand,
        is_overdue=entry.cadence is not None and (entry.kind, entry.cadence.period(now)) not in added,
    )


def _of_routine(name: str, turn: Routine | None, now: datetime) -> ScheduledJob:
    every = timedelta(seconds=_interval_s(name))
    patience = max(_MISSED_TURNS * every, _LEAST_PATIENCE)
    return ScheduledJob(
        kind=name,
        title=routines.TITLES[name],
        when=_("every %(seconds)s s") % {"seconds": round(every.total_seconds())},
        last_state=_last_state(turn),
        last_began_at=turn.finished_at - timedelta(milliseconds=turn.duration_ms) if turn else None,
        last_ended_at=turn.finished_at if turn else None,
        duration_s=turn.duration_ms / 1000 if turn else None,
        error=turn.error if turn else "",
        next_due_at=turn.finished_at + every if turn else None,
        waiting=0,
        by_hand=True,
        is_overdue=turn is None or now - turn.finished_at > patience,
    )


def _last_state(turn: Routine | None) -> str:
    if turn is None:
        return ""
    return str(JobState.FAILED.label if turn.error else JobState.DONE.label)


def _interval_s(name: str) -> float:
    beat: Mapping[str, Mapping[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    return float(next(entry["schedule"] for entry in beat.values() if entry["task"] == name))
