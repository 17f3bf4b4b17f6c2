"""Transactions as the database numbers them: which rows can no longer be joined by an older one that commits late.

A number has a meaning within one server (cluster) only: a dump that is restored on another one meets lower numbers.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func

SETTLED_BELOW = "pg_snapshot_xmin(pg_current_snapshot())"
"""SQL: each transaction below it has ended, so that its rows are seen or will never be."""


class TransactionIdField(models.BigIntegerField):
    """A transaction's number, which never wraps around. Compared in SQL, where it has a type of its own."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::text::xid8"


class OwnTransaction(Func):
    """SQL expression: the number of the transaction that is running."""

    template = "pg_current_xact_id()"
    output_field = TransactionIdField()


class OwnCluster(Func):
    """SQL expression: the server's own identifier."""

    template = "(pg_control_system()).system_identifier"
    output_field = models.BigIntegerField()
