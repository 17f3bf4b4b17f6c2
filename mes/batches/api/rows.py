"""What rows of a table make: rows with one reference are one object, refused by their cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from mes.batches.services import ItemAnswer
from mes.batches.services.items import Body
from mes.core.api.problems import refusal
from mes.core.choices import Outcome
from mes.core.errors import DomainError
from mes.core.tables import Fault, Row, Table, TableRefused
from mes.core.tables.limits import MOST_FAULTS


@dataclass(frozen=True, slots=True)
class Group:
    """`head`: what all its rows say alike, as JSON holds it."""

    reference: str
    head: Mapping[str, Any]
    rows: tuple[Row, ...]


def grouped(table: Table, *, reference: str, head: Sequence[str]) -> list[Group]:
    """The objects of a table in their order, by the column `reference`. Raises TableRefused where heads differ."""
    rows_of: dict[str, list[Row]] = {}
    for row in table.rows:
        rows_of.setdefault(str(row.values[reference]), []).append(row)
    groups, faults = [], []
    for name, rows in rows_of.items():
        first = said(rows[0], head)
        groups.append(Group(name, first, tuple(rows)))
        for row in rows[1:]:
            other = said(row, head)
            unlike = [column for column in head if other.get(column) != first.get(column)]
            faults += [differing(table, row.number, column) for column in unlike]
    if faults:
        raise TableRefused(faults[:MOST_FAULTS])
    return groups


def differing(table: Table, row: int, column: str) -> Fault:
    """A row says something else here than another row of the same object."""
    text = _("The rows of one object say different things here.")
    return Fault("rows_differ", text, table.cell(row, column), f"/rows/{row}/{column}")


def said(row: Row, names: Sequence[str]) -> dict[str, Any]:
    """What a row says of these columns, as JSON holds it."""
    return {name: _plain(row.values[name]) for name in names if name in row.values}


def cell_of(places: Mapping[str, int], row: int, name: str, *, otherwise: str) -> tuple[str, str]:
    """Cell and pointer of a column in a row; of the column `otherwise` where the table has none of that name."""
    return Table((), places).cell(row, name if name in places else otherwise), f"/rows/{row}/{name}".rstrip("/")


def put_as_told(
    reference: str, put: Callable[[], tuple[UUID, Outcome]], *, cell_of: Callable[[str], tuple[str, str]]
) -> ItemAnswer:
    """What `put` makes of an object. Raises TableRefused with the cells of what is refused.

    `cell_of`: cell and pointer of a JSON pointer into the object.
    """
    try:
        object_id, outcome = put()
    except (DomainError, APIException) as error:
        raise TableRefused(_faults(refusal(error), cell_of)) from error
    return ItemAnswer(HTTPStatus.OK, {"id": object_id, "external_ref": reference, "outcome": outcome})


def _faults(problem: Body, cell_of: Callable[[str], tuple[str, str]]) -> list[Fault]:
    parts: Sequence[dict[str, str]] = problem.get("errors") or [{"pointer": "", "detail": problem["detail"]}]
    found = []
    for part in parts:
        cell, pointer = cell_of(part["pointer"])
        found.append(Fault(part.get("code") or problem["code"], part["detail"], cell, pointer))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value
