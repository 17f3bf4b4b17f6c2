"""What the reader refuses in one table's cells it refuses in the columns of each import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mes.catalog.api.imports import DECLARATION as PRODUCTS
from mes.core.tables import Column, Declaration, TableRefused, ValueKind, read_table
from mes.core.tables.cells import address
from orders.sales.api.imports import DECLARATION as SALES_ORDERS
from production.machines.api.imports import DECLARATION as MACHINES
from tests.core.tables.corpus_of_cells import BAD_CELLS, BadCell
from tests.core.tables.making import xlsx

GOOD: dict[ValueKind, Any] = {
    ValueKind.TEXT: "A-1",
    ValueKind.WHOLE: 10,
    ValueKind.DECIMAL: "1.5",
    ValueKind.DAY: "2026-11-01",
    ValueKind.INSTANT: "2036-12-20",
}
IMPORTS = {"sales-orders": SALES_ORDERS, "products": PRODUCTS, "machines": MACHINES}


def alike(column: Column, bad: BadCell) -> bool:
    """Whether what is bad in the one column is bad in the other: the same kind, places, and both need it or have it."""
    same = column.kind is bad.column.kind and column.places == bad.column.places
    return same and (bad.code != "cell_empty" or column.required)


def cells() -> Iterator[Any]:
    for name, declaration in IMPORTS.items():
        for bad in BAD_CELLS:
            column = next((own for own in declaration.columns if alike(own, bad)), None)
            if column is not None:
                yield pytest.param(declaration, column, bad, id=f"{name}: {bad.name}")


def table_with(declaration: Declaration, column: Column, value: Any) -> bytes:
    """One row, good but for that value."""
    row = [GOOD.get(own.kind) or next(iter(own.choices)) for own in declaration.columns]
    row[declaration.columns.index(column)] = value
    return xlsx(row, head=[own.headings[0] for own in declaration.columns])


def test_each_import_is_tried_with_many_cells() -> None:
    tried = [param.values[0] for param in cells()]
    assert {name: tried.count(own) >= 25 for name, own in IMPORTS.items()} == dict.fromkeys(IMPORTS, True)


@pytest.mark.parametrize(("declaration", "column", "bad"), list(cells()))
def test_a_bad_cell_is_refused_in_each_import(declaration: Declaration, column: Column, bad: BadCell) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert len(read_table(table_with(declaration, column, GOOD.get(column.kind)), declaration, zone).rows) == 1
    with pytest.raises(TableRefused) as refused:
        read_table(table_with(declaration, column, bad.value), declaration, zone)
    where = address(declaration.columns.index(column), 2)
    assert [(fault.cell, fault.code) for fault in refused.value.faults] == [(where, bad.code)]
