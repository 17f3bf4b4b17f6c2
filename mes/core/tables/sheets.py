"""The rows of one worksheet, as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mes.core.tables.archive import broken
from mes.core.tables.cells import Cell, CellKind, NumberForm, TableRow, parsed_address
from mes.core.tables.limits import MOST_CELL_LENGTH, MOST_MERGES, MOST_TEXT_LENGTH, MOST_TEXTS
from mes.core.tables.markup import Budget, Listener, heard, listen, too_large
from mes.core.tables.styles import Style

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MOST_SHEET_ROW = 1_048_576
_MOST_SHEET_COLUMN = 16_384
_KINDS = {
    "s": CellKind.TEXT,
    "str": CellKind.TEXT,
    "inlineStr": CellKind.TEXT,
    "b": CellKind.TRUTH,
    "e": CellKind.ERROR,
    "d": CellKind.DAY_TEXT,
    "n": CellKind.NUMBER,
}


class _Text:
    """Gathers a text and stops when it is too long to be taken."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, text: str) -> None:
        self._length += len(text)
        if not self.is_too_long:
            self._pieces.append(text)

    @property
    def is_too_long(self) -> bool:
        return self._length > MOST_CELL_LENGTH

    def take(self) -> str | None:
        """What was gathered, None when it is too long; empty again."""
        text = None if self.is_too_long else _ESCAPED.sub(lambda match: chr(int(match[1], 16)), "".join(self._pieces))
        self._pieces, self._length = [], 0
        return text


class _SharedTexts(Listener):
    def __init__(self) -> None:
        self.texts: list[str | None] = []
        self._length = 0
        self._text = _Text()
        self._in_text = self._in_reading = False

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":  # how the signs are read aloud
            self._in_reading = True
        self._in_text = name == "t" and not self._in_reading

    def said(self, text: str) -> None:
        if self._in_text:
            self._text.add(text)

    def ended(self, name: str) -> None:
        self._in_text = False
        if name == "rPh":
            self._in_reading = False
        elif name == "si":
            text = self._text.take()
            self._length += len(text or "")
            self.texts.append(text)
            if self._length > MOST_TEXT_LENGTH or len(self.texts) > MOST_TEXTS:
                raise too_large()


def read_shared_texts(chunks: Iterable[bytes], budget: Budget) -> list[str | None]:
    """The texts that cells name by their place; None for one that is too long to be taken."""
    listener = _SharedTexts()
    heard(chunks, listener, budget)
    return listener.texts


@dataclass(slots=True)
class SheetShape:
    """What a sheet says beside its rows: complete when the rows are at their end. Ranges are columns and rows."""

    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """Rows of a table while they are read. `dates_from_1904`: how its numbers count days."""

    rows: Iterator[TableRow]
    shape: SheetShape
    dates_from_1904: bool = False


class _Sheet(Listener):
    def __init__(self, texts: Sequence[str | None], styles: Sequence[Style], shape: SheetShape) -> None:
        self._texts, self._styles, self._shape = texts, styles, shape
        self.rows: list[TableRow] = []
        self._row = 0
        self._column = -1
        self._cells: dict[int, Cell] = {}
        self._is_hidden = False
        self._kind: CellKind | None = None
        self._by_place = self._in_value = self._in_reading = False
        self._style = Style()
        self._text = _Text()

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._cell_starts(attributes)
        elif name == "row":
            self._row_starts(attributes)
        elif name == "f" and self._kind is not None:
            self._kind = CellKind.FORMULA
        elif name in {"v", "t"}:
            self._in_value = not self._in_reading
        elif name == "rPh":
            self._in_reading = True
        elif name == "col" and attributes.get("hidden") in {"1", "true"}:
            if len(self._shape.hidden_columns) > MOST_MERGES:
                raise too_large()
            self._shape.hidden_columns.append((_whole(attributes.get("min")) - 1, _whole(attributes.get("max")) - 1))
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def said(self, text: str) -> None:
        if self._in_value and self._kind is not None:
            self._text.add(text)

    def ended(self, name: str) -> None:
        if name == "c":
            self._cell_ends()
        elif name == "row":
            if self._cells:
                self.rows.append(TableRow(self._row, self._cells, self._is_hidden))
            self._cells = {}
        elif name in {"v", "t"}:
            self._in_value = False
        elif name == "rPh":
            self._in_reading = False

    def _row_starts(self, attributes: dict[str, str]) -> None:
        number = _whole(attributes["r"]) if "r" in attributes else self._row + 1
        if not self._row < number <= _MOST_SHEET_ROW:
            raise broken()
        self._row, self._column, self._cells = number, -1, {}
        self._is_hidden = attributes.get("hidden") in {"1", "true"}

    def _cell_starts(self, attributes: dict[str, str]) -> None:
        column = self._column + 1
        if "r" in attributes:
            place = parsed_address(attributes["r"])
            if place is None or place[1] != self._row or place[0] < column:
                raise broken()  # a cell that stands twice, or in another row
            column = place[0]
        kind = _KINDS.get(attributes.get("t", "n"))
        if kind is None or self._row == 0 or column >= _MOST_SHEET_COLUMN:
            raise broken()
        self._column, self._kind = column, kind
        self._by_place = attributes.get("t") == "s"
        style = _whole(attributes.get("s", "0"))
        self._style = self._styles[style] if style < len(self._styles) else Style()

    def _cell_ends(self) -> None:
        kind, text = self._kind, self._text.take()
        self._kind = None
        if kind is None:
            return
        if kind is CellKind.FORMULA:
            text = ""
        elif text is not None and self._by_place and text:
            place = _whole(text)
            if place >= len(self._texts):
                raise broken()
            text = self._texts[place]
        if text is None:
            self._cells[self._column] = Cell(CellKind.TOO_LONG)
        elif kind is CellKind.FORMULA or text.strip():
            form = self._style.form if kind is CellKind.NUMBER else NumberForm.PLAIN
            self._cells[self._column] = Cell(kind, text, form, self._style.literal if kind is CellKind.NUMBER else "")

    def _merge(self, reference: str) -> None:
        first, _colon, last = reference.partition(":")
        start, end = parsed_address(first), parsed_address(last or first)
        if start is None or end is None or len(self._shape.merged) >= MOST_MERGES:
            raise broken()
        self._shape.merged.append((start[0], start[1], end[0], end[1]))


def sheet_rows(
    chunks: Iterable[bytes], texts: Sequence[str | None], styles: Sequence[Style], shape: SheetShape, budget: Budget
) -> Iterator[TableRow]:
    """The rows that hold something, in their order, while the sheet is read; `shape` is filled on the way."""
    listener = _Sheet(texts, styles, shape)
    for _piece in listen(chunks, listener, budget):
        yield from listener.rows
        listener.rows.clear()


def _whole(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise broken()
    return int(text)
