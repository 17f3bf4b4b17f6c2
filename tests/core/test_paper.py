"""Documents on paper: complete, with their font, the same for the same content."""

from __future__ import annotations

import re
import zlib
from base64 import a85decode

from mes.core.paper import Table, pdf


def a_document(rows: int) -> bytes:
    lines = [[f"批次 {number} <A&B>", "1,025"] for number in range(rows)]
    table = Table("交货", ["批次", "公斤"], lines, frozenset({1}), [3, 1])
    return pdf("结算单", facts=[("企业", "甲厂 & 乙")], tables=[table], footer="仅供本企业")


def streams(document: bytes) -> list[bytes]:
    found = []
    for filters, data in re.findall(rb"/Filter \[([^\]]*)\][^>]*>>\s*stream\r?\n(.*?)endstream", document, re.S):
        raw = a85decode(data.strip().removesuffix(b"~>")) if b"ASCII85" in filters else data
        found.append(zlib.decompress(raw))
    return found


def test_a_document_carries_its_font_and_a_map_back_to_its_characters() -> None:
    document = a_document(3)
    assert document.startswith(b"%PDF-")
    assert b"/FontFile2" in document
    maps = b"".join(stream for stream in streams(document) if b"begincmap" in stream)
    for character in "结算单甲厂乙交货批次公斤仅供本企业":
        assert f"<{ord(character):04X}>".encode() in maps.upper(), character


def test_the_same_content_gives_the_same_bytes_and_other_content_others() -> None:
    assert a_document(3) == a_document(3)
    assert a_document(3) != a_document(4)


def test_a_long_table_goes_on_over_pages() -> None:
    assert len(re.findall(rb"/Type /Page\b", a_document(3))) == 1
    assert len(re.findall(rb"/Type /Page\b", a_document(200))) > 3
