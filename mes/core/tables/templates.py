"""An empty table with the headings of a declaration, to be filled in."""

from __future__ import annotations

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from mes.core.tables.columns import Column, Declaration, ValueKind

_FORMATS = {ValueKind.TEXT: "@", ValueKind.DAY: "yyyy-mm-dd", ValueKind.INSTANT: "yyyy-mm-dd hh:mm"}
_FORMATTED_ROWS = 500
_WIDTH = 18


def template(declaration: Declaration) -> bytes:
    """An xlsx file: the sheet to fill in, and one that says what the columns hold."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = declaration.titles[0]
    sheet.freeze_panes = "A2"
    for place, column in enumerate(declaration.columns, start=1):
        head = sheet.cell(1, place, column.headings[0] + ("*" if column.required else ""))
        head.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
        for row in range(2, _FORMATTED_ROWS + 2):
            sheet.cell(row, place).number_format = _FORMATS.get(column.kind, "General")
    said = book.create_sheet(_("How to fill it in"))
    for column in declaration.columns:
        said.append([column.headings[0], _("needed") if column.required else "", _said(column)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _said(column: Column) -> str:
    if column.kind is ValueKind.CHOICE:
        return ", ".join(column.choices)
    if column.kind is ValueKind.INSTANT and column.until_end_of_day:
        return _("A day, or a day and a time. A day alone means its end.")
    words = {
        ValueKind.TEXT: _("A text."),
        ValueKind.WHOLE: _("A whole number."),
        ValueKind.DECIMAL: _("A number."),
        ValueKind.DAY: _("A day."),
        ValueKind.INSTANT: _("A day, or a day and a time. A day alone means its beginning."),
    }
    unit = f" {column.units[0]}" if column.units else ""
    return f"{words[column.kind]}{unit}"
