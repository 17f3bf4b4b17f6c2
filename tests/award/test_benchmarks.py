"""Rounds of full size with short limits, and that what was measured keeps the rules."""

from __future__ import annotations

import json
from time import monotonic

import pytest

from procurement.award.check import check_problem
from procurement.award.generate import Kind, generate
from procurement.award.solve import Outcome, award_problem
from procurement.award.verify import verify
from tests.benchmarks.award import PUBLISHED_CNY, REPORT, SIZE

SHORT_SECONDS = 6


def awarded(kind: Kind, seed: int, seconds: float | None) -> Outcome:
    drawn = generate(**SIZE, kind=kind, seed=seed)
    check_problem(drawn)
    until = monotonic() + (seconds or 0)
    made = award_problem(drawn, seconds_left=None if seconds is None else lambda: until - monotonic())
    assert verify(drawn, made.award) == verify(drawn, made.greedy) == []
    assert made.broken == ()
    assert made.bound_mfen <= made.award.tally.total_mfen <= made.greedy.tally.total_mfen
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_a_round_of_full_size_is_awarded_to_the_end(seed: int) -> None:
    made = awarded("all_units", seed, None)
    assert made.gap <= 1e-4
    assert made.greedy_extra > 0.001


@pytest.mark.parametrize("kind", ["incremental", "supplier_wide", "per_firm"])
def test_a_round_of_full_size_has_an_award_when_time_is_short(kind: Kind) -> None:
    awarded(kind, 1, SHORT_SECONDS)


def test_every_award_that_was_measured_keeps_the_rules() -> None:
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    for row in report["rows"]:
        assert (row["violations"], row["thrown_away"]) == (0, []), row
        assert row["bound_cny"] <= row["objective_cny"] <= row["greedy_cny"], row
    assert (report["literature"]["objective_cny"], report["literature"]["bound_cny"]) == (PUBLISHED_CNY, PUBLISHED_CNY)
