"""`manage.py demo_prepare`: the data, the files and the card of a park that is about to be served."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from mes.demo.board import Board
from mes.demo.database import require_environment
from mes.demo.errors import MachineLacks, NotPossible, StepFailed
from mes.demo.prepared import prepare
from mes.demo.stopping import stopping_by_signal
from mes.demo.worker import require_broker

OK, FAILED, LACKS = 0, 1, 2


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, required=True, help="private; gets the secrets and the card")
        parser.add_argument("--url", required=True, help="where the park will be served")
        parser.add_argument("--reset", action="store_true", help="make the data anew")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(stopping_by_signal(lambda: run(folder=options["folder"], url=options["url"], reset=options["reset"])))


def run(*, folder: Path, url: str, reset: bool) -> int:
    """Returns the exit code: 0 prepared, 1 it failed, 2 the machine lacks something; one line says what."""
    try:
        require_environment(os.environ)
        require_broker()
        prepare(board=Board(sys.stdout), folder=folder, url=url, reset=reset)
    except MachineLacks as lack:
        print(lack, file=sys.stderr)
        return LACKS
    except (NotPossible, StepFailed) as failed:
        print(f"the sample park could not be prepared: {failed}", file=sys.stderr)
        return FAILED
    return OK
