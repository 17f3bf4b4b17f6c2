"""What the benchmarks carry, and that their page says what was measured."""

from __future__ import annotations

import copy
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from production.planning.jobshop.instance import job_shop_load
from production.planning.jobshop.search.bounds import job_bound, work_bound
from tests.benchmarks import park
from tests.benchmarks.jobshop import INSTANCES, REPORT, best_known
from tests.benchmarks.page import PAGE, page
from tests.benchmarks.park import CASES, Case, measured
from tests.benchmarks.park_judge import HOURS, errors, figures
from tests.benchmarks.park_page import MARKS, medians, verdict
from tests.benchmarks.parks import generate_park
from tests.benchmarks.peers.edd import edd

SMALL = generate_park(orders=60, seed=5, firms=6)


def test_the_page_says_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_plan_that_was_measured_keeps_the_rules() -> None:
    rows = json.loads(REPORT.read_text(encoding="utf-8"))["rows"]
    assert {row["instance"] for row in rows} == best_known().keys()
    for row in rows:
        for planner in ("own", "pyjobshop"):
            assert not row[planner]["violations"], row
            assert row[planner]["bound"] <= row["best_known"], row


@pytest.mark.parametrize("name", sorted(best_known()))
def test_no_bound_is_above_what_somebody_reached(name: str) -> None:
    shop = job_shop_load((INSTANCES / f"{name}.fjs").read_text(encoding="utf-8"))
    assert 0 < max(job_bound(shop), work_bound(shop)) <= best_known()[name]


def test_every_park_was_measured_and_every_plan_keeps_the_rules() -> None:
    rows = json.loads(park.REPORT.read_text(encoding="utf-8"))["rows"]
    assert {row["case"] for row in rows} == {case.name for case in CASES}
    for row in rows:
        assert (row["own"]["errors"], row["own"]["violations"], row["edd"]["errors"]) == (0, 0, 0), row
        assert row["own"]["late_h"] or row["bound_t"] is None or row["bound_t"] <= row["own"]["outsourced_t"], row


def test_each_case_is_set_against_marks() -> None:
    assert [case.name for case in CASES] == list(MARKS)


@pytest.mark.parametrize(
    ("arguments", "digest"),
    [
        ({"orders": 60, "seed": 5, "firms": 6}, "fdd760fd4ed98c2b"),
        ({"orders": 1000, "load": 0.8, "seed": 2}, "95ef0b076a871b99"),
    ],
)
def test_a_park_is_drawn_as_the_benchmark_draws_it(arguments: dict[str, Any], digest: str) -> None:
    drawn = generate_park(**arguments)
    assert sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()[:16] == digest


def one_order(**changes: Any) -> dict[str, Any]:
    """A firm with a press and a mill open from 6 to 22 o'clock, and one that never closes and is slower."""
    order = {"id": "1", "family": "P", "home": "A", "tonnes": 1.0, "due_h": 40.0, "priority": 2}
    return {
        "firms": [{"id": "A", "calendar": "6x16"}, {"id": "B", "calendar": "24x7"}],
        "machines": [
            {"id": f"{firm}-{kind}", "firm": firm, "kind": kind, "eff": speed}
            for firm, speed in (("A", 1.0), ("B", 0.5))
            for kind in ("press", "mill")
        ],
        "families": [{"id": "P", "kind": "press", "firms": ["A", "B"], "form_h_t": 10.0, "cool_h": 4, "cut_h_t": 4.0}],
        "orders": [{**order, **changes}],
    }


def made(plan: dict[str, Any]) -> tuple[str, float, float, float, float]:
    """(firm, start and end of forming, start and end of cutting) of order 1."""
    row = plan["1"]
    return row["firm"], row["form"]["start"], row["form"]["end"], row["cut"]["start"], row["cut"]["end"]


def test_earliest_due_date_stays_at_home_where_that_is_in_time() -> None:
    assert made(edd(one_order())) == ("A", 6.0, 16.0, 20.0, 32.0)  # from 22 to 6 o'clock nobody cuts
    assert made(edd(one_order(due_h=31.0))) == ("A", 6.0, 16.0, 20.0, 32.0)  # late, and later elsewhere
    assert made(edd(one_order(tonnes=2.0, due_h=50.0))) == ("A", 6.0, 34.0, 38.0, 46.0)


def test_earliest_due_date_goes_where_it_is_done_soonest() -> None:
    there = one_order(due_h=16.0, tonnes=0.5)
    there["machines"][2]["eff"] = there["machines"][3]["eff"] = 2.0
    assert made(edd(there)) == ("B", 0.0, 2.5, 6.5, 7.5)
    two = one_order(id="2")
    two["orders"].insert(0, {**two["orders"][0], "id": "1"})
    assert [row["firm"] for row in edd(two).values()] == ["A", "B"]  # at A the second would wait for the first


