"""`migrate`, and after it what the models declare: walls, and the triggers of the change feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection, transaction
from psycopg import sql

from mes.core import feed, walls
from mes.core.migrating import quick_states


def declared_statements() -> Iterator[sql.Composable]:
    """What follows the migrations: all SQL that is generated from the models' declarations."""
    yield from walls.statements()
    yield from feed.statements()


class Command(MigrateCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        with quick_states():
            super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"] or options["app_label"]:
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in declared_statements():
                cursor.execute(statement)
        if options["verbosity"] > 0:
            self.stdout.write("Walls applied.")
