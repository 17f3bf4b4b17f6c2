"""Scheduled jobs, keyed by kind and period: two beats do no harm, and a missed period runs once.

A schedule says which period is the latest that is due; its tick adds a job with that period as key. After an outage
of days the next tick adds the latest period's job and no older one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.wall import wall

PeriodOf = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`period_of` names the latest period that is due at a time."""

    kind: str
    period_of: PeriodOf
    payload: Mapping[str, Any] = field(default_factory=dict)


_schedules: dict[str, Schedule] = {}


def register(schedule: Schedule) -> None:
    _schedules[schedule.kind] = schedule


def daily_at(hour: int, minute: int = 0) -> PeriodOf:
    """Periods of one local day each, due at the given local time."""

    def period_of(now: datetime) -> str:
        local = timezone.localtime(now)
        due_today = local.timetz().replace(tzinfo=None) >= time(hour, minute)
        day = local.date() if due_today else local.date() - timedelta(days=1)
        return day.isoformat()

    return period_of


def every(minutes: int) -> PeriodOf:
    """Periods of so many minutes, counted from midnight UTC; `minutes` divides a day."""

    def period_of(now: datetime) -> str:
        since = int(now.timestamp()) // 60 // minutes * minutes
        return f"{minutes}m-{since}"

    return period_of


def tick() -> None:
    """Adds the job of each schedule's latest due period, unless it is there."""
    with wall(DatabaseRole.PLANNER):
        now = business_now()
        for schedule in _schedules.values():
            jobs.enqueue(kind=schedule.kind, payload=schedule.payload, key=schedule.period_of(now))
