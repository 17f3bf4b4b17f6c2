"""Parks from the command line: what is refused, what the judge sees, what a plan depends on."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from production.planning.__main__ import main
from production.planning.command.formats import Effort, Watch, format_named
from production.planning.errors import ProblemError
from production.planning.park.bounds import outsourced_bound_t
from production.planning.park.instance import park_load
from production.planning.park.plan import plan_load
from production.planning.park.verify import open_hours, verify
from tests.benchmarks.parks import generate_park

CHECKOUT = Path(__file__).parents[2]
SMALL = generate_park(orders=60, seed=1, firms=6, load=1.3, least_days=2)


def firm(**changes: Any) -> dict[str, Any]:
    """A press and a mill in a firm that works from 6 to 22 o'clock; one family of 10 + 4 + 2 hours a tonne."""
    park: dict[str, Any] = {
        "firms": [{"id": "A", "calendar": "6x16"}, {"id": "B", "calendar": "24x7"}],
        "machines": [
            {"id": "A-P", "firm": "A", "kind": "press", "eff": 1.0},
            {"id": "A-M", "firm": "A", "kind": "mill", "eff": 0.5},
            {"id": "B-P", "firm": "B", "kind": "press", "eff": 1.0},
            {"id": "B-M", "firm": "B", "kind": "mill", "eff": 1.0},
        ],
        "families": [{"id": "P", "kind": "press", "firms": ["A", "B"], "form_h_t": 10, "cool_h": 4, "cut_h_t": 2}],
        "orders": [{"id": "1", "family": "P", "home": "A", "tonnes": 1, "due_h": 48}],
    }
    return {**park, **changes}


