"""The command line: one JSON line, exit codes, a plan that can be judged again."""

import json
import subprocess
import sys
from pathlib import Path

from production.planning.__main__ import main
from production.planning.codec import problem_dump
from tests.planning.build import line, problem, with_step

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
    code, report = run("solve", str(CASE), "--format", "problem", "--out", str(plan))
    assert (code, report["instance"], report["format"], report["violations"]) == (0, "case", "problem", 0)
    assert len(report["rules"]) >= 5  # type: ignore[arg-type]
    code, judged = run("verify", str(CASE), str(plan), "--format", "problem")
    assert (code, judged["violations"], judged["tiers"]) == (0, 0, report["tiers"])


def test_a_broken_plan_is_told(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    run("solve", str(CASE), "--out", str(plan))
    broken = json.loads(plan.read_text())
    broken["lots"][0]["finish_min"] -= 1
    plan.write_text(json.dumps(broken))
    code, judged = run("verify", str(CASE), str(plan))
    assert (code, judged["violations"]) == (1, 1)


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("solve", str(CASE), "--out", str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_field_that_is_not_respected_is_named(tmp_path: Path) -> None:
    file = tmp_path / "pooled.json"
    file.write_text(problem_dump(problem(line(routes=(with_step(1, pool_needs=(("A-MOULD", 1),)),)))))
    assert main(["solve", str(file)]) == 2
