"""Each override's effect on a problem, in any order; what cannot be is named with its place."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from production.planning.__main__ import main
from production.planning.codec import problem_dump, problem_hash, problem_load
from production.planning.objective import line_finishes
from production.planning.problem import Calendar, FixedLot, FixedRun, Machine, Pin, Problem, Sequence
from production.planning.scenario.apply import Applied, scenario_of
from production.planning.scenario.override import MOST_OVERRIDES, ScenarioError, overrides_plain, overrides_read
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify
from tests.planning.build import DAY, HORIZON, SHIFTS, booking, line, machines, previous, problem

CASE = Path(__file__).parent / "data" / "case.json"
NEVER: dict[str, Any] = {"consent": "never"}


def changed(tried: Problem, *overrides: dict[str, Any]) -> Applied:
    return scenario_of(tried, overrides_read(list(overrides)))


def with_(tried: Problem, *overrides: dict[str, Any]) -> Problem:
    return changed(tried, *overrides).problem


def plan(tried: Problem) -> Schedule:
    schedule = solve(tried).schedule
    assert verify(tried, schedule) == []
    return schedule


def finish(tried: Problem, key: str = "A-1") -> int | None:
    schedule = plan(tried)
    return line_finishes(tried, list(schedule.lots), list(schedule.unplaced))[key]


def machine(tried: Problem, key: str) -> Machine:
    return next(row for row in tried.machines if row.key == key)


def opened(tried: Problem, key: str) -> tuple[tuple[int, int], ...]:
    calendars = {row.key: row for row in tried.calendars}
    return calendars[machine(tried, key).calendar].open


def test_a_machine_more_is_like_the_other_without_its_stops_and_does_its_share() -> None:
    stopped = tuple(replace(row, closed=((0, DAY),)) for row in machines("A", presses=1))
    base = problem(line(pieces=80, **NEVER), machines=stopped + machines("B"))
    applied = changed(base, {"kind": "machine_more", "machine": "A-PRESS-0", "count": 2})
    assert applied.machines == {"A-PRESS-0+1": "A-PRESS-0", "A-PRESS-0+2": "A-PRESS-0"}
    more = machine(applied.problem, "A-PRESS-0+1")
    assert more == replace(stopped[0], key="A-PRESS-0+1", closed=())
    before, after = finish(base), finish(applied.problem)
    assert before is not None
    assert after is not None
    assert after < before
    assert any(run.machine == "A-PRESS-0+1" for run in plan(applied.problem).runs)


@pytest.mark.parametrize(
    ("period", "closed"),
    [
        ({}, (0, HORIZON)),
        ({"until_min": 2 * DAY}, (0, 2 * DAY)),
        ({"from_min": DAY}, (DAY, HORIZON)),
        ({"from_min": -DAY, "until_min": 10 * HORIZON}, (0, HORIZON)),
    ],
)
def test_a_machine_is_away_for_a_time_or_for_good(period: dict[str, int], closed: tuple[int, int]) -> None:
    after = with_(problem(), {"kind": "no_work", "machine": "A-PRESS-0", **period})
    assert machine(after, "A-PRESS-0").closed == (closed,)
    assert machine(after, "A-PRESS-1").closed == ()
    start, end = closed
    assert not any(
        run.machine == "A-PRESS-0" and run.start_min < end and start < run.end_min for run in plan(after).runs
    )


def test_frozen_work_stays_on_a_machine_that_is_taken_away() -> None:
    base = problem(fixed_lots=(booking("x", "A-PRESS-0", 500, 900),))
    after = with_(base, {"kind": "no_work", "machine": "A-PRESS-0"})
    assert after.fixed_lots == base.fixed_lots
    assert plan(after).fixed == base.fixed_lots


def test_no_work_of_a_firm_closes_its_machines_and_sends_its_people_home() -> None:
    after = with_(problem(), {"kind": "no_work", "firm": "A", "from_min": 0, "until_min": DAY})
    assert {row.key for row in after.machines if row.closed} == {row.key for row in machines("A")}
    calendars = {row.key: row for row in after.calendars}
    firms = {row.key: row for row in after.firms}
    assert calendars[firms["A"].calendar].open == SHIFTS[1:]
    assert firms["B"].calendar == "shifts"
    assert calendars["shifts"].open == SHIFTS


def test_a_class_is_met_in_all_firms_or_in_one_whatever_its_firm_is_approved_for() -> None:
    approved = replace(machines("B", presses=1)[0], machine_class="PRESS+medical")
    base = problem(machines=(*machines("A"), approved), offers=())
    no_press = {"kind": "no_work", "machine_class": "PRESS"}
    assert [row.key for row in with_(base, no_press).machines if row.closed] == ["A-PRESS-0", "A-PRESS-1", "B-PRESS-0"]
    assert [row.key for row in with_(base, no_press | {"firm": "B"}).machines if row.closed] == ["B-PRESS-0"]
    assert with_(base, no_press | {"firm": "B"}).firms == base.firms


def test_a_shift_more_each_day_is_added_to_what_is_open_and_ends_with_its_period() -> None:
    night = {"kind": "hours_more", "machine": "A-PRESS-0", "from_min": 0, "until_min": 2 * DAY, "day_min": 480}
    after = with_(problem(), night)
    assert opened(after, "A-PRESS-0")[:2] == ((0, 2 * DAY), SHIFTS[2])
    assert opened(after, "A-PRESS-1") == SHIFTS
    assert len(after.calendars) == 3


def test_hours_that_overlap_what_is_open_count_once_and_equal_hours_are_one_calendar() -> None:
    early = {"kind": "hours_more", "machine_class": "PRESS", "from_min": 400, "until_min": DAY, "day_min": 200}
    after = with_(problem(), early, early)
    assert opened(after, "A-PRESS-0")[0] == (400, 1440)
    assert {row.calendar for row in after.machines if row.machine_class == "PRESS"} == {"shifts+1"}
    assert {row.calendar for row in after.firms} == {"shifts"}


def test_a_firms_overtime_brings_its_people_too_and_a_late_line_comes_sooner() -> None:
    base = problem(line(pieces=60, **NEVER))
    shift = {"kind": "hours_more", "firm": "A", "from_min": 0, "until_min": 10 * DAY, "day_min": 480}
    after = with_(base, shift)
    assert next(row for row in after.firms if row.key == "A").calendar == "shifts+1"
    assert (finish(after) or HORIZON) < (finish(base) or 0)


def test_no_work_wins_over_hours_more_and_a_machine_more_keeps_its_class_hours() -> None:
    overrides: tuple[dict[str, Any], ...] = (
        {"kind": "machine_more", "machine": "A-PRESS-0"},
        {"kind": "hours_more", "machine_class": "PRESS", "from_min": 0, "until_min": DAY, "day_min": 480},
        {"kind": "no_work", "firm": "A", "from_min": 0, "until_min": DAY},
    )
    after = with_(problem(), *overrides)
    assert opened(after, "A-PRESS-0+1")[0] == (0, DAY)
    assert machine(after, "A-PRESS-0+1").closed == ((0, DAY),)


def test_an_offer_more_has_the_terms_of_the_other_and_a_window_and_share_of_its_own() -> None:
    base = problem(fixed_lots=(booking("x", "B-PRESS-0", DAY + 480, DAY + 980),))
    window = {"from_min": DAY, "until_min": 2 * DAY}
    more = {"kind": "offer_more", "offer": "B-offer", "machine": "A-PRESS-0"}
    after = {row.key: row for row in with_(base, more | window, {**more, "machine": "B-PRESS-0"}).offers}
    own = after["B-offer+1"]
    assert (own.firm, own.machines, own.window) == ("A", ("A-PRESS-0",), (DAY, 2 * DAY))
    assert (own.fee_fen_per_t, own.material_from, own.machine_minutes) == (300_000, "giver", None)
    half = with_(base, more | window | {"machine": "B-PRESS-0", "share_percent": 50, "fee_fen_per_t": 7})
    assert (half.offers[1].machine_minutes, half.offers[1].fee_fen_per_t) == ((960 - 500) // 2, 7)


def test_an_offer_is_withdrawn_or_changed() -> None:
    late = problem(line(pieces=400))
    assert any(lot.offer for lot in plan(late).lots)
    withdrawn = with_(late, {"kind": "offer_less", "offer": "B-offer"})
    assert withdrawn.offers == ()
    assert not any(lot.offer for lot in plan(withdrawn).lots)
    dearer = with_(late, {"kind": "offer_change", "offer": "B-offer", "fee_fen_per_t": 1, "share_percent": 10})
    assert dearer.offers[0].fee_fen_per_t == 1
    assert dearer.offers[0].machine_minutes == 2 * 40 * 960 // 10
    assert (
        with_(dearer, {"kind": "offer_change", "offer": "B-offer", "share_percent": 100}).offers[0].machine_minutes
        is None
    )


def test_a_line_more_is_like_the_other_but_for_what_is_said() -> None:
    base = problem(line(barred_firms=("B",), priority=3))
    more = {"kind": "line_more", "line": "A-1", "pieces": 7, "due_min": 5 * DAY, "from_min": DAY, "consent": "ask"}
    applied = changed(base, more)
    assert applied.lines == {"A-1+1": "A-1"}
    assert applied.problem.lines[1] == line(
        "A-1+1", pieces=7, due_min=5 * DAY, release_min=DAY, consent="ask", priority=3
    )
    assert (finish(applied.problem, "A-1+1") or 0) > DAY


def test_a_line_less_is_named_nowhere_and_its_frozen_lot_keeps_the_machine() -> None:
    lot = FixedLot("lot", "A-1", "A", 5, (FixedRun("A-PRESS-0", 480, 600),), 900, 900)
    base = problem(
        line(),
        line("A-2"),
        fixed_lots=(lot,),
        previous=(previous("A-PRESS-0", 480),),
        pins=(Pin("A-1", "PRESS", "A-PRESS-0"), Pin("A-2", "PRESS", "A-PRESS-1")),
        sequences=(Sequence("A-PRESS-0", ("A-1", "A-2")),),
    )
    after = with_(base, {"kind": "line_less", "line": "A-1"})
    assert [row.key for row in after.lines] == ["A-2"]
    assert after.fixed_lots == (replace(lot, line=""),)
    assert (after.previous, [pin.line for pin in after.pins], after.sequences[0].lines) == ((), ["A-2"], ("A-2",))
    plan(after)


def test_a_line_is_changed_in_what_is_said_alone() -> None:
    wanted = {"pieces": 8, "due_min": 9 * DAY, "priority": 9, "consent": "never"}
    after = with_(problem(), {"kind": "line_change", "line": "A-1", **wanted})
    assert after.lines == (line(pieces=8, due_min=9 * DAY, priority=9, consent="never"),)
    assert with_(problem(), {"kind": "line_change", "line": "A-1", "priority": 3}).lines == (line(priority=3),)


def test_the_order_of_the_list_means_nothing_and_the_base_stays_as_it_was() -> None:
    base = problem(line(), line("A-2"))
    overrides: list[dict[str, Any]] = [
        {"kind": "machine_more", "machine": "A-PRESS-0"},
        {"kind": "hours_more", "machine_class": "PRESS", "from_min": -60, "until_min": DAY, "day_min": 300},
        {"kind": "no_work", "machine": "A-PRESS-1", "until_min": 900},
        {"kind": "offer_more", "offer": "B-offer", "machine": "A-PRESS-1", "share_percent": 30},
        {"kind": "line_more", "line": "A-2", "pieces": 3, "due_min": DAY},
    ]
    before = problem_dump(base)
    hashes = {problem_hash(with_(base, *order)) for order in itertools.permutations(overrides)}
    assert len(hashes) == 1
    assert hashes != {problem_hash(base)}
    assert problem_dump(base) == before


def test_what_was_read_is_written_as_it_was_given() -> None:
    plain = [
        {"kind": "no_work", "firm": "A", "from_min": 0},
        {"kind": "line_change", "line": "A-1", "pieces": 2, "consent": "ask"},
    ]
    assert overrides_plain(overrides_read(plain)) == plain


LESS = {"kind": "line_less", "line": "A-1"}
HOURS = {"kind": "hours_more", "machine": "A-SAW", "from_min": 0, "until_min": DAY, "day_min": 60}


@pytest.mark.parametrize(
    ("given", "place", "code"),
    [
        ({}, "", "not_a_list"),
        ([], "", "changes_nothing"),
        ([LESS] * (MOST_OVERRIDES + 1), "", "too_many"),
        (["x"], "/0", "not_an_object"),
        ([{}], "/0/kind", "missing"),
        ([{"kind": "rename"}], "/0/kind", "kind_unknown"),
        ([{"kind": ["no_work"]}], "/0/kind", "kind_unknown"),
        ([LESS | {"pieces": 3}], "/0/pieces", "field_unknown"),
        ([{"kind": "line_less"}], "/0/line", "missing"),
        ([{"kind": "line_less", "line": 7}], "/0/line", "not_text"),
        ([{"kind": "line_less", "line": ""}], "/0/line", "not_text"),
        ([HOURS | {"day_min": True}], "/0/day_min", "not_whole"),
        ([HOURS | {"day_min": 1.5}], "/0/day_min", "not_whole"),
        ([HOURS | {"day_min": 0}], "/0/day_min", "out_of_range"),
        ([HOURS | {"until_min": 10**9}], "/0/until_min", "out_of_range"),
        ([HOURS | {"until_min": 0}], "/0/until_min", "ends_before_start"),
        ([HOURS | {"firm": "A"}], "/0/machine", "target_wanted"),
        ([{"kind": "no_work"}], "/0/machine", "target_wanted"),
        ([{"kind": "no_work", "machine": "A-SAW", "until_min": -1}], "/0/until_min", "ends_before_start"),
        ([{"kind": "offer_change", "offer": "B-offer"}], "/0", "changes_nothing"),
        ([{"kind": "line_change", "line": "A-1", "consent": "maybe"}], "/0/consent", "choice_unknown"),
        ([LESS, {"kind": "line_change", "line": "A-1", "pieces": 1}], "/1/line", "changed_twice"),
        ([LESS, LESS], "/1/line", "changed_twice"),
        ([{"kind": "machine_more", "machine": "A-MILL"}], "/0/machine", "key_unknown"),
        ([LESS, {"kind": "no_work", "firm": "C"}], "/1/firm", "key_unknown"),
        ([{"kind": "no_work", "machine_class": "OVEN"}], "/0/machine_class", "key_unknown"),
        ([{"kind": "no_work", "machine_class": "OVEN", "firm": "A"}], "/0/machine_class", "key_unknown"),
        ([{"kind": "offer_less", "offer": "A-offer"}], "/0/offer", "key_unknown"),
        ([{"kind": "line_less", "line": "B-1"}], "/0/line", "key_unknown"),
    ],
)
def test_what_cannot_be_is_named_with_its_place(given: Any, place: str, code: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        scenario_of(problem(), overrides_read(given))
    assert (refused.value.field, refused.value.code) == (place, code)
    assert refused.value.message


def test_a_class_that_one_firm_lacks_is_named() -> None:
    base = problem(machines=machines("A") + machines("B")[:2])
    with pytest.raises(ScenarioError) as refused:
        with_(base, {"kind": "no_work", "machine_class": "SAW", "firm": "B"})
    assert (refused.value.field, refused.value.code) == ("/0/machine_class", "key_unknown")


def test_a_calendar_that_carries_the_next_name_already_is_kept() -> None:
    base = problem(calendars=(*problem().calendars, Calendar("shifts+1", ((0, 1),))))
    after = {row.key: row.open for row in with_(base, HOURS).calendars}
    assert after["shifts+1"] == ((0, 1),)
    assert after["shifts+2"][0] == (0, 60)


def test_the_command_writes_a_problem_that_is_solved_like_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted, out = tmp_path / "overrides.json", tmp_path / "changed.json"
    key = problem_load(CASE.read_text()).lines[0].key
    wanted.write_text(json.dumps([{"kind": "line_less", "line": key}]))
    assert main(["scenario", str(CASE), str(wanted), "--out", str(out)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problem_hash"] == problem_hash(problem_load(out.read_text()))
    assert key not in {row.key for row in problem_load(out.read_text()).lines}


@pytest.mark.parametrize(("text", "said"), [("{", "a list"), ('[{"kind": "line_less", "line": "?"}]', "/0/line")])
def test_the_command_refuses_bad_overrides_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    wanted = tmp_path / "overrides.json"
    wanted.write_text(text)
    assert main(["scenario", str(CASE), str(wanted), "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
