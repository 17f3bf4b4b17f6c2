"""Makes files of tables, good ones and others, without a library that would know better."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from mes.core.tables import Column, Declaration, ValueKind
from mes.core.tables.cells import address

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8"?>'
HEAD = ("订单号", "产品编码", "件数", "重量", "交期", "下单日期", "优先级")

DECLARATION = Declaration(
    ("订单", "Orders"),
    (
        Column("order_ref", ("订单号", "Order number"), ValueKind.TEXT, required=True),
        Column("product_code", ("产品编码", "Product code"), ValueKind.TEXT, required=True),
        Column("pieces", ("件数", "Pieces"), ValueKind.WHOLE, units=("件", "张", "pcs")),
        Column("weight_kg", ("重量", "Weight"), ValueKind.DECIMAL, units=("kg", "千克", "公斤"), places=3),
        Column("due_at", ("交期", "Due"), ValueKind.INSTANT, required=True, until_end_of_day=True),
        Column("ordered_on", ("下单日期", "Ordered on"), ValueKind.DAY),
        Column("priority", ("优先级", "Priority"), ValueKind.CHOICE, choices={"普通": "1", "加急": "9"}),
    ),
)


@dataclass(frozen=True)
class Raw:
    """A cell's own XML; `{r}` is its address."""

    xml: str


@dataclass(frozen=True)
class Styled:
    """A number under one of STYLES."""

    number: str
    code: str


Given = str | int | float | Raw | Styled | None
STYLES = ("General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "0.00%", "00000", '0.00"吨"', '0.0"kg"', "0,", "[h]:mm", "@")


def formula(text: str, kept: str = "1") -> Raw:
    return Raw(f'<c r="{{r}}"><f>{escape(text)}</f><v>{kept}</v></c>')


def day(serial: float | str) -> Styled:
    return Styled(str(serial), "yyyy-mm-dd")


def row(**changed: Given) -> list[Given]:
    """A good row, with some of its cells otherwise."""
    names = [column.name for column in DECLARATION.columns]
    good: dict[str, Given] = dict.fromkeys(names)
    good |= {"order_ref": "ERP-1", "product_code": "PANEL-30", "pieces": 10, "due_at": "2036-12-20"}
    return [(good | changed)[name] for name in names]


def rows_xml(rows: Iterable[Sequence[Given]], *, attributes: Mapping[int, str] | None = None) -> str:
    return "".join(
        f'<row r="{number}" {(attributes or {}).get(number, "")}>'
        + "".join(_cell(value, address(column, number)) for column, value in enumerate(values))
        + "</row>"
        for number, values in enumerate(rows, start=1)
    )


def sheet_xml(data: str, *, before: str = "", after: str = "") -> str:
    return f'{XML}<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def sheet(*rows: Sequence[Given], head: Sequence[Given] = HEAD, **parts: str) -> str:
    return sheet_xml(rows_xml([head, *rows]), **parts)


def parts_of(
    *sheets: str,
    names: Sequence[str] = (),
    states: Sequence[str] = (),
    workbook: str = "",
    texts: str | None = None,
    main_type: str = "sheet.main",
) -> dict[str, str | bytes]:
    """The parts of an xlsx file by name."""
    listed = "".join(
        f'<sheet name="{(names or [f"Sheet{index}" for index in range(1, len(sheets) + 1)])[index]}" '
        f'sheetId="{index + 1}" state="{states[index] if states else "visible"}" r:id="rId{index + 1}"/>'
        for index in range(len(sheets))
    )
    related = "".join(
        f'<Relationship Id="rId{index + 1}" Type="{RELATED}/worksheet" Target="worksheets/sheet{index + 1}.xml"/>'
        for index in range(len(sheets))
    )
    related += f'<Relationship Id="rId90" Type="{RELATED}/styles" Target="styles.xml"/>'
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{XML}<Types><Override PartName="/xl/workbook.xml" ContentType='
        f'"application/vnd.openxmlformats-officedocument.spreadsheetml.{main_type}+xml"/></Types>',
        "_rels/.rels": f'{XML}<Relationships><Relationship Id="rId1" Type="{RELATED}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{workbook}<sheets>{listed}</sheets>'
        "</workbook>",
        "xl/styles.xml": _styles(),
    }
    if texts is not None:
        related += f'<Relationship Id="rId91" Type="{RELATED}/sharedStrings" Target="sharedStrings.xml"/>'
        parts["xl/sharedStrings.xml"] = texts
    parts["xl/_rels/workbook.xml.rels"] = f"{XML}<Relationships>{related}</Relationships>"
    return parts | {f"xl/worksheets/sheet{index + 1}.xml": text for index, text in enumerate(sheets)}


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return stream.getvalue()


def xlsx(*rows: Sequence[Given], head: Sequence[Given] = HEAD, **parts: str) -> bytes:
    """A file with one sheet of these rows below the head."""
    return archive(parts_of(sheet(*rows, head=head, **parts)))


def with_sheet(xml: str, **fields: str) -> bytes:
    return archive(parts_of(xml, **fields))


def csv_text(*rows: Sequence[str], head: Sequence[str] = HEAD, delimiter: str = ",") -> str:
    return "".join(delimiter.join(record) + "\r\n" for record in (head, *rows))


CSV_ROW = ("ERP-1", "PANEL-30", "10", "", "2036-12-20", "", "")


def csv_with(**changed: str) -> bytes:
    names = [column.name for column in DECLARATION.columns]
    record = [changed.get(name, text) for name, text in zip(names, CSV_ROW, strict=True)]
    return csv_text(record).encode()


def patched(raw: bytes, signature: bytes, offset: int, layout: str, value: int) -> bytes:
    """An archive in which a field of every record with this signature says something else."""
    found = bytearray(raw)
    at = found.find(signature)
    while at >= 0:
        struct.pack_into(layout, found, at + offset, value)
        at = found.find(signature, at + 1)
    return bytes(found)


def _cell(value: Given, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.xml.replace("{r}", where)
    if isinstance(value, Styled):
        return f'<c r="{where}" s="{STYLES.index(value.code)}"><v>{value.number}</v></c>'
    if isinstance(value, str):
        return f'<c r="{where}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{where}"><v>{value!r}</v></c>'


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + index}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for index, code in enumerate(STYLES)
    )
    cells = "".join(f'<xf numFmtId="{164 + index}"/>' for index in range(len(STYLES)))
    return f'{XML}<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>'
