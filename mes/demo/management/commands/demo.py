"""`manage.py demo`: the sample park planned, published and placed on real services; a card and one last line."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mes.demo import card
from mes.demo.board import Board
from mes.demo.database import require_environment
from mes.demo.errors import MachineLacks, StepFailed
from mes.demo.play import play
from mes.demo.ranges import THE_SEED, Miss, misses, ranges_of
from mes.demo.report import last_line, write
from mes.demo.sample.shapes import CaseOptions
from mes.demo.stopping import stopping_by_signal
from mes.demo.worker import require_broker

OK, OUT_OF_RANGE, LACKS = 0, 1, 2


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # they would connect before the demo's own database is made

    def add_arguments(self, parser: ArgumentParser) -> None:
        usual = CaseOptions()
        parser.add_argument("--exit", action="store_true", help="drop the demo's database at the end")
        parser.add_argument("--json", type=Path, help="write the figures to this file")
        parser.add_argument("--seed", type=_whole(0, 2**31), default=THE_SEED, help="draws another order book")
        parser.add_argument(
            "--case-booked-presses",
            type=_whole(0, 10),
            default=usual.booked_presses,
            help="presses of the case that are taken",
        )
        parser.add_argument(
            "--case-rest-h", type=_whole(0, 240), default=usual.rest_h, help="hours of rest after pressing"
        )
        parser.add_argument(
            "--case-efficiency", type=_efficiency, default=usual.press_efficiency, help="of the case's presses, as 0.80"
        )
        parser.add_argument("--case-whole-lots", action="store_true", help="no overlap: lots move on as a whole")

    def handle(self, *args: Any, **options: Any) -> None:
        case = CaseOptions(
            booked_presses=options["case_booked_presses"],
            rest_h=options["case_rest_h"],
            press_efficiency=options["case_efficiency"],
            whole_lots=options["case_whole_lots"],
        )
        seed, keep, json_file = options["seed"], not options["exit"], options["json"]
        sys.exit(stopping_by_signal(lambda: run(seed=seed, case=case, keep=keep, json_file=json_file)))


def run(*, seed: int, case: CaseOptions, keep: bool, json_file: Path | None) -> int:
    """The whole demo. Returns the exit code: 0 all figures in range, 1 one out of it, 2 the machine lacks something."""
    board = Board(sys.stdout)
    try:
        require_environment(os.environ)
        _require_place(json_file)
        require_broker()
        story = play(board=board, seed=seed, options=case, keep=keep)
    except MachineLacks as lack:
        print(lack, file=sys.stderr)
        return LACKS
    except StepFailed as failed:
        board.say(last_line({}, [Miss(failed.field, failed.value, failed.expected)]))
        return OUT_OF_RANGE
    missed = misses(story.report, ranges_of(seed=seed, options=case))
    if json_file is not None:
        write(json_file, story.report)
    card.show(board, story, missed)
    board.say(f"{board.elapsed_s:.1f} s in all")
    board.say(last_line(story.report, missed))
    return OUT_OF_RANGE if missed else OK


def _require_place(json_file: Path | None) -> None:
    """Raises MachineLacks when the figures could not be written in the end."""
    if json_file is None:
        return
    try:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.open("ab").close()
    except OSError as error:
        raise MachineLacks(f"{json_file} cannot be written: {error.strerror}") from error


def _whole(least: int, most: int) -> Callable[[str], int]:
    """A type of argument: a whole number in a range."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"a whole number from {least} to {most} is wanted, not {text!r}")
        return int(text)

    return read


def _efficiency(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not Decimal("0.1") <= value <= 2:
        raise ArgumentTypeError(f"a number from 0.1 to 2 is wanted, not {text!r}")
    return value
