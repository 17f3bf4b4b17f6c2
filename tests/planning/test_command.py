"""The command line: one JSON line, exit codes, a plan that can be judged again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from production.planning.__main__ import main

STEPS = ("--iterations", "2000")
CASE = Path(__file__).parent / "data" / "case.json"


def run(*arguments: str) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "production.planning", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    return done.returncode, json.loads(done.stdout)


def test_a_file_is_solved_written_and_judged(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    code, report = run("solve", str(CASE), "--format", "problem", "--out", str(plan), *STEPS)
    assert (code, report["instance"], report["format"], report["violations"]) == (0, "case", "problem", 0)
    assert len(report["rules"]) >= 5  # type: ignore[arg-type]
    code, judged = run("verify", str(CASE), str(plan), "--format", "problem")
    assert (code, judged["violations"], judged["tiers"]) == (0, 0, report["tiers"])


def test_a_broken_plan_is_told(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    run("solve", str(CASE), "--out", str(plan), *STEPS)
    broken = json.loads(plan.read_text())
    broken["lots"][0]["finish_min"] -= 1
    plan.write_text(json.dumps(broken))
    code, judged = run("verify", str(CASE), str(plan))
    assert (code, judged["violations"]) == (1, 1)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("solve", str(CASE), "--out", str(tmp_path / name), *STEPS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_one_line_tells_what_was_spent(tmp_path: Path) -> None:
    curve = tmp_path / "curve"
    _code, report = run("solve", str(CASE), "--curve", str(curve), *STEPS)
    wanted = {"instance", "format", "tiers", "objective", "bounds", "first_plan_seconds", "seconds", "cpu_seconds"}
    assert wanted | {"peak_mb", "iterations", "violations"} <= set(report)
    assert {"tardiness_by_job_path", "makespan_min_if_all_placed"} <= set(report["bounds"])  # type: ignore[call-overload]
    steps = [json.loads(text) for text in curve.read_text().splitlines()]
    assert steps[-1]["tiers"] == report["tiers"]
    assert steps[0]["seconds"] == report["first_plan_seconds"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, None])
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
