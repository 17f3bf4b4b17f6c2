"""Documents on paper (PDF, A4) in Chinese and English, whatever fonts the reader's machine has.

Noto Sans SC stands beside this file, cut down to the characters of GB 2312 and the signs of business; each document
embeds what it uses of it. Its licence is OFL.txt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PrintedTable

FONT = "NotoSansSC"
_FILE = Path(__file__).parent / "NotoSansSC-Regular.ttf"
_MARGIN = 15 * mm
_LINE = colors.HexColor("#9ca3af")


@dataclass(frozen=True)
class Table:
    """A table with a heading. `numbers`: the columns, from 0, that are set right. A column is as wide as `widths` says.

    `widths`: shares of the page's width, one a column, in any unit; without them all are equal.
    """

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    widths: Sequence[float] = ()


def pdf(title: str, *, facts: Sequence[tuple[str, str]], tables: Sequence[Table], footer: str) -> bytes:
    """The document: title, facts (name and value), tables that go on over pages, a footer with the page's number.

    The same content gives the same bytes: no time and no random name is written into it.
    """
    _register()
    target = BytesIO()
    document = SimpleDocTemplate(
        target, pagesize=A4, title=title, invariant=1, topMargin=_MARGIN, bottomMargin=_MARGIN + 5 * mm,
        leftMargin=_MARGIN, rightMargin=_MARGIN,
    )  # fmt: skip
    story: list[Flowable] = [Paragraph(escape(title), _style(16, after=4 * mm))]
    story += [Paragraph(f"{escape(name)}: {escape(value)}", _style(9.5)) for name, value in facts]
    for table in tables:
        story += [Spacer(1, 5 * mm), Paragraph(escape(table.heading), _style(11, after=2 * mm))]
        story.append(_printed(table, document.width))

    def foot(canvas: Canvas, _document: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 8)
        canvas.drawString(_MARGIN, _MARGIN, footer)
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN, str(canvas.getPageNumber()))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return target.getvalue()


@cache
def _register() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(_FILE)))


def _style(size: float, *, after: float = 0, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        f"{size}/{after}/{right}", fontName=FONT, fontSize=size, leading=size * 1.45, spaceAfter=after, wordWrap="CJK",
        alignment=TA_RIGHT if right else TA_LEFT,
    )  # fmt: skip


def _printed(table: Table, width: float) -> PrintedTable:
    """A table whose cells break lines, with its head on each page."""
    shares = list(table.widths) or [1.0] * len(table.head)
    cells = [
        [Paragraph(escape(text), _style(8, right=at in table.numbers)) for at, text in enumerate(row)]
        for row in (table.head, *table.rows)
    ]
    return PrintedTable(
        cells,
        colWidths=[width * share / sum(shares) for share in shares],
        repeatRows=1,
        style=[
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ],
    )
