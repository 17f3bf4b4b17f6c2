"""What of the rows of others a firm must never be told: keys and texts, by who owns a row and not by the policies."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db import connection, models

from mes.core.walls import tenancy_of, walled_models
from mes.firms.models import Firm
from tests.database import as_owner
from tests.isolation.watch import is_telling, may_tell

# What holds work of the whole park in one piece, which the planner's role alone reads (test_secrets).
OF_ALL_FIRMS = {"planner_only"}
# Rows of a firm that others read by decision: all members, or who has a part of the lot or was asked to take it.
_GOT = (
    "IN (SELECT part.lot_id FROM supply_lotallocation AS part WHERE part.firm_id = %(firm)s"
    " UNION SELECT asked.lot_id FROM supply_concession AS asked WHERE asked.firm_id = %(firm)s)"
)
PUBLISHED = {
    "suppliers.SupplierQualification": "status = 'qualified'",
    "supply.DeliveryLot": f"id {_GOT}",
    "supply.CertificateValue": f"lot_id {_GOT}",
}


def hidden_from(reader: Firm | None) -> set[str]:
    """Keys and texts that stand in rows of others (None: of any firm) and in none that is the reader's or everybody's.

    By who owns a row, not by the policies.
    """
    theirs, seen = set[str](), set[str]()
    firm_id = None if reader is None else reader.pk
    with as_owner():
        for model in walled_models():
            for columns, owners in _shares(model):
                own = [f'"{owner}" = %(firm)s' for owner in owners]
                own.append(" AND ".join(f'"{owner}" IS NULL' for owner in owners) or "TRUE")
                own.append(PUBLISHED.get(model._meta.label, "FALSE"))
                condition = f"coalesce(({') OR ('.join(own)}), FALSE)"
                seen |= _values(model, columns, condition, firm_id)
                theirs |= _values(model, columns, f"NOT {condition}", firm_id)
    return {value for value in theirs - seen if is_telling(value)}


def _shares(model: type[models.Model]) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Columns of a table with those that say whose they are. Of a document of two, some are one party's alone."""
    tenancy = tenancy_of(model)
    if tenancy.name in OF_ALL_FIRMS:
        return
    columns = [field.column for field in model._meta.concrete_fields if may_tell(field)]
    owners = tenancy.firm_columns or tuple(column for column in columns if column == "firm_id")
    if tenancy.name != "two_party":
        yield columns, () if model is Firm else owners
        return
    sides = {owner: one_sided(model, owner, columns) for owner in owners}
    yield [column for column in columns if not any(column in side for side in sides.values())], owners
    for owner, side in sides.items():
        if side:
            yield side, (owner,)


def one_sided(model: type[models.Model], owner: str, columns: list[str]) -> list[str]:
    """Columns of a document of two that the party named by `owner` alone reads."""
    declared = getattr(model, "feed", None)
    shows = {} if declared is None else declared.shows
    told = {column for shown in shows.values() for column in shown}
    others = {column for party, shown in shows.items() if party != owner for column in shown}
    side = owner.removesuffix("id")
    return [
        column
        for column in columns
        if (column in told and column not in others)
        or (column not in told and column.startswith(side) and column != owner)
    ]


def _values(model: type[models.Model], columns: list[str], condition: str, firm_id: UUID | None) -> set[str]:
    each = ", ".join(f'"{column}"::text' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT ARRAY[{each}]::text[] FROM "{model._meta.db_table}" WHERE {condition}', {"firm": firm_id}
        )
        return {value for (values,) in cursor.fetchall() for value in values if value}
