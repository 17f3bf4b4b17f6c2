"""Bad data is named in plain words before the search; what it hits is set aside, and the rest is planned."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from production.planning.__main__ import main
from production.planning.codec import problem_dump
from production.planning.engine.budget import Budget
from production.planning.planner import plan_problem
from production.planning.problem import Calendar, Line, Mode, Pin, Problem, Route
from production.planning.schedule import Data, Note, Schedule
from production.planning.screen import plain_words, screen
from production.planning.search.solve import RuleLog
from production.planning.verify import verify
from tests.planning.build import DAY, MIX, PRESS, SAW, booking, line, machines, problem, with_mode, with_step

GOOD = line("good")
MILL = replace(SAW, process="MILL")


def bad(**changes: Any) -> Line:
    return line("bad", consent="never", **changes)


def routed(*steps: Any) -> Line:
    return bad(routes=(Route("pressed", steps),))


TWICE_MIXED = routed(MIX, PRESS, MIX, SAW)
NO_CLASS = bad(routes=(with_step(2, modes=()),))
NO_MACHINE = bad(routes=(with_step(1, modes=(Mode("PRESS-XL", "cycle", 2, 3600),)),))
HURRIED = bad(release_min=4 * DAY, due_min=3 * DAY)
SHUT = problem(GOOD, bad(firm="B"), machines=machines("A") + tuple(replace(m, calendar="shut") for m in machines("B")))
SHUT = replace(SHUT, calendars=(*SHUT.calendars, Calendar("shut", ((-DAY, 0),))), offers=())
OVERLAP = problem(GOOD, fixed_lots=(booking("F", "A-PRESS-0", 0, DAY), booking("G", "A-PRESS-0", 600, 2 * DAY)))
CLASH: Data = (("machine", "A-PRESS-0"), ("lot", "G"), ("other", "F"), ("from_min", 600), ("until_min", DAY))
SHUT_NAMES = "B-MIXER B-PRESS-0 B-PRESS-1 B-SAW"


def of_line(code: str, *data: tuple[str, int | str]) -> Note:
    return Note(code, (("line", "bad"), *data))


KINDS: dict[str, tuple[Problem, Note]] = {
    "a loop back before forming": (
        problem(GOOD, TWICE_MIXED),
        of_line("routing_loop", ("route", "pressed"), ("process", "MIX")),
    ),
    "a loop back to forming": (
        problem(GOOD, routed(MIX, PRESS, SAW, PRESS)),
        of_line("routing_loop", ("route", "pressed"), ("process", "PRESS")),
    ),
    "a loop of two operations": (
        problem(GOOD, routed(SAW, MILL, SAW, MILL)),
        of_line("routing_loop", ("route", "pressed"), ("process", "SAW")),
    ),
    "an operation that names no machine": (
        problem(GOOD, NO_CLASS),
        of_line("no_machine", ("route", "pressed"), ("process", "SAW"), ("classes", "")),
    ),
    "an operation whose machine nobody has": (
        problem(GOOD, NO_MACHINE),
        of_line("no_machine", ("process", "PRESS"), ("classes", "PRESS-XL")),
    ),
    "a calendar without hours": (SHUT, Note("no_hours", (("calendar", "shut"), ("machines", SHUT_NAMES)))),
    "a pin to a machine that does not do the step": (
        problem(GOOD, bad(), pins=(Pin("bad", "PRESS", "A-SAW"),)),
        of_line("pin_impossible", ("process", "PRESS"), ("machine", "A-SAW")),
    ),
    "a pin to a step that there is not": (
        problem(GOOD, bad(), pins=(Pin("bad", "MILL", start_min=60),)),
        of_line("pin_impossible", ("process", "MILL"), ("machine", "")),
    ),
    "frozen runs that overlap": (OVERLAP, Note("fixed_runs_overlap", CLASH)),
    "a due date before release": (
        problem(GOOD, HURRIED),
        of_line("due_before_release", ("release_min", 4 * DAY), ("due_min", 3 * DAY)),
    ),
    "fewer than no pieces": (problem(GOOD, bad(pieces=-3)), of_line("pieces_do_not_split", ("pieces", -3))),
    "pieces without mass": (problem(GOOD, bad(unit_mass_g=0)), of_line("pieces_do_not_split", ("unit_mass_g", 0))),
    "a transfer batch of nothing": (
        problem(GOOD, bad(routes=(with_step(1, transfer_pieces=0),))),
        of_line("pieces_do_not_split", ("route", "pressed"), ("process", "PRESS"), ("transfer_pieces", 0)),
    ),
    "a load of nothing": (
        problem(GOOD, bad(routes=(with_mode(1, pieces_per_cycle=0),))),
        of_line("pieces_do_not_split", ("route", "pressed"), ("process", "PRESS"), ("pieces_per_cycle", 0)),
    ),
    "a least lot that no machine can make": (
        problem(GOOD, bad(pieces=5000, least_lot_pieces=2000)),
        of_line("pieces_do_not_split", ("pieces", 5000), ("least_lot_pieces", 2000), ("most_pieces", 1024)),
    ),
}
ON_ITS_LINE = {"routing_loop", "no_machine", "pieces_do_not_split"}


def planned(tried: Problem) -> Schedule:
    schedule = plan_problem(tried, budget=Budget(iterations=300)).schedule
    assert verify(tried, schedule) == []
    return schedule


@pytest.mark.parametrize("kind", KINDS)
def test_bad_data_is_named_and_the_rest_is_planned(kind: str) -> None:
    tried, note = KINDS[kind]
    schedule = planned(tried)
    assert note in schedule.notes
    assert sum(lot.pieces for lot in schedule.lots if lot.line == "good") == GOOD.pieces
    assert "good" not in {item.line for item in schedule.unplaced}
    hit = [item for item in schedule.unplaced if item.line == "bad"]
    if note.code in ON_ITS_LINE and tried.lines[1].pieces > 0:
        assert [(item.pieces, item.code) for item in hit] == [(tried.lines[1].pieces, note.code)]
        assert hit[0].data == note.data[1:]
    assert "{" not in plain_words(note)


def test_it_is_named_before_the_search() -> None:
    told: list[object] = []
    tried = KINDS["a loop back before forming"][0]
    plan_problem(tried, budget=Budget(iterations=100), on_notes=told.append, on_rule=told.append)
    assert told[0] == (KINDS["a loop back before forming"][1],)
    assert isinstance(told[1], RuleLog)


def test_a_line_with_another_route_takes_it() -> None:
    two = line("bad", routes=(Route("round", (MIX, PRESS, MIX)), *GOOD.routes))
    schedule = planned(problem(two))
    assert [note.code for note in schedule.notes] == ["routing_loop"]
    assert {lot.route for lot in schedule.lots} == {"pressed"}
    assert schedule.unplaced == ()


def test_what_a_firm_lacks_and_another_offers_is_no_bad_data() -> None:
    assert screen(problem(line(), machines=machines("B"))).notes == ()
    assert screen(problem(line(excluded_firms=("B",)), machines=machines("B"))).notes != ()
    assert screen(problem(line(), machines=machines("B"), offers=())).notes != ()


def test_good_data_has_no_notes_and_stays_as_it_is() -> None:
    annealed = replace(SAW, process="ANNEAL", modes=(Mode("SAW", "rate", piece_s=30),))
    tried = problem(line(routes=(Route("twice annealed", (MIX, PRESS, annealed, SAW, annealed)),)), line("overdue"))
    tried = replace(tried, lines=(tried.lines[0], replace(tried.lines[1], due_min=-DAY)))
    screened = screen(tried)
    assert (screened.problem, screened.notes, screened.faults) == (tried, (), {})


def test_a_line_due_before_its_release_is_late_and_says_so() -> None:
    schedule = planned(problem(HURRIED))
    assert "due_before_release" in {reason.code for reason in schedule.reasons}
    assert min(run.work_start_min for run in schedule.runs) >= 4 * DAY


def test_a_cycle_longer_than_any_shift_and_a_missing_material_are_reasons() -> None:
    for hopeless, code in (
        (with_step(1, modes=(Mode("PRESS", "cycle", 2, 80_000),)), "route_too_long"),
        (with_step(0, materials=(("gold", 1),)), "material_missing"),
        (Route("pressed", ()), "no_route"),
    ):
        schedule = planned(problem(GOOD, bad(routes=(hopeless,))))
        assert [(item.line, item.pieces, item.code) for item in schedule.unplaced] == [("bad", 40, code)]


def written(folder: Path, tried: Problem) -> Path:
    file = folder / "tried.json"
    file.write_text(problem_dump(tried), encoding="utf-8")
    return file


def solved(capsys: pytest.CaptureFixture[str], file: Path, *arguments: str) -> dict[str, Any]:
    assert main(["solve", str(file), "--iterations", "200", *arguments]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_one_line_names_all_six_kinds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (
        GOOD,
        replace(TWICE_MIXED, key="loop"),
        replace(NO_MACHINE, key="no machine"),
        replace(HURRIED, key="hurried"),
        replace(bad(pieces=-3), key="none"),
        replace(bad(firm="B"), key="shut"),
    )
    file, plan = written(tmp_path, replace(SHUT, lines=lines, fixed_lots=OVERLAP.fixed_lots)), tmp_path / "plan.json"
    report = solved(capsys, file, "--out", str(plan))
    assert {note["code"]: note["text"] for note in report["notes"]} == {
        "routing_loop": "order line loop: its routing pressed leads back to MIX, which it has passed",
        "no_machine": "order line shut: no machine for the operation MIX (classes: MIXER)",
        "no_hours": f"calendar shut: has no working hours (machines {SHUT_NAMES})",
        "fixed_runs_overlap": "machine A-PRESS-0: frozen lots G and F overlap, minutes 600 to 1440",
        "due_before_release": "order line hurried: due at minute 4320, before it may begin at 5760",
        "pieces_do_not_split": "order line none: its quantities do not split into lots, batches and loads (pieces -3)",
    }
    assert next(note["line"] for note in report["notes"] if note["code"] == "no_machine") == "no machine"
    placed = json.loads(plan.read_text(encoding="utf-8"))
    assert {lot["line"] for lot in placed["lots"]} == {"good", "hurried"}
    assert main(["verify", str(file), str(plan)]) == 0


def test_broken_pieces_in_a_file_set_their_line_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = json.loads(problem_dump(problem(GOOD, bad())))
    next(row for row in raw["lines"] if row["key"] == "bad")["pieces"] = 12.5
    file, plan = tmp_path / "broken.json", tmp_path / "plan.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    (note,) = solved(capsys, file, "--out", str(plan))["notes"]
    assert (note["code"], note["line"], note["pieces"]) == ("pieces_do_not_split", "bad", "12.5")
    assert {lot["line"] for lot in json.loads(plan.read_text())["lots"]} == {"good"}
    assert main(["verify", str(file), str(plan)]) == 0


BASE = problem_dump(problem())
MALFORMED = {
    "problem": {
        "": "is not JSON",
        "[1]": "must be an object",
        '{"horizon_min": 5}': "Problem.calendars: is missing",
        BASE.replace('"horizon_min":57600', '"horizon_min":57600,"size":1'): "Problem.size: is not a known field",
        BASE.replace('"horizon_min":57600', '"horizon_min":0'): "Problem.horizon_min: must be above 0",
        BASE.replace('"horizon_min":57600', f'"horizon_min":{10**30}'): "must be at most",
        BASE.replace('"horizon_min":57600', f'"horizon_min":{"9" * 5000}'): "is not JSON",
        BASE.replace('"pieces":40', '"pieces":"forty"'): "Problem.lines[0].pieces: must be int",
        BASE.replace('"pieces":40', '"pieces":NaN'): "Problem.lines[0].pieces: must be int",
        BASE.replace('"priority":1', '"priority":0'): "Line[A-1].priority: must be at least 1",
        BASE.replace('"consent":"allowed"', '"consent":"perhaps"'): "must be one of never, ask, allowed",
        BASE.replace('"calendar":"shifts"', '"calendar":"none"'): "'none' is not known",
        BASE.replace('"key":"A-1"', '"key":"A\\ud800"'): "half a letter",
        "[" * 100_000: "nested too deep",
    },
    "park": {
        "": "is not JSON",
        "[]": "must be an object",
        "{}": "firms is missing",
        '{"firms": [{"id": "A", "calendar": "8x5"}]}': "firms[0].calendar: '8x5' is not known",
        '{"firms": [{"id": 1, "calendar": "24x7"}]}': "firms[0].id: must be a name",
        '{"firms": [{"id": "\\ud800", "calendar": "24x7"}]}': "firms[0].id: must be a name",
        '{"firms": [], "machines": {}}': "park.machines: must be a list",
        "9" * 5000: "is not JSON",
        "[" * 100_000: "is not JSON",
    },
    "fjsp": {
        "": "line 1: the file is empty",
        "1\n": "line 1: must be `jobs machines`",
        "1 x\n": "line 1: the number of machines",
        "2 2\n1 1 1 1\n": "line 1: says 2 jobs, but 1 lines follow",
        "1 2\n1 0\n": "line 2: operation 1 has no machine",
        "1 2\n1 1 3 5\n": "line 2: operation 1 names machine 3 of 2",
        "1 2\n1 1 1\n": "line 2: ends within operation 1",
        "1 2\n1 1 1 5 7\n": "line 2: has 1 numbers too many",
        "1 2\n1 1 1 -5\n": "line 2: number 4 must be a whole number",
        f"1 2\n1 1 1 {'9' * 30}\n": "line 2: number 4 must be a whole number",
    },
}


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in MALFORMED.items() for text in texts])
def test_malformed_text_is_one_plain_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, text: str
) -> None:
    file = tmp_path / "malformed"
    file.write_text(text, encoding="utf-8")
    assert main(["solve", str(file), "--format", form, "--iterations", "1"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert MALFORMED[form][text] in printed.err
