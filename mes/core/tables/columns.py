"""What an import's columns are called and hold, and which column of a file is which."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from django.utils.translation import gettext as _

from mes.core.tables.cells import Cell, CellKind, TableRow, address
from mes.core.tables.errors import Fault
from mes.core.tables.limits import MOST_COLUMNS

_NAME_AND_UNIT = re.compile(r"(.+?)(?:\((.+)\)|\[(.+)\]|/(.+))")


class ValueKind(Enum):
    """DAY is a calendar day; INSTANT a time, which a cell gives as a day with or without a time of that day."""

    TEXT = auto()
    WHOLE = auto()
    DECIMAL = auto()
    DAY = auto()
    INSTANT = auto()
    CHOICE = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """`headings`: Chinese first, then English; the name itself is taken too. `units`: those that a cell or heading may
    name, the first is the column's own; each says the same quantity. `places`: most digits after the point.
    `choices`: what a cell may say, and the value that it stands for; a TEXT may say other things too.
    `until_end_of_day`: an instant that is given as a day alone is its end, otherwise its beginning.
    """

    name: str
    headings: tuple[str, ...]
    kind: ValueKind
    required: bool = False
    units: tuple[str, ...] = ()
    places: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    until_end_of_day: bool = False

    def takes_unit(self, unit: str) -> bool:
        return plain(unit) in {plain(own) for own in self.units}


@dataclass(frozen=True, slots=True)
class Declaration:
    """`titles`: names of the sheet, Chinese first."""

    titles: tuple[str, ...]
    columns: tuple[Column, ...]

    def known(self, texts: list[str]) -> int:
        """How many of these headings name a column."""
        names = self._names()
        return sum(plain(_split(text)[0]) in names or plain(text) in names for text in texts[:MOST_COLUMNS])

    def matched(self, head: TableRow) -> tuple[dict[int, Column], list[Fault]]:
        """The column of each place in the head, and what is wrong with it."""
        names = self._names()
        found: dict[int, Column] = {}
        faults: list[Fault] = []
        for place, cell in head.cells.items():
            column, fault = self._column(cell, names, address(place, head.number))
            if fault is None and column in found.values():
                text = _("The heading %(heading)s stands twice.") % {"heading": cell.text.strip()}
                fault = Fault("heading_twice", text, address(place, head.number))
            if fault is not None:
                faults.append(fault)
            elif column is not None:
                found[place] = column
        if len(head.cells) > MOST_COLUMNS or max(head.cells, default=0) >= MOST_COLUMNS:
            faults = [Fault("table_too_large", _("The table is too large: at most 20,000 rows and 100 columns."))]
        faults += self._missing(found, faults, head.number)
        return found, faults

    def _names(self) -> dict[str, Column]:
        return {plain(text): column for column in self.columns for text in (column.name, *column.headings)}

    @staticmethod
    def _column(cell: Cell, names: Mapping[str, Column], where: str) -> tuple[Column | None, Fault | None]:
        if cell.kind is not CellKind.TEXT:
            return None, Fault("heading_unknown", _("A heading is a text."), where)
        column = names.get(plain(cell.text))
        if column is not None:
            return column, None
        name, unit = _split(cell.text)
        column = names.get(plain(name))
        if column is None:
            text = _("There is no column %(heading)s.") % {"heading": shown(cell.text)}
            return None, Fault("heading_unknown", text, where)
        return (column, None) if column.takes_unit(unit) else (None, wrong_unit(column, unit, where))

    def _missing(self, found: Mapping[int, Column], faults: list[Fault], row: int) -> Iterator[Fault]:
        """Not told beside a wrong unit, nor where the row is no head at all."""
        if faults and (not found or any(fault.code == "unit_wrong" for fault in faults)):
            return
        there = {column.name for column in found.values()}
        for column in self.columns:
            if column.required and column.name not in there:
                text = _("The column %(heading)s is missing.") % {"heading": column.headings[0]}
                yield Fault("heading_missing", text, pointer=f"/rows/{row}/{column.name}")


def plain(text: str) -> str:
    """As headings, choices and units are compared: one width, one case, no spaces, no mark of what is required."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip("*:")


def shown(text: str) -> str:
    """A cell's text as an error may repeat it."""
    most = 40
    visible = "".join(sign if sign.isprintable() else "�" for sign in text.strip())
    return visible if len(visible) <= most else f"{visible[:most]}…"


def wrong_unit(column: Column, unit: str, where: str, pointer: str = "") -> Fault:
    words = {"unit": shown(unit), "wanted": column.units[0] if column.units else _("no unit")}
    return Fault("unit_wrong", _("The unit is %(unit)s, wanted is: %(wanted)s.") % words, where, pointer)


def _split(text: str) -> tuple[str, str]:
    """Name and unit of a heading: 重量(kg), 重量[kg], 重量/kg."""
    match = _NAME_AND_UNIT.fullmatch(plain(text))
    return (plain(text), "") if match is None else (match[1], match[2] or match[3] or match[4])
