"""The command line: one JSON line, exit codes, an award that can be judged, a record that comes out again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from procurement.award.__main__ import main

LITERATURE = Path(__file__).parent / "data" / "cap41.txt"
DRAWN = ("--firms", "20", "--grades", "4", "--suppliers", "4", "--breaks", "3", "--seed", "1")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = main(arguments)
    printed = capsys.readouterr()
    assert (printed.err, printed.out.count("\n")) == ("", 1)
    return code, json.loads(printed.out)


def test_the_published_optimum_of_the_literature_is_reached() -> None:
    command = [sys.executable, "-m", "procurement.award", "solve", str(LITERATURE), "--seconds", "30"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    report = json.loads(done.stdout)
    assert (report["objective_cny"], report["bound_cny"], report["violations"]) == (1040444.375, 1040444.375, 0)
    assert report["greedy_cny"] > report["objective_cny"]


def test_a_round_is_drawn_awarded_judged_and_made_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, award, record = (str(tmp_path / name) for name in ("round.json", "award.json", "record.json"))
    code, report = told(capsys, "generate", *DRAWN, "--kind", "per_firm", "--out", file)
    assert (code, report["firms"], report["lines"]) == (0, 20, 4)
    code, report = told(capsys, "solve", file, "--nodes", "20", "--out", award, "--record", record, "--fairness")
    assert (code, report["violations"], report["thrown_away"]) == (0, 0, [])
    assert report["fairness"]["above_reserve"] == []  # type: ignore[index]
    code, judged = told(capsys, "verify", file, award)
    assert (code, judged["objective_cny"]) == (0, report["objective_cny"])
    code, again = told(capsys, "rerun", record)
    assert (code, again["is_same"], again["objective_cny"]) == (0, True, report["objective_cny"])


def test_a_broken_award_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, award = tmp_path / "round.json", tmp_path / "award.json"
    told(capsys, "generate", *DRAWN, "--kind", "incremental", "--out", str(file))
    told(capsys, "solve", str(file), "--out", str(award))
    broken = json.loads(award.read_text())
    broken["parts"][0]["cost_mfen"] -= 1
    award.write_text(json.dumps(broken))
    code, judged = told(capsys, "verify", str(file), str(award))
    assert (code, {rule[0] for rule in judged["broken_rules"]}) == (1, {"cost", "tally"})  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["all_units", "incremental", "supplier_wide", "per_firm"])
def test_the_same_round_is_drawn_each_time(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (told(capsys, "generate", *DRAWN, "--kind", kind) for _ in range(2))
    assert first == second


def test_a_record_that_was_touched_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, record = tmp_path / "round.json", tmp_path / "record.json"
    told(capsys, "generate", *DRAWN, "--kind", "all_units", "--out", str(file))
    told(capsys, "solve", str(file), "--record", str(record))
    kept = json.loads(record.read_text())
    for name, field in (("problem", "commitments"), ("award", "parts")):
        touched = {**kept, name: {**kept[name], field: kept[name][field][1:]}}
        record.write_text(json.dumps(touched))
        assert main(["rerun", str(record)]) == 2
        assert f"Record.{name}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, None, b"2 x", b"1 1 5 7 3", b"0.5 1", b"1 1 5 7 3 0.00001"],
)
def test_a_file_that_cannot_be_read_is_one_plain_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file = tmp_path / "bad.json"
    if content is not None:
        file.write_bytes(content)
    assert main(["solve", str(file)]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "bad.json" in printed.err
