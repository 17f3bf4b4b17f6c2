"""`manage.py audit`: seals, verifies and purges the audit rows. Needs the worker's login.

audit verify [--head NUMBER:HASH]   names what was changed, removed or inserted; exit code 1 when anything was
audit head                          number and hash of the last seal, to be kept elsewhere
audit seal                          what the scheduled job does each minute
audit purge [--months N]            drops the rows of seals that are older, six months at least
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mes.core import seals
from mes.core.actors import Channel, DatabaseRole, system_actor
from mes.core.errors import DomainError
from mes.core.seals_verify import verify
from mes.core.wall import wall

_HEAD = re.compile(r"(\d{1,18}):([0-9a-fA-F]{64})")


class Command(BaseCommand):
    help = __doc__

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("verify").add_argument("--head", type=_kept_head, help="NUMBER:HASH, as `head` printed it")
        what.add_parser("head")
        what.add_parser("seal")
        what.add_parser("purge").add_argument("--months", type=int, help="default: AUDIT_MONTHS")

    def handle(self, *args: Any, **options: Any) -> None:
        {"verify": self._verify, "head": self._head, "seal": self._seal, "purge": self._purge}[options["what"]](options)

    def _verify(self, options: dict[str, Any]) -> None:
        found = verify(kept_head=options["head"])
        for finding in found.findings:
            self.stdout.write(finding)
        if found.purged_to:
            self.stdout.write(f"seals 1 to {found.purged_to} have outlived their {found.purged_rows} rows")
        self.stdout.write(f"{found.rows} rows sealed, {found.waiting} not sealed yet, {found.number} seals")
        self.stdout.write(f"{len(found.findings)} findings" if found.findings else "the chain verifies")
        if found.findings:
            sys.exit(1)

    def _head(self, options: dict[str, Any]) -> None:
        with wall(DatabaseRole.PLANNER):
            number, its_hash = seals.head()
        self.stdout.write(f"{number}:{its_hash.hex()}")

    def _seal(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"{seals.seal_all()} rows sealed")

    def _purge(self, options: dict[str, Any]) -> None:
        try:
            dropped = seals.purge(actor=system_actor(Channel.COMMAND), months=options["months"])
        except DomainError as refused:
            raise CommandError(str(refused.detail)) from refused
        self.stdout.write(f"{dropped} rows dropped")


def _kept_head(text: str) -> tuple[int, str]:
    match = _HEAD.fullmatch(text)
    if match is None:
        raise ArgumentTypeError("NUMBER:HASH is wanted, as `audit head` prints it")
    return int(match[1]), match[2]
