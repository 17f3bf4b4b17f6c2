"""`manage.py files check`: compares rows and bytes. Needs the worker's login.

Names what is missing (a row without bytes), changed (other bytes) and orphaned (bytes without a row, older than a
day); exit code 1 when something is missing or changed.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import wall
from mes.files.services.sweeping import findings


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check"])

    def handle(self, *args: Any, **options: Any) -> None:
        counts: Counter[str] = Counter()
        with wall(DatabaseRole.PLANNER):
            now = database_now()
        for finding in findings(now=now):
            counts[finding.what] += 1
            self.stdout.write(f"{finding.what} {finding.digest}")
        told = ", ".join(f"{counts[what]} {what}" for what in ("missing", "changed", "orphaned"))
        self.stdout.write(told)
        if counts["missing"] or counts["changed"]:
            sys.exit(1)
