"""Scheduled jobs, keyed by kind and period: two beats do no harm, and a missed period runs once.

A schedule's cadence says which period is the latest that is due; the tick adds a job with that period as key. After an
outage of days the next tick adds the latest period's job and no older one. A schedule without a cadence is rung by
what happens; it stands here so that the desk can show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.wall import wall


class Cadence(Protocol):
    """When something is due, on the business clock."""

    def period(self, now: datetime) -> str:
        """Names the latest period that is due at `now`."""

    def next_due_at(self, now: datetime) -> datetime:
        """When the period after that is due."""

    def in_words(self) -> str:
        """For people, in the language that is active."""


@dataclass(frozen=True, slots=True)
class DailyAt:
    """One period a local day, due at a local time."""

    hour: int
    minute: int = 0

    def period(self, now: datetime) -> str:
        return self._due_on(now).date().isoformat()

    def next_due_at(self, now: datetime) -> datetime:
        return self._due_on(now) + timedelta(days=1)

    def in_words(self) -> str:
        return _("daily at %(time)s") % {"time": f"{self.hour:02}:{self.minute:02}"}

    def _due_on(self, now: datetime) -> datetime:
        local = timezone.localtime(now)
        due_today = datetime.combine(local.date(), time(self.hour, self.minute), tzinfo=local.tzinfo)
        return due_today if due_today <= local else due_today - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MonthlyAt:
    """One period a local month, due on its first day at a full local hour."""

    hour: int

    def period(self, now: datetime) -> str:
        return f"{self._due_before(now):%Y-%m}"

    def next_due_at(self, now: datetime) -> datetime:
        return self._due_in_month_of(self._due_before(now) + timedelta(days=32))

    def in_words(self) -> str:
        return _("monthly on the first at %(time)s") % {"time": f"{self.hour:02}:00"}

    def _due_before(self, now: datetime) -> datetime:
        local = timezone.localtime(now)
        due = self._due_in_month_of(local)
        return due if due <= local else self._due_in_month_of(due - timedelta(days=2))

    def _due_in_month_of(self, moment: datetime) -> datetime:
        return datetime.combine(moment.date().replace(day=1), time(self.hour), tzinfo=moment.tzinfo)


@dataclass(frozen=True, slots=True)
class EveryMinutes:
    """Periods of so many minutes, counted from midnight UTC; `minutes` divides a day."""

    minutes: int

    def period(self, now: datetime) -> str:
        return f"{self.minutes}m-{self._since_min(now)}"

    def next_due_at(self, now: datetime) -> datetime:
        return datetime.fromtimestamp((self._since_min(now) + self.minutes) * 60, tz=UTC)

    def in_words(self) -> str:
        return _("every %(minutes)s minutes") % {"minutes": self.minutes}

    def _since_min(self, now: datetime) -> int:
        return int(now.timestamp()) // 60 // self.minutes * self.minutes


@dataclass(frozen=True, slots=True)
class Schedule:
    """A kind of job that nobody asks for. `cadence` None: rung by what happens, as `occasion` says.

    `by_hand`: whether a person may start it out of turn; its payload must then be enough.
    """

    kind: str
    title: str | Promise
    cadence: Cadence | None = None
    occasion: str | Promise = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    by_hand: bool = True


_schedules: dict[str, Schedule] = {}


def register(schedule: Schedule) -> None:
    _schedules[schedule.kind] = schedule


def registered() -> tuple[Schedule, ...]:
    """All schedules, in the order in which they were registered."""
    return tuple(_schedules.values())


def tick() -> None:
    """Adds the job of each schedule's latest due period, unless it is there."""
    with wall(DatabaseRole.PLANNER):
        now = business_now()
        for schedule in _schedules.values():
            if schedule.cadence is not None:
                jobs.enqueue(kind=schedule.kind, payload=schedule.payload, key=schedule.cadence.period(now))


def start(schedule: Schedule) -> UUID:
    """Adds a job out of turn, to the present transaction; the turn that is due next comes all the same."""
    return jobs.enqueue(kind=schedule.kind, payload=schedule.payload)
