"""Plans or judges a file without a database.

    python -m production.planning solve FILE --format problem [--out PLAN.json]
    python -m production.planning verify FILE PLAN --format problem

Each prints one line of JSON. Exit code: 0, or 1 when the plan breaks a rule, or 2 when a file is malformed.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from production.planning.codec import problem_load, schedule_dump, schedule_load
from production.planning.errors import ProblemError
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.planning.search.solve import solve
from production.planning.verify import verify

OK, BROKEN, MALFORMED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        problem = problem_load(options.file.read_text(encoding="utf-8"))
        if options.command == "solve":
            report, violations = _solve(problem, options.out)
        else:
            schedule = schedule_load(options.plan.read_text(encoding="utf-8"))
            report, violations = {"tiers": schedule.tiers._asdict()}, _violations(problem, schedule)
    except ProblemError as error:
        _say({"instance": options.file.stem, "error": error.message, "field": error.field})
        return MALFORMED
    head = {"instance": options.file.stem, "format": options.format}
    _say({**head, **report, "violations": len(violations), "broken_rules": violations})
    return BROKEN if violations else OK


def _solve(problem: Problem, out: Path | None) -> tuple[dict[str, object], list[list[str]]]:
    started = time.perf_counter()
    result = solve(problem, clock=time.perf_counter)
    seconds = time.perf_counter() - started
    if out is not None:
        out.write_text(schedule_dump(result.schedule) + "\n", encoding="utf-8")
    log = [
        {
            "rule": entry.rule,
            "tiers": entry.tiers._asdict(),
            "orders_placed": entry.orders_placed,
            "is_cut": entry.is_cut,
            "seconds": round(entry.seconds, 3),
        }
        for entry in result.log
    ]
    tiers = result.schedule.tiers._asdict()
    report = {"tiers": tiers, "rule": result.rule, "rules": log, "seconds": round(seconds, 3)}
    return report, _violations(problem, result.schedule)


def _violations(problem: Problem, schedule: Schedule) -> list[list[str]]:
    return [list(violation) for violation in verify(problem, schedule)]


def _say(report: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m production.planning")
    commands = parser.add_subparsers(dest="command", required=True)
    solver = commands.add_parser("solve", help="plan a problem")
    solver.add_argument("file", type=Path)
    solver.add_argument("--out", type=Path, help="where the plan is written")
    judge = commands.add_parser("verify", help="judge a plan")
    judge.add_argument("file", type=Path)
    judge.add_argument("plan", type=Path)
    for command in (solver, judge):
        command.add_argument("--format", choices=["problem"], default="problem")
    return parser


if __name__ == "__main__":
    sys.exit(main())
