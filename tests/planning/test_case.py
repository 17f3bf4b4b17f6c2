"""The 200 t order: how much its firm presses in 20 days, and how long it takes alone."""

from pathlib import Path

import pytest

from production.planning.codec import problem_dump, problem_load
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.planning.make_case import DAY, DUE_MIN, PIECES, UNIT_MASS_G, CaseTerms, case_problem

DATA = Path(__file__).parent / "data"


def read(name: str) -> Problem:
    return problem_load((DATA / name).read_text(encoding="utf-8"))


def plan(problem: Problem) -> Schedule:
    schedule = solve(problem).schedule
    assert verify(problem, schedule) == []
    assert sum(lot.pieces for lot in schedule.lots) == PIECES
    return schedule


def home_t(schedule: Schedule) -> float:
    return sum(lot.pieces for lot in schedule.lots if lot.offer is None) * UNIT_MASS_G / 1_000_000


def finish_days(schedule: Schedule) -> float:
    return max(lot.finish_min for lot in schedule.lots) / DAY


def test_the_case_is_in_time_with_two_thirds_at_home() -> None:
    schedule = plan(read("case.json"))
    assert 131.5 <= home_t(schedule) <= 133.5
    assert schedule.tiers.tardiness == 0
    assert max(lot.finish_min for lot in schedule.lots) <= DUE_MIN
    assert len({lot.firm for lot in schedule.lots if lot.offer}) >= 2


def test_alone_the_case_takes_nearly_thirty_days() -> None:
    schedule = plan(read("case_alone.json"))
    assert finish_days(schedule) == pytest.approx(29.65, abs=0.15)
    assert {lot.firm for lot in schedule.lots} == {"F09"}


@pytest.mark.parametrize(
    ("terms", "tonnes", "days"),
    [
        (CaseTerms(booked_presses=0), 161.7, 24.5),
        (CaseTerms(rest_h=0), 141.4, 28.3),
        (CaseTerms(efficiency_permille=1000), 165.0, None),
        (CaseTerms(transfer_pieces=None), 110.0, 35.6),
    ],
    ids=["no booked press", "no rest", "full efficiency", "whole lots"],
)
def test_other_terms_give_other_figures(terms: CaseTerms, tonnes: float, days: float | None) -> None:
    assert home_t(plan(case_problem(terms, offers=True))) == pytest.approx(tonnes, abs=3)
    if days is not None:
        assert finish_days(plan(case_problem(terms, offers=False))) == pytest.approx(days, abs=0.7)


@pytest.mark.parametrize(("name", "offers"), [("case.json", True), ("case_alone.json", False)])
def test_the_files_are_what_the_script_makes(name: str, offers: bool) -> None:
    assert problem_dump(case_problem(offers=offers)) + "\n" == (DATA / name).read_text(encoding="utf-8")
