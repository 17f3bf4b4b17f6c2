"""Plans or judges a file without a database.

    python -m production.planning solve FILE --format problem|park|fjsp [--seconds S] [--iterations N] [--seed N]
                                        [--workers N] [--out PLAN.json] [--curve FILE]
    python -m production.planning verify FILE PLAN --format problem|park|fjsp
    python -m production.planning scenario FILE OVERRIDES --out CHANGED.json
    python -m production.planning compile

`scenario` writes FILE, a problem, with what OVERRIDES (a JSON list, see `scenario/override.py`) has otherwise.
Each prints one line of JSON. Exit code: 0, or 1 when the plan breaks a rule, or 2 with one plain line when a file
cannot be read or is malformed.
"""

import argparse
import gc
import importlib
import json
import resource
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import process_time

from production.planning.command.formats import MODULES, Effort, Format, Watch, format_named
from production.planning.errors import ProblemError

OK, BROKEN, MALFORMED = 0, 1, 2
KB_PER_MB = 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "compile":
            _say(importlib.import_module("production.planning.command.compile").compile_kernels())
            return OK
        if options.command == "scenario":
            changed = importlib.import_module("production.planning.command.scenario").changed
            _say(changed(options.file, _text(options.file), _text(options.overrides), options.out))
            return OK
        spoken = format_named(options.format)
        instance = spoken.load(_text(options.file))
        if options.command == "solve":
            report, violations = _solve(spoken, instance, options)
        else:
            tiers, violations = spoken.judge(instance, _text(options.plan))
            report = {"tiers": tiers}
    except ProblemError as error:
        return _refuse(f"{options.file}: {error.field}: {error.message}")
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    head = {"instance": options.file.stem, "format": options.format}
    _say({**head, **report, "violations": len(violations), "broken_rules": violations})
    return BROKEN if violations else OK


def _solve(spoken: Format, instance: object, options: argparse.Namespace) -> tuple[dict[str, object], list[list[str]]]:
    effort = Effort(
        seconds=None if options.iterations is not None else options.seconds,
        iterations=options.iterations,
        seed=options.seed,
        workers=options.workers,
    )
    with ExitStack() as files:
        curve = files.enter_context(options.curve.open("w", encoding="utf-8")) if options.curve else None
        if options.out is not None:
            files.enter_context(options.out.open("a", encoding="utf-8"))  # refused now, not after the search
        spoken.warm_up()  # machine code is loaded before the clock runs
        gc.freeze()  # nor does the collector look through the problem again while it runs
        cpu_started = process_time()
        watch = Watch(seconds_allowed=effort.seconds, curve=curve)
        outcome = spoken.solve(instance, effort, watch)
        seconds = watch.seconds()
        cpu_seconds = process_time() - cpu_started + _of_children().ru_utime + _of_children().ru_stime
    if options.out is not None:
        options.out.write_text(outcome.plan + "\n", encoding="utf-8")
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + _of_children().ru_maxrss
    report = {
        "tiers": outcome.tiers,
        "objective": outcome.objective,
        "bounds": outcome.bounds | outcome.prove(),
        "first_plan_seconds": watch.first_plan_seconds,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "peak_mb": round(peak_kb / KB_PER_MB),
        "iterations": outcome.iterations,
        **outcome.notes,
    }
    return report, spoken.judge(instance, outcome.plan)[1]


def _of_children() -> resource.struct_rusage:
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(file.name, f"is not UTF-8 text (byte {error.start})") from error


def _refuse(line: str) -> int:
    sys.stderr.write(" ".join(line.split()) + "\n")
    return MALFORMED


def _say(report: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")


def _above_zero(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m production.planning")
    commands = parser.add_subparsers(dest="command", required=True)
    solver = commands.add_parser("solve", help="plan a problem")
    solver.add_argument("file", type=Path)
    solver.add_argument("--seconds", type=_seconds, default=10.0, help="how long to search, from the problem in memory")
    solver.add_argument("--iterations", type=_above_zero, help="search so many steps, whatever the clock says")
    solver.add_argument("--seed", type=int, default=1)
    solver.add_argument("--workers", type=_above_zero, default=2, help="threads; the plan by iterations is the same")
    solver.add_argument("--out", type=Path, help="where the plan is written")
    solver.add_argument("--curve", type=Path, help="where each better plan's seconds and tiers are written, by line")
    judge = commands.add_parser("verify", help="judge a plan")
    judge.add_argument("file", type=Path)
    judge.add_argument("plan", type=Path)
    changer = commands.add_parser("scenario", help="write a problem with some things otherwise")
    changer.add_argument("file", type=Path)
    changer.add_argument("overrides", type=Path)
    changer.add_argument("--out", type=Path, required=True)
    for command in (solver, judge):
        command.add_argument("--format", choices=sorted(MODULES), default="problem")
    commands.add_parser("compile", help="make the kernels ready, so that no later start compiles")
    return parser


if __name__ == "__main__":
    sys.exit(main())
