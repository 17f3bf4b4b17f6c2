"""Hostile and odd files, each with what must become of it: faults as (cell, code), or the rows that are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.core.tables import making
from tests.core.tables.making import (
    HEAD,
    MAIN,
    RELATED,
    XML,
    Raw,
    archive,
    csv_text,
    day,
    parts_of,
    patched,
    row,
    rows_xml,
    sheet,
    sheet_xml,
    with_sheet,
    xlsx,
)

MB = 1_000_000
GOOD = {
    "order_ref": "ERP-1",
    "product_code": "PANEL-30",
    "pieces": 10,
    "due_at": "2036-12-21T00:00:00+08:00",
}
LOCAL, DIRECTORY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@dataclass(frozen=True)
class Case:
    """`faults` None: the rows are read. `count`: how many they are, where `rows` does not say."""

    make: Callable[[], bytes]
    faults: tuple[tuple[str, str], ...] | None = None
    rows: tuple[dict[str, Any], ...] = ()
    count: int | None = None


CASES: dict[str, Case] = {}


def refused(name: str, code: str, make: Callable[[], bytes]) -> None:
    assert name not in CASES
    CASES[name] = Case(make, (("", code),))


def faulty(name: str, faults: dict[str, str], make: Callable[[], bytes]) -> None:
    assert name not in CASES
    CASES[name] = Case(make, tuple(faults.items()))


def taken(name: str, make: Callable[[], bytes], *rows: dict[str, Any]) -> None:
    assert name not in CASES
    CASES[name] = Case(make, None, rows)


def good(**changed: Any) -> dict[str, Any]:
    found = GOOD | changed
    return {name: value for name, value in found.items() if value is not None}


# == archives


def zip_bomb() -> bytes:
    return with_sheet(sheet_xml(" " * 150 * MB))


def hidden_bomb() -> bytes:
    """Declares a size of its sheet that is far too small: no more than that is inflated, and its checksum is wrong."""
    raw = with_sheet(sheet_xml(" " * 50 * MB))
    return patched(patched(raw, DIRECTORY, 24, "<L", 2000), LOCAL, 22, "<L", 2000)


def many_bombs() -> bytes:
    return archive(parts_of(sheet(row())) | {f"xl/media/{index}.bin": bytes(900_000) for index in range(200)})


def many_parts() -> bytes:
    return archive(parts_of(sheet(row())) | {f"x/{index}": "" for index in range(1500)})


def vast_directory() -> bytes:
    return archive(parts_of(sheet(row())) | {f"x/{index:0200}": "" for index in range(3000)})


def one_name_twice() -> bytes:
    return archive(parts_of(sheet(row())) | {"xl/Workbook.xml": "<workbook/>"})


def overlapping() -> bytes:
    raw = archive(parts_of(sheet(*[row()] * 200)))
    return patched(raw, DIRECTORY, 20, "<L", len(raw))


def encrypted_entries() -> bytes:
    return patched(patched(xlsx(row()), DIRECTORY, 8, "<H", 1), LOCAL, 6, "<H", 1)


def bzip_entries() -> bytes:
    return patched(xlsx(row()), DIRECTORY, 10, "<H", 12)


def bad_checksum() -> bytes:
    return patched(xlsx(row()), DIRECTORY, 16, "<L", 1)


def compound(*, with_package: bool) -> bytes:
    name = "EncryptedPackage".encode("utf-16-le") if with_package else "Workbook".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name + bytes(500)


refused("zip bomb", "file_inflates_too_far", zip_bomb)
refused("zip bomb that hides its size", "file_broken", hidden_bomb)
refused("many small bombs", "file_inflates_too_far", many_bombs)
refused("1,500 parts", "file_too_many_parts", many_parts)
refused("a directory of 600 kB", "file_too_many_parts", vast_directory)
refused("one name for two parts", "file_broken", one_name_twice)
refused("parts that lie over each other", "file_broken", overlapping)
refused("parts with a password", "file_encrypted", encrypted_entries)
refused("a workbook with a password", "file_encrypted", lambda: compound(with_package=True))
refused("an xls file", "file_too_old", lambda: compound(with_package=False))
refused("parts packed another way", "file_broken", bzip_entries)
refused("a wrong checksum", "file_broken", bad_checksum)
refused("half a file", "file_broken", lambda: xlsx(*[row()] * 50)[:1500])
refused("an archive without a workbook", "file_unknown", lambda: archive({"readme.txt": "hello"}))
refused("an OpenDocument file", "file_unknown", lambda: archive({"mimetype": "application/x", "content.xml": "<a/>"}))
refused("nothing", "table_empty", lambda: b"")
refused("a PDF file", "file_unknown", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
refused("a picture", "file_unknown", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100))
refused("a program", "file_unknown", lambda: b"MZ\x90\x00\x03" + bytes(200))
refused("eleven megabytes", "file_too_large", lambda: b"a" * 11 * MB)
refused("a page of HTML called xlsx", "file_unknown", lambda: b"<html><table><tr><td>1</td></tr></table></html>")
refused("macros by type", "file_has_macros", lambda: with_sheet(sheet(row()), main_type="sheet.macroEnabled.main"))
refused(
    "macros by part", "file_has_macros", lambda: archive(parts_of(sheet(row())) | {"xl/vbaProject.bin": b"\xd0\xcf"})
)
refused("an xlsb file", "file_unknown", lambda: with_sheet(sheet(row()), main_type="ms-excel.sheet.binary.main"))


# == XML


def laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>' + sheet_xml("&l9;")[len(XML) :]


def outer_entity() -> str:
    kind = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return kind + sheet(row(order_ref=Raw('<c r="{r}" t="inlineStr"><is><t>&e;</t></is></c>')))[len(XML) :]


def one_vast_tag() -> str:
    return sheet_xml("<row " + " ".join(f'a{n}="{"x" * 50}"' for n in range(600_000)) + "/>")


def vast_comment() -> bytes:
    import random

    noise = random.Random(1).randbytes(6 * MB).hex()
    return with_sheet(sheet_xml(f"<!--{noise}-->"))


def many_names() -> str:
    return sheet_xml("".join(f"<n{n}/>" for n in range(200_000)))


def attributes_with_many_names() -> str:
    return sheet_xml("".join(f'<x a{n}="1"/>' for n in range(200_000)))


def deep() -> str:
    return sheet_xml("<x>" * 100_000 + "</x>" * 100_000)


def with_part(name: str, text: str) -> bytes:
    return archive(parts_of(sheet(row())) | {name: text})


def sheet_outside() -> bytes:
    target = f'Type="{RELATED}/worksheet" TargetMode="External" Target="file:///etc/passwd"'
    return with_part("xl/_rels/workbook.xml.rels", f'<Relationships><Relationship Id="rId1" {target}/></Relationships>')


refused("billion laughs", "file_declares_entities", lambda: with_sheet(laughs()))
refused("an outer entity", "file_declares_entities", lambda: with_sheet(outer_entity()))
refused("an outer document type", "file_declares_entities", lambda: with_part(
    "xl/workbook.xml", f'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><workbook xmlns="{MAIN}"/>'
))  # fmt: skip
refused("laughs in the styles", "file_declares_entities", lambda: with_part("xl/styles.xml", laughs()))
refused("one tag of 40 MB", "table_too_large", lambda: with_sheet(one_vast_tag()))
refused("a comment of 12 MB", "table_too_large", vast_comment)
refused("200,000 names of elements", "table_too_large", lambda: with_sheet(many_names()))
refused("200,000 names of attributes", "table_too_large", lambda: with_sheet(attributes_with_many_names()))
refused("elements 100,000 deep", "table_too_large", lambda: with_sheet(deep()))
refused("XML without an end", "file_broken", lambda: with_sheet(sheet(row())[:-20]))
refused("a sheet that is not XML", "file_broken", lambda: with_sheet("a,b,c"))
refused("an encoding that nobody knows", "file_broken", lambda: with_sheet('<?xml version="1.0" encoding="x-1"?><a/>'))
refused("a sheet that is not there", "file_broken", lambda: archive(
    {name: text for name, text in parts_of(sheet(row())).items() if "sheet1" not in name}
))  # fmt: skip
refused("a sheet outside the file", "file_broken", sheet_outside)
refused("a text by a number that is too large", "file_broken", lambda: with_sheet(
    sheet(row(order_ref=Raw('<c r="{r}" t="s"><v>7</v></c>'))), texts=f'{XML}<sst xmlns="{MAIN}"/>'
))  # fmt: skip
refused("a cell twice", "file_broken", lambda: with_sheet(
    sheet(row(pieces=Raw('<c r="{r}"><v>1</v></c><c r="{r}"><v>2</v></c>')))
))  # fmt: skip
refused("a cell in another row", "file_broken", lambda: with_sheet(sheet(row(pieces=Raw('<c r="C9"><v>1</v></c>')))))


# == size


def a_million_rows() -> bytes:
    return with_sheet(sheet_xml(rows_xml([HEAD]) + "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n % 7}</v></c></row>' for n in range(2, 1_000_001)
    )))  # fmt: skip


def a_million_empty_rows() -> bytes:
    return with_sheet(
        sheet_xml(rows_xml([HEAD, row()]) + "".join(f'<row r="{n}" ht="15"/>' for n in range(3, 1_000_000)))
    )


def rows_to_20001() -> bytes:
    return csv_text(*[making.CSV_ROW] * 20_001).encode()


def many_texts() -> bytes:
    texts = "".join(f"<si><t>{n * 7919}</t></si>" for n in range(600_000))
    return with_sheet(sheet(row()), texts=f'{XML}<sst xmlns="{MAIN}">{texts}</sst>')


def one_text_everywhere() -> bytes:
    """20,000 rows that all name one text of the greatest length."""
    texts = f'{XML}<sst xmlns="{MAIN}"><si><t>{"重" * 10_000}</t></si></sst>'
    many = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 20_001))
    return with_sheet(sheet_xml(rows_xml([HEAD]) + many), texts=texts)


def a_wide_row() -> bytes:
    return with_sheet(sheet_xml(f'<row r="1">{"".join("<c><v>1</v></c>" for _n in range(16_384))}</row>'))


def endless_row() -> bytes:
    cells = "".join(f'<c s="{n}"/>' for n in range(500_000))
    return with_sheet(sheet_xml(f'<row r="1">{cells}</row>'))


def a_full_table() -> bytes:
    return with_sheet(sheet(*[row(order_ref=f"ERP-{n}", ordered_on=day(49_000), weight_kg=0.5) for n in range(19_999)]))


refused("a million rows", "table_too_large", a_million_rows)
taken("a million empty rows below the table", a_million_empty_rows, good())
refused("20,001 rows of CSV", "table_too_large", rows_to_20001)
refused("600,000 texts", "table_too_large", many_texts)
refused("16,384 headings", "table_too_large", a_wide_row)
refused("a row without an end", "file_broken", endless_row)
refused("5,000,000 commas", "table_too_large", lambda: b"," * 5 * MB + b"x\r\n1\r\n")
refused("one CSV cell of 9 MB", "csv_broken", lambda: b'"' + b"a" * 9 * MB + b'"\r\n')
refused("a line of 9 MB", "csv_broken", lambda: b"a" * 9 * MB)
refused("quotes that do not end", "csv_broken", lambda: csv_text(("a", '"b')).encode())
CASES["a text of 10,000 signs in 20,000 cells"] = Case(
    one_text_everywhere, tuple((f"{letter}{n}", "cell_empty") for n in range(2, 52) for letter in "BE")
)
CASES["a full table of 19,999 rows"] = Case(a_full_table, count=19_999)
