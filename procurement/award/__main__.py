"""Awards a round from a file, without a database.

    python -m procurement.award solve FILE [--seconds S] [--seed N] [--gap G] [--nodes N] [--fairness]
                                      [--out AWARD.json] [--record RECORD.json]
    python -m procurement.award generate --firms N --grades N --suppliers N --breaks N --kind KIND --seed N [--out FILE]
    python -m procurement.award verify FILE AWARD.json
    python -m procurement.award rerun RECORD.json

FILE is a Problem as JSON, or the literature's capacitated warehouses as text. Each prints one line of JSON; `generate`
prints the problem itself unless `--out` says where it goes. Exit code: 0; 1 when the award breaks a rule, or a record
comes out otherwise; 2 with one plain line when a file cannot be read or is malformed.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from procurement.award import command
from procurement.award.errors import AwardError
from procurement.award.generate import KINDS

OK, BROKEN, MALFORMED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        report, is_well = COMMANDS[options.command](options)
    except AwardError as error:
        return _refuse(f"{getattr(options, 'file', '')}: {error.field}: {error.message}")
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    sys.stdout.write((report if isinstance(report, str) else json.dumps(report, ensure_ascii=False)) + "\n")
    return OK if is_well else BROKEN


COMMANDS = {
    "solve": command.solve,
    "generate": command.generated,
    "verify": command.judged,
    "rerun": command.made_again,
}


def _refuse(line: str) -> int:
    sys.stderr.write(" ".join(line.split()) + "\n")
    return MALFORMED


def _seconds(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def _gap(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return value


def _above_zero(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m procurement.award")
    commands = parser.add_subparsers(dest="command", required=True)
    solver = commands.add_parser("solve", help="award a round")
    solver.add_argument("file", type=Path)
    solver.add_argument("--seconds", type=_seconds, help="how long to search, from the problem in memory")
    solver.add_argument("--seed", type=int, default=1)
    solver.add_argument("--gap", type=_gap, help="how near to the best is near enough; 0.0001, warehouses 0.000000001")
    solver.add_argument("--nodes", type=_above_zero, help="look at so many nodes, whatever the clock says")
    solver.add_argument("--fairness", action="store_true", help="what firms and blocs would pay alone")
    solver.add_argument("--out", type=Path, help="where the award is written")
    solver.add_argument("--record", type=Path, help="where all is written that it takes to make the award again")
    generator = commands.add_parser("generate", help="draw a round")
    for name in ("firms", "grades", "suppliers", "breaks"):
        generator.add_argument(f"--{name}", type=_above_zero, required=True)
    generator.add_argument("--kind", choices=KINDS, required=True)
    generator.add_argument("--seed", type=int, required=True)
    generator.add_argument("--out", type=Path)
    judge = commands.add_parser("verify", help="judge an award")
    judge.add_argument("file", type=Path)
    judge.add_argument("award", type=Path)
    again = commands.add_parser("rerun", help="make a recorded award again")
    again.add_argument("file", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
