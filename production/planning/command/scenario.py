"""`scenario`: a problem's file with some things otherwise, as another file that is solved and judged like it."""

import json
from pathlib import Path

from production.planning.check import check_problem
from production.planning.codec import problem_dump, problem_hash, problem_load
from production.planning.scenario.apply import scenario_of
from production.planning.scenario.override import ScenarioError, overrides_read


def changed(file: Path, problem_text: str, overrides_text: str, out: Path) -> dict[str, object]:
    """Writes the changed problem; the report names what is new. Raises ProblemError on either file, OSError."""
    problem = problem_load(problem_text)
    check_problem(problem)
    try:
        wanted = json.loads(overrides_text)
    except ValueError as error:
        raise ScenarioError("", "not_a_list") from error
    overrides = overrides_read(wanted)
    applied = scenario_of(problem, overrides)
    out.write_text(problem_dump(applied.problem) + "\n", encoding="utf-8")
    return {
        "instance": file.stem,
        "overrides": len(overrides),
        "machines": dict(applied.machines),
        "lines": dict(applied.lines),
        "problem_hash": problem_hash(applied.problem),
    }
