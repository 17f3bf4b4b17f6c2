"""The table of a CSV file: its encoding by its marks or by trial, its delimiter by its head."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from mes.core.tables.cells import Cell, CellKind, TableRow
from mes.core.tables.errors import TableRefused, refuse
from mes.core.tables.limits import CHUNK_BYTES, MOST_CELL_LENGTH
from mes.core.tables.sheets import SheetShape, Source

DELIMITERS = (",", ";", "\t")
_SAYS_DELIMITER = "sep="
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TRIED = ("utf-8", "gb18030")


def open_delimited(raw: bytes, fits: Callable[[list[str]], int]) -> Source:
    """The table of a CSV file. `fits`: how many of a head's names are known; the delimiter that fits best is taken.

    Raises TableRefused, also while its rows are read.
    """
    encoding = _encoding(raw)
    skipped, delimiters = 0, list(DELIMITERS)
    first = _stream(raw, encoding).readline(MOST_CELL_LENGTH).strip()
    if first.lower().startswith(_SAYS_DELIMITER) and first[len(_SAYS_DELIMITER) :] in {",", ";"}:
        skipped, delimiters = 1, [first[len(_SAYS_DELIMITER) :]]
    best = max(delimiters, key=lambda delimiter: fits(_head(raw, encoding, delimiter, skipped)))
    return Source(_rows(raw, encoding, best, skipped), SheetShape())


def _encoding(raw: bytes) -> str:
    if raw.startswith(_UTF32):
        raise _unreadable()
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            if _decodes(raw, encoding):
                return encoding
            raise _unreadable()
    if b"\0" in raw:
        raise refuse("file_unknown", _("This is neither an xlsx nor a CSV file."))
    for encoding in _TRIED:
        if _decodes(raw, encoding):
            return encoding
    raise _unreadable()


def _decodes(raw: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(raw), CHUNK_BYTES):
            decoder.decode(raw[start : start + CHUNK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _stream(raw: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")


def _records(raw: bytes, encoding: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Records with their numbers from 1, as a spreadsheet would number the rows."""
    reader = csv.reader(_stream(raw, encoding), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            if number > skipped:
                yield number, record
    except csv.Error as error:
        text = _("The quotes do not match, or a cell is too long, from row %(row)s on.")
        raise refuse("csv_broken", text % {"row": number + 1}) from error


def _head(raw: bytes, encoding: str, delimiter: str, skipped: int) -> list[str]:
    """The first record that holds something; empty where this delimiter makes no records."""
    try:
        records = (record for _number, record in _records(raw, encoding, delimiter, skipped))
        return next((record for record in records if any(text.strip() for text in record)), [])
    except TableRefused:
        return []


def _rows(raw: bytes, encoding: str, delimiter: str, skipped: int) -> Iterator[TableRow]:
    for number, record in _records(raw, encoding, delimiter, skipped):
        cells = {column: _cell(text) for column, text in enumerate(record) if text.strip()}
        if cells:
            yield TableRow(number, cells)


def _cell(text: str) -> Cell:
    return Cell(CellKind.TOO_LONG) if len(text) > MOST_CELL_LENGTH else Cell(CellKind.TEXT, text)


def _unreadable() -> TableRefused:
    return refuse("encoding_unknown", _("The file is neither UTF-8, UTF-16 with its mark, nor GB18030."))
