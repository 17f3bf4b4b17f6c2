"""The other half of the corpus: files that open, with cells that mean something else than they seem to."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from mes.core.tables import Column
from mes.core.tables.cells import address
from mes.core.tables.limits import MOST_FAULTS
from tests.core.tables.corpus import CASES, Case, faulty, good, refused, taken
from tests.core.tables.making import (
    CSV_ROW,
    DECLARATION,
    HEAD,
    MAIN,
    XML,
    Raw,
    Styled,
    archive,
    csv_text,
    csv_with,
    day,
    formula,
    parts_of,
    row,
    rows_xml,
    sheet,
    sheet_xml,
    with_sheet,
    xlsx,
)

CHINESE = ("订单-甲", "板材一", "10", "1.5", "2036-12-20", "", "加急")
READ_CHINESE = good(order_ref="订单-甲", product_code="板材一", weight_kg="1.5", priority="9")


@dataclass(frozen=True)
class BadCell:
    """A value that a column like `column` refuses with `code`."""

    name: str
    code: str
    column: Column
    value: object


BAD_CELLS: list[BadCell] = []


def of_cell(name: str, code: str, column: str, value: object) -> None:
    """A file with one bad cell in row 2."""
    like = next(own for own in DECLARATION.columns if own.name == column)
    BAD_CELLS.append(BadCell(name, code, like, value))
    names = [column.name for column in DECLARATION.columns]
    where = address(names.index(column), 2)
    faulty(name, {where: code}, lambda: xlsx(row(**{column: value})))  # type: ignore[arg-type]


# == encodings

taken("UTF-8", lambda: csv_text(CHINESE).encode(), READ_CHINESE)
taken("UTF-8 with its mark", lambda: codecs.BOM_UTF8 + csv_text(CHINESE).encode(), READ_CHINESE)
taken("GBK", lambda: csv_text(CHINESE).encode("gbk"), READ_CHINESE)
taken(
    "GB18030",
    lambda: csv_text(("订单-甲", "板材㐀一", *CHINESE[2:])).encode("gb18030"),
    READ_CHINESE | {"product_code": "板材㐀一"},
)
taken(
    "UTF-16 little", lambda: codecs.BOM_UTF16_LE + csv_text(CHINESE, delimiter="\t").encode("utf-16-le"), READ_CHINESE
)
taken("UTF-16 big", lambda: codecs.BOM_UTF16_BE + csv_text(CHINESE, delimiter=";").encode("utf-16-be"), READ_CHINESE)
taken("a line that says the delimiter", lambda: b"sep=;\r\n" + csv_text(CHINESE, delimiter=";").encode(), READ_CHINESE)
refused("UTF-16 without its mark", "file_unknown", lambda: csv_text(CHINESE).encode("utf-16-le"))
refused("UTF-32", "encoding_unknown", lambda: codecs.BOM_UTF32_LE + csv_text(CHINESE).encode("utf-32-le"))
refused(
    "half a sign of UTF-16",
    "encoding_unknown",
    lambda: codecs.BOM_UTF16_LE + csv_text(CHINESE).encode("utf-16-le") + b"a",
)
refused("no encoding at all", "encoding_unknown", lambda: csv_text(CHINESE).encode() + b"\xff\xfe\xff,\x80\r\n")
refused("NUL in CSV", "file_unknown", lambda: csv_with(order_ref="a\0b"))
taken("quotes within quotes", lambda: csv_with(order_ref='"a ""b"", c"'), good(order_ref='a "b", c'))
taken("lines that end as on old machines", lambda: csv_text(CSV_ROW).replace("\r\n", "\r").encode(), good())
faulty("a line break in a cell", {"A2": "invisible_characters"}, lambda: csv_with(order_ref='"a\nb"'))

# == what would be executed, and what cannot be seen

taken("=cmd in CSV", lambda: csv_with(order_ref="=cmd|' /C calc'!A0"), good(order_ref="=cmd|' /C calc'!A0"))
taken("=cmd as a text of xlsx", lambda: xlsx(row(order_ref="=1+1")), good(order_ref="=1+1"))
taken("@SUM, + and - as texts", lambda: xlsx(row(order_ref="@SUM(A1)", product_code="+1-2")),
      good(order_ref="@SUM(A1)", product_code="+1-2"))  # fmt: skip
of_cell("a formula", "formula", "pieces", formula("1+1", "2"))
of_cell("a formula without a value", "formula", "pieces", Raw('<c r="{r}"><f>NOW()</f></c>'))
of_cell("a shared formula", "formula", "pieces", Raw('<c r="{r}"><f t="shared" si="0"/><v>5</v></c>'))
of_cell("a formula that makes a text", "formula", "order_ref", Raw('<c r="{r}" t="str"><f>A1</f><v>ERP</v></c>'))
of_cell("a formula that asks elsewhere", "formula", "order_ref", formula('HYPERLINK("http://127.0.0.1/")'))
of_cell("#N/A", "error_value", "pieces", Raw('<c r="{r}" t="e"><v>#N/A</v></c>'))
of_cell("#REF! in a text", "error_value", "order_ref", Raw('<c r="{r}" t="e"><v>#REF!</v></c>'))
of_cell("true for a number", "truth_value", "pieces", Raw('<c r="{r}" t="b"><v>1</v></c>'))
of_cell("text that runs the other way", "invisible_characters", "order_ref", "ERP\u202e1-\u2066x")
of_cell("a space of no width", "invisible_characters", "product_code", "PANEL\u200b-30")
of_cell("a mark of order amid the text", "invisible_characters", "product_code", "PANEL\ufeff-30")
of_cell("NUL by its escape", "invisible_characters", "order_ref", "a_x0000_b")
of_cell("half a sign by its escape", "invisible_characters", "order_ref", "a_xD800_b")
of_cell("a sign of private use", "invisible_characters", "order_ref", "a\ue000b")
of_cell("10,001 signs", "text_too_long", "order_ref", "a" * 10_001)
taken("spaces around", lambda: xlsx(row(order_ref="  ERP-1　", product_code=" PANEL-30 ")), good())

# == numbers

of_cell("吨 for kg", "unit_wrong", "weight_kg", "1.5吨")
of_cell("t for kg", "unit_wrong", "weight_kg", "1.5 t")
of_cell("斤 for kg", "unit_wrong", "weight_kg", "3斤")
of_cell("吨 by the format", "unit_wrong", "weight_kg", Styled("1.5", '0.00"吨"'))
of_cell("kg for pieces", "unit_wrong", "pieces", "10kg")
of_cell("1.234,5", "number_ambiguous", "weight_kg", "1.234,5")
of_cell("1,5", "number_ambiguous", "weight_kg", "1,5")
of_cell("1 234", "number_ambiguous", "weight_kg", "1 234")
of_cell("12,34,567", "number_ambiguous", "weight_kg", "12,34,567")
of_cell("a percentage", "percent", "weight_kg", "50%")
of_cell("a percentage by the format", "percent", "weight_kg", Styled("0.5", "0.00%"))
of_cell("a day for a number", "day_for_number", "pieces", day(46000))
of_cell("minutes for a number", "day_for_number", "pieces", Styled("1.5", "[h]:mm"))
of_cell("half a piece", "not_whole", "pieces", 10.5)
of_cell("four places", "too_many_places", "weight_kg", "1.2345")
of_cell("words for a number", "not_a_number", "pieces", "十")
of_cell("NaN", "not_a_number", "weight_kg", Raw('<c r="{r}"><v>NaN</v></c>'))
of_cell("infinity", "number_too_large", "weight_kg", Raw('<c r="{r}"><v>1e999</v></c>'))
of_cell("1e300", "number_too_large", "pieces", Raw('<c r="{r}"><v>1e300</v></c>'))
of_cell("a hundred digits", "number_too_large", "pieces", "9" * 100)
of_cell("a hexadecimal number", "not_a_number", "pieces", Raw('<c r="{r}"><v>0x10</v></c>'))
of_cell("a format that divides", "number_format_hides", "weight_kg", Styled("12000", "0,"))
of_cell("leading zeros by the format", "number_format_hides", "order_ref", Styled("7", "00000"))
of_cell(
    "a number that lost digits", "number_lost_digits", "order_ref", Raw('<c r="{r}"><v>2.0261201000123456E16</v></c>')
)
taken("a number for a text", lambda: xlsx(row(order_ref=20361201)), good(order_ref="20361201"))
taken("digits of full width", lambda: xlsx(row(pieces="１０", weight_kg="１，２３４．５")), good(weight_kg="1234.5"))
taken("thousands", lambda: xlsx(row(pieces="1,234", weight_kg="12,345.678")), good(pieces=1234, weight_kg="12345.678"))
taken("a binary fraction", lambda: xlsx(row(weight_kg=0.1 + 0.2)), good(weight_kg="0.3"))
taken("公斤 and 张", lambda: xlsx(row(weight_kg="1.5 公斤", pieces="10张")), good(weight_kg="1.5"))
taken("kg by the format", lambda: xlsx(row(weight_kg=Styled("1.5", '0.0"kg"'))), good(weight_kg="1.5"))
taken("a negative number, for the rules to refuse", lambda: xlsx(row(pieces="-5")), good(pieces=-5))

# == days

of_cell("a bare number for a day", "number_for_day", "due_at", 49_663)
of_cell("the month first", "not_a_day", "due_at", "12/20/2036")
of_cell("a year of two digits", "not_a_day", "due_at", "36-12-20")
of_cell("31 November", "not_a_day", "due_at", "2036-11-31")
of_cell("a day long ago", "day_out_of_range", "due_at", day(60))
of_cell("a day that Excel invented", "day_out_of_range", "ordered_on", day(60))
of_cell("a serial without end", "not_a_day", "due_at", day("99999999999"))
of_cell("a serial below zero", "not_a_day", "due_at", day(-1))
of_cell("words for a day", "not_a_day", "due_at", "下周一")
of_cell("a time for a day", "day_has_time", "ordered_on", Styled("49663.5", "yyyy-mm-dd hh:mm"))
of_cell("the 25th hour", "not_a_day", "due_at", "2036-12-20 25:00")
taken("Excel days", lambda: xlsx(row(due_at=day(50_029), ordered_on=day(46_000))), good(ordered_on="2025-12-09"))
taken(
    "days from 1904", lambda: with_sheet(sheet(row(due_at=day(48_567))), workbook='<workbookPr date1904="1"/>'), good()
)
taken("a time of Excel", lambda: xlsx(row(due_at=Styled("50029.3541666667", "yyyy-mm-dd hh:mm"))),
      good(due_at="2036-12-20T08:30:00+08:00"))  # fmt: skip
taken(
    "days in Chinese", lambda: xlsx(row(due_at="2036年12月20日", ordered_on="2025/1/2")), good(ordered_on="2025-01-02")
)
taken("days in digits", lambda: xlsx(row(due_at=20361220, ordered_on="20250102")), good(ordered_on="2025-01-02"))
taken(
    "times of any zone", lambda: csv_with(due_at="2036-12-20T08:30:00-05:00"), good(due_at="2036-12-20T08:30:00-05:00")
)
taken("a day by its type", lambda: xlsx(row(due_at=Raw('<c r="{r}" t="d"><v>2036-12-20T08:30:00</v></c>'))),
      good(due_at="2036-12-20T08:30:00+08:00"))  # fmt: skip

# == choices and what is missing

of_cell("a choice that is none", "choice_unknown", "priority", "很急")
of_cell("an empty cell that must not be", "cell_empty", "product_code", None)
of_cell("a cell of spaces", "cell_empty", "product_code", "   ")
taken("a choice by its value", lambda: xlsx(row(priority=9)), good(priority="9"))

# == the head

faulty("吨 in the heading", {"D1": "unit_wrong"}, lambda: xlsx(row(), head=[*HEAD[:3], "重量（吨）", *HEAD[4:]]))
faulty("t in the heading", {"D1": "unit_wrong"}, lambda: xlsx(row(), head=[*HEAD[:3], "重量/t", *HEAD[4:]]))
faulty("a heading twice", {"D1": "heading_twice"}, lambda: xlsx(row(), head=[*HEAD[:3], "件数(张)", *HEAD[4:]]))
faulty("a heading that nobody knows", {"G1": "heading_unknown"}, lambda: xlsx(row(), head=[*HEAD[:6], "备注"]))
faulty("a heading that is a number", {"G1": "heading_unknown"}, lambda: xlsx(row(), head=[*HEAD[:6], 7]))
faulty("a cell below no heading", {"G2": "cell_without_heading"}, lambda: xlsx(row(priority="加急"), head=HEAD[:6]))
CASES["a heading missing"] = Case(lambda: xlsx(row()[1:], head=HEAD[1:]), (("", "heading_missing"),))
CASES["no head"] = Case(lambda: csv_text(head=CSV_ROW).encode(), (
    ("A1", "heading_unknown"), ("B1", "heading_unknown"), ("C1", "heading_unknown"), ("E1", "heading_unknown"),
))  # fmt: skip
refused("a head and nothing else", "table_empty", xlsx)
taken(
    "headings in English",
    lambda: xlsx(row(), head=["Order number*", "PRODUCT CODE", "pieces", "Weight [kg]", "due", "", ""]),
    good(),
)
taken(
    "headings with units",
    lambda: xlsx(row(weight_kg=2), head=[*HEAD[:3], "重量（千克）", *HEAD[4:]]),
    good(weight_kg="2"),
)
taken("empty rows above, between and below", lambda: with_sheet(sheet_xml(
    rows_xml([[], HEAD, [], row(), [None, "  "], row(order_ref="ERP-2"), [], []])
)), good(), good(order_ref="ERP-2"))  # fmt: skip

# == merged and hidden, and which sheet

faulty("merged cells", {"A2": "cells_merged", "A3": "cell_empty"}, lambda: xlsx(
    row(), row(order_ref=None), after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'
))  # fmt: skip
faulty("a merged title", {"A1": "heading_unknown"}, lambda: with_sheet(
    sheet_xml(rows_xml([["销售订单"], HEAD, row()]), after='<mergeCells><mergeCell ref="A1:G1"/></mergeCells>')
))  # fmt: skip
taken("cells merged beside the table", lambda: xlsx(
    row(), after='<mergeCells><mergeCell ref="M2:M9"/></mergeCells>'
), good())  # fmt: skip
faulty("a hidden row", {"A2": "row_hidden"}, lambda: with_sheet(
    sheet_xml(rows_xml([HEAD, row(), row(order_ref="ERP-2")], attributes={2: 'hidden="1"'}))
))  # fmt: skip
faulty(
    "a hidden column",
    {"C1": "column_hidden"},
    lambda: xlsx(row(), before='<cols><col min="3" max="3" hidden="1"/></cols>'),
)
taken("a hidden sheet", lambda: archive(parts_of(
    sheet(row(order_ref="SECRET")), sheet(row()), states=["veryHidden", "visible"]
)), good())  # fmt: skip
refused("hidden sheets alone", "table_empty", lambda: archive(parts_of(sheet(row()), states=["hidden"])))
refused("two sheets that hold something", "several_sheets", lambda: archive(parts_of(sheet(row()), sheet(row()))))
taken("the sheet with the title", lambda: archive(parts_of(
    sheet(["说明"], head=[]), sheet(row()), names=["填写说明", "订单"]
)), good())  # fmt: skip
taken("empty sheets beside", lambda: archive(parts_of(sheet_xml(""), sheet(row()), sheet_xml(""))), good())
taken("texts with how they are read", lambda: with_sheet(
    sheet(row(order_ref=Raw('<c r="{r}" t="s"><v>0</v></c>'))),
    texts=f'{XML}<sst xmlns="{MAIN}"><si><r><t>ERP</t></r><r><t>-1</t></r><rPh><t>yi</t></rPh></si></sst>',
), good())  # fmt: skip
taken("cells without addresses", lambda: with_sheet(sheet_xml("".join(
    f"<row>{''.join(f'<c t=%sinlineStr%s><is><t>{text}</t></is></c>' % (chr(34), chr(34)) for text in record)}</row>"
    for record in (HEAD[:5], ("ERP-1", "PANEL-30", "10", "", "2036-12-20"))
))), good())  # fmt: skip
CASES["more faults than are told"] = Case(
    lambda: xlsx(*[row(pieces="x")] * 500), tuple((f"C{n}", "not_a_number") for n in range(2, MOST_FAULTS + 2))
)
