"""Scheduled jobs are keyed by kind and period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from mes.core import schedule
from mes.core.actors import DatabaseRole
from mes.core.models import BackgroundJob
from mes.core.schedule import DailyAt, EveryMinutes, Schedule
from mes.core.wall import wall
from tests.core.work import at_once, scheduled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]

SetClock = Callable[[datetime], None]
NIGHTLY = Schedule("test.nightly", "nightly", DailyAt(2))


def keys() -> list[str | None]:
    with wall(DatabaseRole.PLANNER):
        return sorted(str(key) for key in BackgroundJob.objects.values_list("key", flat=True))


@pytest.fixture
def set_clock(owner: psycopg.Connection[tuple[object, ...]]) -> SetClock:
    def set_to(at: datetime) -> None:
        owner.execute(
            "INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'test', %s)"
            " ON CONFLICT (id) DO UPDATE SET business_at = excluded.business_at",
            [at],
        )

    return set_to


def test_two_ticks_of_one_period_make_one_job(set_clock: SetClock) -> None:
    set_clock(datetime(2026, 3, 2, 18, 30, tzinfo=UTC))
    with scheduled(NIGHTLY):
        schedule.tick()
        schedule.tick()
    assert keys() == ["2026-03-03"]


def test_two_beats_at_once_make_one_job(set_clock: SetClock) -> None:
    set_clock(datetime(2026, 3, 2, 18, 30, tzinfo=UTC))
    with scheduled(NIGHTLY, Schedule("test.often", "often", EveryMinutes(15))):
        at_once(4, lambda _number: schedule.tick())
    assert len(keys()) == 2


def test_a_missed_night_runs_once_and_older_ones_do_not(set_clock: SetClock) -> None:
    with scheduled(NIGHTLY):
        set_clock(datetime(2026, 3, 2, 18, 30, tzinfo=UTC))
        schedule.tick()
        set_clock(datetime(2026, 3, 7, 1, 0, tzinfo=UTC))
        schedule.tick()
        schedule.tick()
    assert keys() == ["2026-03-03", "2026-03-07"]


@pytest.mark.parametrize(
    ("now", "period"),
    [
        (datetime(2026, 3, 2, 17, 59, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 2, 18, 0, tzinfo=UTC), "2026-03-03"),
        (datetime(2026, 3, 3, 17, 59, tzinfo=UTC), "2026-03-03"),
    ],
)
def test_a_daily_period_begins_at_its_local_hour(now: datetime, period: str) -> None:
    assert DailyAt(2).period(now) == period


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 2, 17, 59, tzinfo=UTC), datetime(2026, 3, 2, 18, 0, tzinfo=UTC)),
        (datetime(2026, 3, 2, 18, 0, tzinfo=UTC), datetime(2026, 3, 3, 18, 0, tzinfo=UTC)),
    ],
)
def test_the_next_day_is_due_at_its_local_hour(now: datetime, due: datetime) -> None:
    assert DailyAt(2).next_due_at(now) == due


def test_a_period_of_minutes_ends_with_the_minutes() -> None:
    period = EveryMinutes(15).period
    start = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
    assert period(start) == period(start + timedelta(minutes=14, seconds=59))
    assert period(start) != period(start + timedelta(minutes=15))
    assert EveryMinutes(15).next_due_at(start + timedelta(minutes=3)) == start + timedelta(minutes=15)


def test_what_is_rung_by_an_occasion_is_not_ticked(set_clock: SetClock) -> None:
    set_clock(datetime(2026, 3, 2, 18, 30, tzinfo=UTC))
    with scheduled(Schedule("test.after", "after", occasion="after a change")):
        schedule.tick()
    assert keys() == []