def test_the_judge_finds_nothing_wrong_with_earliest_due_date() -> None:
    plan = edd(SMALL)
    assert errors(SMALL, plan) == []
    worth = figures(SMALL, plan)
    assert worth["late_orders"] == round(60 * (1 - worth["on_time_pct"] / 100))


def test_the_judge_counts() -> None:
    plan = edd(one_order(due_h=30.5))
    assert figures(one_order(due_h=30.5), plan) == {
        "late_h": 1.5,
        "late_orders": 1,
        "on_time_pct": 0.0,
        "outsourced_pct": 0.0,
        "outsourced_t": 0,
    }
    elsewhere = one_order(home="B", due_h=31.99)
    assert figures(elsewhere, plan)["outsourced_t"] == 1.0
    assert figures(elsewhere, plan)["on_time_pct"] == 100.0  # times are rounded
    assert figures(elsewhere, {})["on_time_pct"] == 0.0


@pytest.mark.parametrize(
    ("kind", "hours"),
    [("24x7", [5, 23, 143, 160, 173]), ("6x24", [5, 23, 143, 144, 149]), ("6x16", [0, 16, 96, 96, 96])],
)
def test_the_judge_knows_working_hours(kind: str, hours: list[float]) -> None:
    assert [HOURS[kind].worked(at) for at in (5, 23, 143, 160, 173)] == hours


WRONGS = {
    "is not planned": lambda plan, key: plan.pop(key),
    "is no order of the park": lambda plan, key: plan.update({"nobody": plan[key]}),
    "is made by a firm that cannot": lambda plan, key: plan[key].update(firm="nobody"),
    "form: is on a machine of another firm or kind": lambda plan, key: plan[key]["form"].update(machine="nobody"),
    "cut: does not work its hours": lambda plan, key: plan[key]["cut"].update(end=plan[key]["cut"]["end"] + 30),
    "form: begins before the plan": lambda plan, key: plan[key]["form"].update(start=-5.0),
    "is cut before it has cooled": lambda plan, key: plan[key]["cut"].update(start=plan[key]["form"]["start"]),
}


@pytest.mark.parametrize("wrong", sorted(WRONGS))
def test_the_judge_sees_each_wrong(wrong: str) -> None:
    plan = edd(SMALL)
    WRONGS[wrong](plan, next(iter(plan)))
    assert wrong in {said for _, said in errors(SMALL, plan)}


def test_the_judge_sees_two_orders_on_one_machine() -> None:
    both = one_order()
    both["orders"].append({**both["orders"][0], "id": "2"})
    plan = edd(both)
    plan["2"] = copy.deepcopy(plan["1"])
    assert errors(both, plan) == [("A-press", "works on two orders at once"), ("A-mill", "works on two orders at once")]


def test_a_row_is_what_the_command_line_planned(tmp_path: Path) -> None:
    row = measured(Case(30, 70, 1, firms=4), 1, tmp_path)
    assert (row["own"]["errors"], row["own"]["violations"], row["edd"]["errors"]) == (0, 0, 0)
    assert (row["case"], row["seed"], row["own"]["on_time_pct"]) == ("30/70/1", 1, 100.0)


def test_marks_are_set_against_medians() -> None:
    own = {"late_h": 0.0, "on_time_pct": 100.0, "outsourced_pct": 30.0, "outsourced_t": 15.0}
    row = {"own": {**own, "first_plan_seconds": 0.1, "peak_mb": 200}, "edd": {"late_h": 0.0}, "bound_t": 10.0}
    late = {**row, "own": {**row["own"], "late_h": 90.0, "on_time_pct": 99.0}, "edd": {"late_h": 100.0}}
    once = medians([row, row, late])
    assert (once["late"], once["on_time"], once["by_bound"], once["by_edd"]) == (0.0, 100.0, 1.5, None)
    assert verdict("1000/70/5", once, is_aim=False) == verdict("1000/70/5", once, is_aim=True) == "met"
    twice = medians([row, late, late])
    assert verdict("1000/70/5", twice, is_aim=False) == "h late: 90.0, not 40; % on time: 99.00, not 99.7"
    assert verdict("1000/80/5", medians([late]), is_aim=False) == "× EDD's lateness: 0.900, not 0.25"
    assert verdict("1000/80/5", once, is_aim=True) == "× EDD's lateness: –, not 0.12"