def planned(park: dict[str, Any], iterations: int = 2000) -> tuple[dict[str, int], dict[str, Any]]:
    """(tiers, plan) by the engine, judged."""
    spoken = format_named("park")
    instance = spoken.load(json.dumps(park))
    outcome = spoken.solve(instance, Effort(None, iterations, 1, 1), Watch())
    assert spoken.judge(instance, outcome.plan)[1] == []
    return outcome.tiers, json.loads(outcome.plan)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"firms": 3}, "park.firms: must be a list"),
        ({"firms": [{"id": "A"}]}, "firms[0]: calendar is missing"),
        ({"firms": [{"id": "A", "calendar": "5x8"}]}, "firms[0].calendar: '5x8' is not known"),
        ({"machines": [{"id": "X", "firm": "C", "kind": "press", "eff": 1}]}, "machines[0].firm: 'C' is not known"),
        ({"machines": [{"id": "X", "firm": "A", "kind": "saw", "eff": 1}]}, "machines[0].kind: 'saw' is not known"),
        (
            {"machines": [{"id": "X", "firm": "A", "kind": "press", "eff": 0}]},
            "machines[0].eff: must be above 0, not 0",
        ),
        ({"machines": [{"id": "X", "firm": "A", "kind": "press", "eff": 0.3333}]}, "at most three decimals"),
        ({"orders": [{"id": "1", "family": "P", "home": "A", "tonnes": -1, "due_h": 1}]}, "tonnes: must be above 0"),
        ({"orders": [{"id": "1", "family": "P", "home": "A", "tonnes": True, "due_h": 1}]}, "tonnes: must be a number"),
        ({"orders": [{"id": "1", "family": "P", "home": "A", "tonnes": 1, "due_h": 1e9}]}, "due_h: must be at most"),
        ({"orders": [{"id": "1", "family": "Q", "home": "A", "tonnes": 1, "due_h": 1}]}, "family: 'Q' is not known"),
        ({"orders": 2 * firm()["orders"]}, "orders[1]: is there twice"),
        ({"orders": [7]}, "orders[0]: must be an object"),
    ],
)
def test_what_is_malformed_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        park_load(json.dumps(firm(**change)))
    assert said in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", "[" * 100_000, '{"firms": NaN}'])
def test_a_file_that_is_no_park_is_one_plain_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = tmp_path / "bad.json"
    file.write_text(text)
    assert main(["solve", str(file), "--format", "park"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_what_cannot_be_made_is_told_and_the_rest_is_planned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    park = firm()
    park["families"].append({**park["families"][0], "id": "Q", "kind": "extruder"})
    park["orders"] += [{**park["orders"][0], "id": "2", "family": "Q"}, {**park["orders"][0], "id": "3", "due_h": 2}]
    file = tmp_path / "park.json"
    file.write_text(json.dumps(park))
    assert main(["solve", str(file), "--format", "park", "--iterations", "500"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["broken_rules"] == [["unplanned", "2", "has no place"]]
    assert [code for code, _ in report["notes"]] == ["no_machine", "due_too_soon"]


@pytest.mark.parametrize(
    ("calendar", "hours"),
    [("24x7", [5, 23, 143, 160, 173]), ("6x24", [5, 23, 143, 144, 149]), ("6x16", [0, 16, 96, 96, 96])],
)
def test_open_hours_by_calendar(calendar: str, hours: list[int]) -> None:
    assert [open_hours(calendar, at) for at in (5, 23, 143, 160, 173)] == hours


def test_an_order_is_formed_cooled_and_cut_at_home() -> None:
    tiers, plan = planned(firm())
    assert tiers == {"lateness_min": 0, "outsourced_kg": 0}
    assert plan["1"]["firm"] == "A"
    form, cut = plan["1"]["form"], plan["1"]["cut"]
    assert form == {"machine": "A-P", "start": 6.0, "end": 16.0}
    assert cut == {"machine": "A-M", "start": 20.0, "end": 32.0}  # pauses from 22 to 6


def test_what_would_be_late_at_home_goes_away() -> None:
    tiers, plan = planned(firm(orders=[{"id": "1", "family": "P", "home": "A", "tonnes": 1, "due_h": 31}]))
    assert (tiers["lateness_min"], tiers["outsourced_kg"], plan["1"]["firm"]) == (0, 1000, "B")


def test_a_home_that_cannot_make_it_is_no_home() -> None:
    park = firm()
    park["families"][0]["firms"] = ["B"]
    assert planned(park)[0] == {"lateness_min": 0, "outsourced_kg": 1000}


def test_the_least_away_is_chosen() -> None:
    orders = [
        {"id": str(number), "family": "P", "home": "A", "tonnes": size, "due_h": 40}
        for number, size in enumerate((1, 1.6))
    ]
    tiers, plan = planned(firm(orders=orders))
    assert tiers == {"lateness_min": 0, "outsourced_kg": 1000}
    assert (plan["0"]["firm"], plan["1"]["firm"]) == ("B", "A")


def test_the_bound_is_no_more_than_what_a_plan_needs() -> None:
    for seed in range(4):
        park = generate_park(orders=40, seed=seed, firms=6, load=0.7)
        tiers, _ = planned(park, 4000)
        bound = outsourced_bound_t(park_load(json.dumps(park)))
        assert tiers["lateness_min"] > 0 or (bound is not None and bound * 1000 <= tiers["outsourced_kg"] + 1)


def test_the_bound_counts_what_home_has_no_hours_for() -> None:
    orders = [{"id": str(n), "family": "P", "home": "A", "tonnes": 1, "due_h": 48} for n in range(4)]
    bound = outsourced_bound_t(park_load(json.dumps(firm(orders=orders))))
    assert bound == pytest.approx(4 - 2 * 16 / 10, abs=1e-5)  # two days of 16 h at 10 h a tonne


MUTATIONS = {
    "unplanned": lambda plan, key: plan.pop(key),
    "unknown": lambda plan, key: plan.update({"nobody": plan[key]}),
    "firm": lambda plan, key: plan[key].update(firm="nobody"),
    "machine": lambda plan, key: plan[key]["form"].update(machine="nobody"),
    "work": lambda plan, key: plan[key]["cut"].update(end=plan[key]["cut"]["end"] + 30),
    "start": lambda plan, key: plan[key]["form"].update(start=-5.0),
    "order": lambda plan, key: plan[key]["cut"].update(start=plan[key]["form"]["start"]),
}


@pytest.mark.parametrize("rule", sorted(MUTATIONS))
def test_the_judge_sees_each_broken_rule(rule: str) -> None:
    _, plan = planned(SMALL, 500)
    MUTATIONS[rule](plan, next(iter(plan)))
    broken = verify(park_load(json.dumps(SMALL)), plan_load(json.dumps(plan)))
    assert rule in {violation[0] for violation in broken}


def test_the_judge_sees_two_on_one_machine() -> None:
    park = firm(orders=[{"id": str(n), "family": "P", "home": "A", "tonnes": 0.1, "due_h": 48} for n in range(2)])
    _, plan = planned(park)
    plan["1"] = copy.deepcopy(plan["0"])
    assert {row[0] for row in verify(park_load(json.dumps(park)), plan_load(json.dumps(plan)))} == {"overlap"}


def solved(folder: Path, name: str, *arguments: str, **environment: str) -> bytes:
    """The plan's bytes by a process of its own."""
    file, plan = folder / "park.json", folder / name
    file.write_text(json.dumps(SMALL))
    command = ["-m", "production.planning", "solve", str(file), "--format", "park", "--out", str(plan), *arguments]
    subprocess.run(
        [sys.executable, *command], check=True, capture_output=True, cwd=CHECKOUT, env={**os.environ, **environment}
    )
    return plan.read_bytes()


def test_the_plan_by_iterations_depends_on_nothing_else(tmp_path: Path) -> None:
    count = ("--iterations", "9000", "--seed", "5")
    first = solved(tmp_path, "one", *count, "--workers", "1")
    assert solved(tmp_path, "two", *count, "--workers", "2") == first
    assert solved(tmp_path, "again", *count, "--workers", "2", "--seconds", "0.001") == first
    assert solved(tmp_path, "plain", *count, NUMBA_DISABLE_JIT="1") == first
    assert solved(tmp_path, "other", "--iterations", "9000", "--seed", "6") != first
