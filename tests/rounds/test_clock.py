"""What the clock does with rounds, as the worker does it: with commits, under the planner's role."""

from __future__ import annotations

import psycopg
import pytest

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.wall import wall
from mes.firms.models import Firm
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import LineProgress, Round, RoundMove
from procurement.rounds.services import round_freeze, round_resume, round_suspend
from procurement.rounds.services.clock import MOVE
from tests.factories import MONDAY, at
from tests.rounds.conftest import SetClock
from tests.rounds.test_moves import as_officer
from tests.rounds.work import CLOSES_AT, FIRMING_AT, a_user_of_resin, an_open_round, commit, later

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def firms(set_clock: SetClock) -> list[Firm]:
    return [a_user_of_resin(f"F{number:02}") for number in range(1, 7)]


@pytest.fixture
def opened(firms: list[Firm]) -> Round:
    return an_open_round()


def tick() -> None:
    """One turn of the job, as the schedule starts it."""
    with wall(DatabaseRole.PLANNER):
        job_id = jobs.enqueue(kind=MOVE, payload={})
    assert jobs.run(job_id)


def status_of(row: Round) -> str:
    with wall(DatabaseRole.PLANNER):
        return Round.objects.get(pk=row.pk).status


def test_the_clock_begins_firming_and_freezes(
    opened: Round, firms: list[Firm], set_clock: SetClock, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    tick()
    assert status_of(opened) == RoundStatus.COLLECTING
    for firm in firms[:5]:
        commit(firm, opened, 32_000)
    set_clock(FIRMING_AT)
    tick()
    assert status_of(opened) == RoundStatus.FIRMING
    set_clock(CLOSES_AT)
    tick()
    tick()
    assert status_of(opened) == RoundStatus.FROZEN
    with wall(DatabaseRole.PLANNER):
        moves = list(RoundMove.objects.order_by("at").values_list("before", "after", "by_clock"))
    assert moves == [("draft", "collecting", False), ("collecting", "firming", True), ("firming", "frozen", True)]
    for table, column, value in (("core_auditrow", "verb", "round.move"), ("core_outboxevent", "topic", "round.moved")):
        assert owner.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [value]).fetchone() == (3,)


def test_days_of_outage_are_caught_up_in_one_step(opened: Round, firms: list[Firm], set_clock: SetClock) -> None:
    for firm in firms[:5]:
        commit(firm, opened, 32_000)
    set_clock(later(CLOSES_AT, days=4))
    tick()
    assert status_of(opened) == RoundStatus.FROZEN


def test_four_firms_wait_for_somebody_who_says_why_that_will_do(
    opened: Round, firms: list[Firm], set_clock: SetClock
) -> None:
    for firm in firms[:4]:
        commit(firm, opened, 32_000)
    set_clock(CLOSES_AT)
    tick()
    assert status_of(opened) == RoundStatus.COLLECTING
    with pytest.raises(InvalidValue) as refusal:
        as_officer(round_freeze, opened, now=CLOSES_AT)
    assert refusal.value.pointer == "/few_firms_reason"
    frozen = as_officer(round_freeze, opened, now=CLOSES_AT, few_firms_reason="试运行")
    assert (frozen.status, frozen.few_firms_reason) == (RoundStatus.FROZEN, "试运行")


def test_a_round_that_cannot_move_holds_up_no_other(opened: Round, firms: list[Firm], set_clock: SetClock) -> None:
    other = an_open_round("2026-R2", demand_closes_at=at(days=8))
    for firm in firms[:4]:
        commit(firm, opened, 32_000)
    for firm in firms:
        commit(firm, other, 32_000)
    set_clock(at(days=9))
    tick()
    assert (status_of(opened), status_of(other)) == (RoundStatus.COLLECTING, RoundStatus.FROZEN)


def test_a_suspended_round_stands_still_and_makes_up_for_it(
    opened: Round, firms: list[Firm], set_clock: SetClock
) -> None:
    for firm in firms[:5]:
        commit(firm, opened, 32_000)
    as_officer(round_suspend, opened, reason="规则有疑问", now=MONDAY)
    set_clock(at(days=8))
    tick()
    assert status_of(opened) == RoundStatus.COLLECTING
    resumed = as_officer(round_resume, opened, now=at(days=8))
    assert (resumed.firming_at, resumed.demand_closes_at) == (later(FIRMING_AT, days=8), later(CLOSES_AT, days=8))
    tick()
    assert status_of(opened) == RoundStatus.COLLECTING
    with pytest.raises(NotAllowedInState):
        as_officer(round_resume, opened, now=at(days=8))


def shown() -> list[tuple[str, object]]:
    tick()
    with wall(DatabaseRole.PLANNER):
        return list(LineProgress.objects.values_list("band", "shown_at"))


def test_progress_is_told_in_bands_from_five_firms_beside_the_reader_on_and_never_of_one(
    opened: Round, firms: list[Firm], set_clock: SetClock
) -> None:
    for firm in firms[:5]:
        commit(firm, opened, 32_000)
    assert shown() == [], "each of the five knows his own share"
    commit(firms[5], opened, 32_000)
    assert shown() == [("100_to_500_t", MONDAY)]
    set_clock(at(days=1))
    commit(firms[5], opened, 96_000)
    assert shown() == [("100_to_500_t", MONDAY)], "the difference would tell of the sixth firm"
    for firm in firms[:5]:
        commit(firm, opened, 96_000)
    assert shown() == [("500_to_2000_t", at(days=1))]
    with wall(DatabaseRole.FIRM, firms[0].pk):
        assert LineProgress.objects.count() == 1


def test_progress_is_compared_with_each_that_was_told_and_not_the_last_alone(
    opened: Round, firms: list[Firm], set_clock: SetClock
) -> None:
    for day, kg in enumerate((32_000, 96_000)):
        set_clock(at(days=day))
        for firm in firms:
            commit(firm, opened, kg)
        assert [moment for _band, moment in shown()] == [at(days=day)]
    set_clock(at(days=2))
    for firm in firms[:5]:
        commit(firm, opened, 32_000)
    commit(firms[5], opened, 33_000)
    assert shown() == [("500_to_2000_t", at(days=1))], "beside the first sum it would tell of the sixth firm"


def test_one_large_firm_is_not_told_of(opened: Round, firms: list[Firm]) -> None:
    for firm in firms[:5]:
        commit(firm, opened, 32_000)
    commit(firms[5], opened, 900_000)
    assert shown() == []
