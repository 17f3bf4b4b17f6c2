"""Which figures are judged, and what the last line says of them."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from mes.demo.ranges import misses, ranges_of
from mes.demo.report import last_line, overrides_of
from mes.demo.sample.shapes import CaseOptions

AS_TOLD: dict[str, Any] = {
    "case": {
        "in_house_t": 131.5, "outsourced_t": 68.5, "finish_day": 19.9, "tardy_h": 0.0, "firms": 4, "pieces_total": 3565,
    },
    "case_alone": {"finish_day": 29.7},
    "park": {
        "orders": 811, "operations": 5000, "on_time_pct": 93.2, "late": 55, "outsourced_pct": 12.0,
        "plan_seconds": 6.1, "violations": 0,
    },
    "round": {
        "firms": 32, "tonnes": 2990.7, "gap": 0.00004, "greedy_extra_pct": 0.4, "ledger_sum_fen": 0, "saving_pct": 2.6,
        "coverage_pct": 100,
    },
    "db": {"overlaps": 0},
}  # fmt: skip


def _with(part: str, name: str, value: object) -> dict[str, Any]:
    report = deepcopy(AS_TOLD)
    report[part][name] = value
    return report


def test_the_story_as_told_is_in_range() -> None:
    assert misses(AS_TOLD, ranges_of(seed=1, options=CaseOptions())) == []
    assert last_line(AS_TOLD, []) == (
        "DEMO OK in_house_t=131.5 outsourced_t=68.5 finish_day=19.9 alone_day=29.7 on_time_pct=93.2 violations=0"
        " round_t=2990.7 saving_pct=2.6"
    )


@pytest.mark.parametrize(
    ("part", "name", "value", "said"),
    [
        ("case", "in_house_t", 129.9, "in_house_t=129.9 expected 130 to 136"),
        ("case", "outsourced_t", 70.1, "outsourced_t=70.1 expected 64 to 70"),
        ("case", "finish_day", 20.01, "finish_day=20.01 expected at most 20"),
        ("case", "tardy_h", 0.02, "tardy_h=0.02 expected 0"),
        ("case", "firms", 1, "firms=1 expected at least 2"),
        ("case", "pieces_total", 3564, "pieces_total=3564 expected 3565"),
        ("case_alone", "finish_day", 30.71, "alone_day=30.71 expected 29.3 to 30.7"),
        ("park", "orders", 941, "orders=941 expected 740 to 940"),
        ("park", "on_time_pct", 89.99, "on_time_pct=89.99 expected at least 90"),
        ("park", "outsourced_pct", 4.9, "outsourced_pct=4.9 expected 5 to 30"),
        ("park", "plan_seconds", 60.1, "plan_seconds=60.1 expected at most 60"),
        ("park", "violations", 1, "violations=1 expected 0"),
        ("db", "overlaps", 1, "overlaps=1 expected 0"),
        ("round", "firms", 31, "round_firms=31 expected 32"),
        ("round", "tonnes", 2699.9, "round_tonnes=2699.9 expected 2700 to 3300"),
        ("round", "gap", 0.0051, "round_gap=0.0051 expected at most 0.005"),
        ("round", "ledger_sum_fen", 1, "round_ledger_sum_fen=1 expected 0"),
        ("round", "saving_pct", 0.4, "round_saving_pct=0.4 expected 0.5 to 6"),
        ("round", "greedy_extra_pct", -0.01, "round_greedy_extra_pct=-0.01 expected at least 0"),
    ],
)
def test_a_figure_out_of_its_range_is_named(part: str, name: str, value: object, said: str) -> None:
    missed = misses(_with(part, name, value), ranges_of(seed=1, options=CaseOptions()))
    assert last_line({}, missed) == f"DEMO FAILED {said}"


def test_another_order_book_is_judged_by_the_parks_punctuality_alone() -> None:
    report = _with("park", "on_time_pct", 88.0)
    report["case"]["in_house_t"] = 100.0
    assert misses(report, ranges_of(seed=3, options=CaseOptions())) == []
    assert misses(_with("park", "on_time_pct", 87.9), ranges_of(seed=3, options=CaseOptions()))


@pytest.mark.parametrize(
    ("options", "in_house_t", "alone_day"),
    [
        (CaseOptions(booked_presses=0), 161.7, 24.5),
        (CaseOptions(rest_h=0), 141.4, 28.3),
        (CaseOptions(press_efficiency=Decimal("1.0")), 165.0, 99.0),
        (CaseOptions(whole_lots=True), 110.0, 36.3),
    ],
)
def test_a_changed_case_has_figures_of_its_own(options: CaseOptions, in_house_t: float, alone_day: float) -> None:
    report = _with("case", "in_house_t", in_house_t)
    report["case_alone"]["finish_day"] = alone_day
    report["case"]["outsourced_t"] = report["park"]["on_time_pct"] = 1.0
    ranges = ranges_of(seed=1, options=options)
    assert misses(report, ranges) == []
    assert next(miss.field for miss in misses(AS_TOLD, ranges)) == "in_house_t"


@pytest.mark.parametrize("alone_day", [29.2, 36.4])
def test_whole_lots_end_neither_before_batches_nor_after_a_plain_dealing_out(alone_day: float) -> None:
    report = _with("case", "in_house_t", 110.0)
    report["case_alone"]["finish_day"] = alone_day
    missed = misses(report, ranges_of(seed=1, options=CaseOptions(whole_lots=True)))
    assert [str(miss) for miss in missed] == [f"alone_day={alone_day} expected 29.3 to 36.3"]


def test_two_changes_at_once_are_judged_by_what_always_holds() -> None:
    options = CaseOptions(booked_presses=0, whole_lots=True)
    assert misses(_with("case", "in_house_t", 1.0), ranges_of(seed=1, options=options)) == []
    assert misses(_with("db", "overlaps", 2), ranges_of(seed=1, options=options))


def test_the_report_names_what_was_changed() -> None:
    assert overrides_of(CaseOptions()) == {}
    assert overrides_of(CaseOptions(press_efficiency=Decimal("1.0"), rest_h=0)) == {
        "press_efficiency": 1.0,
        "rest_h": 0,
    }
