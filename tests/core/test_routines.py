"""What beat rings every few seconds leaves a word about its last turn."""

from __future__ import annotations

import pytest

from mes.core import routines, tasks
from mes.core.actors import DatabaseRole
from mes.core.models import Routine
from mes.core.wall import wall
from mes.hooks.tasks import deliver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker_login")]


def turns() -> dict[str, Routine]:
    with wall(DatabaseRole.PLANNER):
        return {row.name: row for row in Routine.objects.all()}


def test_each_routine_notes_its_turn_and_has_a_title() -> None:
    tasks.sweep()
    tasks.tick()
    tasks.tell()
    deliver()
    assert set(turns()) == set(routines.TITLES)
    assert {row.error for row in turns().values()} == {""}


def test_a_second_turn_takes_the_place_of_the_first() -> None:
    tasks.tell()
    before = turns()["core.tell"]
    tasks.tell()
    after = turns()["core.tell"]
    assert after.pk == before.pk
    assert after.finished_at > before.finished_at


def test_an_error_is_noted_by_its_first_line_and_goes_on() -> None:
    def fail() -> None:
        with routines.recorded("core.tell"):
            raise ValueError("first\nDETAIL: a row's values")

    with pytest.raises(ValueError, match="first"):
        fail()
    assert turns()["core.tell"].error == "ValueError: first"
