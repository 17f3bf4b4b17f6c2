"""The judge of histories, each of its findings on a case that has it."""

from __future__ import annotations

import pytest

from tests.drills.history import Attempt, History, Told, Verdict, judged

PROBLEM = {"content-type": "application/problem+json", "retry-after": "2"}


def verdict(statuses: dict[str, list[int | None]], effects: dict[str, int]) -> Verdict:
    history = History()
    for operation, answers in statuses.items():
        for status in answers:
            history.add(Attempt(operation, 0.0, 1.0, status))
    return judged(history, effects)


def test_what_was_acknowledged_must_be_there_once() -> None:
    found = verdict({"a": [201], "b": [201], "c": [201]}, {"a": 1, "c": 2})
    assert (found.lost, found.doubled, found.is_kept) == (["b"], ["c"], False)


@pytest.mark.parametrize("answers", [[None], [503], [503, None], [400, None]])
def test_what_is_unknown_may_be_there_but_not_twice(answers: list[int | None]) -> None:
    assert verdict({"a": answers}, {}).is_kept
    assert verdict({"a": answers}, {"a": 1}).is_kept
    assert verdict({"a": answers}, {"a": 2}).doubled == ["a"]


def test_what_was_refused_must_not_be_there() -> None:
    assert verdict({"a": [422]}, {"a": 1}).refused_yet_done == ["a"]
    assert verdict({"a": [422]}, {}).is_kept


def test_one_acknowledgement_after_failures_is_enough_to_be_held_to() -> None:
    assert verdict({"a": [None, 503, 201]}, {}).lost == ["a"]
    assert verdict({"a": [201, None]}, {}).lost == ["a"]


def test_an_effect_that_nobody_asked_for_is_found() -> None:
    assert verdict({}, {"ghost": 1}).from_nowhere == ["ghost"]


def test_figures_count_each_operation_once() -> None:
    figures = verdict({"a": [None, 201], "b": [None], "c": [503], "d": [400]}, {"a": 1, "c": 1}).figures()
    assert figures["operations_acknowledged"] == 1
    assert (figures["operations_unknown"], figures["operations_unknown_done"]) == (2, 1)
    assert figures["operations_refused"] == 1


def test_a_503_is_polite_when_it_is_a_problem_that_says_when_to_come_again() -> None:
    assert Attempt("a", 0, 1, 503, PROBLEM).is_polite_503()
    assert not Attempt("a", 0, 1, 500, PROBLEM).is_polite_503()
    assert not Attempt("a", 0, 1, 503, {"content-type": "text/html", "retry-after": "2"}).is_polite_503()
    assert not Attempt("a", 0, 1, 503, {"content-type": "application/problem+json"}).is_polite_503()
    assert Attempt("a", 0, 1, None, error="ConnectionResetError").told == Told.UNKNOWN
