"""Problem and Schedule as text: there and back, one text for one content, mistakes named by their place."""

import json

import pytest

from production.planning.codec import (
    problem_dump,
    problem_hash,
    problem_load,
    schedule_dump,
    schedule_load,
    sorted_problem,
)
from production.planning.errors import ProblemError
from production.planning.search.solve import solve
from tests.planning.build import DAY, booking, line, previous, problem

FULL = problem(
    line("A-2"),
    line("A-1", fee_ceiling_fen_per_t=5, lateness_worth_fen_per_h=7, excluded_firms=("B", "A")),
    fixed_lots=(booking("F", "A-PRESS-0", 0, DAY, agreed_min=9),),
    previous=(previous("A-PRESS-0", 600),),
)


def test_a_problem_comes_back_sorted() -> None:
    assert problem_load(problem_dump(FULL)) == sorted_problem(FULL)
    assert [item.key for item in problem_load(problem_dump(FULL)).lines] == ["A-1", "A-2"]


def test_a_schedule_comes_back_as_it_was() -> None:
    schedule = solve(FULL).schedule
    assert schedule_load(schedule_dump(schedule)) == schedule
    assert schedule.problem_hash == problem_hash(FULL)


def test_the_hash_does_not_depend_on_the_order_of_rows() -> None:
    turned = problem(*FULL.lines[::-1], fixed_lots=FULL.fixed_lots, previous=FULL.previous)
    assert problem_hash(turned) == problem_hash(FULL)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda raw: raw.update(surprise=1), "Problem.surprise"),
        (lambda raw: raw.pop("lines"), "Problem.lines"),
        (lambda raw: raw.update(horizon_min="soon"), "Problem.horizon_min"),
        (lambda raw: raw.update(horizon_min=True), "Problem.horizon_min"),
        (lambda raw: raw.update(lines={}), "Problem.lines"),
        (lambda raw: raw["lines"][0].update(consent="perhaps"), "Problem.lines[0].consent"),
        (lambda raw: raw["lines"][1].update(split_cost_fen=1.5), "Problem.lines[1].split_cost_fen"),
        (lambda raw: raw["calendars"][0].update(open=[[0]]), "Problem.calendars[0].open[0]"),
        (lambda raw: raw.update(options=[]), "Problem.options"),
    ],
)  # fmt: skip
def test_malformed_text_names_its_place(change: object, field: str) -> None:
    raw = json.loads(problem_dump(FULL))
    assert callable(change)
    change(raw)
    with pytest.raises(ProblemError) as caught:
        problem_load(json.dumps(raw))
    assert caught.value.field == field


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(ProblemError):
        problem_load("{")


def test_fields_with_a_default_may_be_left_out() -> None:
    raw = json.loads(problem_dump(FULL))
    del raw["pools"], raw["lines"][0]["priority"]
    assert problem_load(json.dumps(raw)).lines[0].priority == 1
