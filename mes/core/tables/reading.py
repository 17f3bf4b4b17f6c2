"""Reads a whole table: every row as its columns want it, or all that is wrong with it. Nothing in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mes.core.tables.archive import encrypted
from mes.core.tables.cells import TableRow, address
from mes.core.tables.columns import Column, Declaration
from mes.core.tables.delimited import open_delimited
from mes.core.tables.errors import Fault, TableRefused, refuse
from mes.core.tables.limits import MOST_BYTES, MOST_FAULTS, MOST_ROWS
from mes.core.tables.markup import too_large
from mes.core.tables.sheets import SheetShape, Source
from mes.core.tables.values import Reading, Refused, Value, value_of
from mes.core.tables.workbook import open_workbook

_ZIP = b"PK"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_KNOWN_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"<?xml", b"<html")


@dataclass(frozen=True, slots=True)
class Row:
    """`number`: the row in the file. `values` by column name; what is empty is left out."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """`letters`: where each column stands in the file."""

    rows: tuple[Row, ...]
    places: Mapping[str, int]

    def cell(self, number: int, name: str) -> str:
        """The address of a value; only the row where the file lacks the column."""
        return address(self.places[name], number) if name in self.places else str(number)


def read_table(raw: bytes, declaration: Declaration, zone: ZoneInfo) -> Table:
    """The table of an xlsx or CSV file. Times without an offset are meant in `zone`. Raises TableRefused."""
    source = _opened(raw, declaration)
    head = next(source.rows, None)
    if head is None:
        raise refuse("table_empty", _("The file holds no table in a visible sheet."))
    columns, faults = declaration.matched(head)
    if faults:
        raise TableRefused(faults[:MOST_FAULTS])
    return _Reader(source, columns, zone).read()


class _Reader:
    def __init__(self, source: Source, columns: Mapping[int, Column], zone: ZoneInfo) -> None:
        self._source, self._columns = source, columns
        self._reading = Reading(zone, source.dates_from_1904)
        self._rows: list[Row] = []
        self._faults: list[Fault] = []
        self._holds: dict[int, tuple[int, int]] = {}

    def read(self) -> Table:
        for row in self._source.rows:
            if len(self._rows) >= MOST_ROWS:
                raise too_large()
            self._take(row)
        if not self._rows:
            raise refuse("table_empty", _("The file holds no table in a visible sheet."))
        self._faults += islice(self._of_shape(self._source.shape), MOST_FAULTS)
        if self._faults:
            self._faults.sort(key=lambda fault: fault.code == "cell_without_heading")
            raise TableRefused(self._faults[:MOST_FAULTS])
        return Table(tuple(self._rows), {column.name: place for place, column in self._columns.items()})

    def _take(self, row: TableRow) -> None:
        values: dict[str, Value] = {}
        if len(self._faults) < MOST_FAULTS:
            self._faults += self._faults_of(row, values)
        self._rows.append(Row(row.number, values if not self._faults else {}))

    def _faults_of(self, row: TableRow, values: dict[str, Value]) -> Iterator[Fault]:
        if row.hidden:
            yield Fault("row_hidden", _("The row is hidden. Show it, or delete it."), address(0, row.number))
        for place, cell in row.cells.items():
            column = self._columns.get(place)
            where = address(place, row.number)
            if column is None:
                yield Fault("cell_without_heading", _("The cell stands below no heading."), where)
                continue
            try:
                values[column.name] = value_of(cell, column, self._reading)
            except Refused as refused:
                yield Fault(refused.code, refused.detail, where, f"/rows/{row.number}/{column.name}")
        for place, column in self._columns.items():
            if column.required and place not in row.cells:
                where = address(place, row.number)
                yield Fault("cell_empty", _("The cell is empty."), where, f"/rows/{row.number}/{column.name}")

    def _of_shape(self, shape: SheetShape) -> Iterator[Fault]:
        """Hidden columns of the table, and cells that are merged within its rows."""
        for first, last in shape.hidden_columns:
            for place in sorted(self._columns):
                if first <= place <= last:
                    where = address(place, 1)
                    yield Fault("column_hidden", _("The column is hidden. Show it, or delete it."), where)
        last_row, last_place = self._rows[-1].number, max(self._columns)
        for left, top, _right, _bottom in shape.merged:
            if top <= last_row and left <= last_place:
                yield Fault("cells_merged", _("Cells are merged here. Separate them."), address(left, top))


def _opened(raw: bytes, declaration: Declaration) -> Source:
    if len(raw) > MOST_BYTES:
        raise refuse("file_too_large", _("The file is larger than 10 MB."))
    if not raw.strip():
        raise refuse("table_empty", _("The file holds no table in a visible sheet."))
    if raw.startswith(_ZIP):
        return open_workbook(raw, declaration.titles)
    if raw.startswith(_COMPOUND):
        if _ENCRYPTED_PACKAGE in raw:
            raise encrypted()
        raise refuse("file_too_old", _("This is an xls file. Save it as xlsx."))
    if raw.lstrip().startswith(_KNOWN_OTHERS):
        raise refuse("file_unknown", _("This is neither an xlsx nor a CSV file."))
    return open_delimited(raw, declaration.known)
