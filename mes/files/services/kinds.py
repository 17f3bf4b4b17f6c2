"""What a file is, by its bytes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from mes.core.tables.archive import Archive
from mes.core.tables.errors import TableRefused
from mes.files.choices import ALIASES, ENDINGS, UNSAID, MediaType
from mes.files.errors import FileKindRefused

_BEGINNINGS = {
    MediaType.PDF: re.compile(rb"%PDF-"),
    MediaType.PNG: re.compile(rb"\x89PNG\r\n\x1a\n"),
    MediaType.JPEG: re.compile(rb"\xff\xd8\xff"),
    MediaType.WEBP: re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    MediaType.XLSX: re.compile(rb"PK\x03\x04"),
    MediaType.DXF: re.compile(
        rb"AutoCAD Binary DXF\r\n\x1a\x00"
        rb"|(?:\xef\xbb\xbf)?(?:\s{0,9}999\r?\n[^\r\n]{0,200}\r?\n){0,20}\s{0,9}0\r?\n\s{0,9}SECTION\r?\n"
    ),
    MediaType.DWG: re.compile(rb"AC10[0-9]{2}\x00"),
}
_HEAD_BYTES = 8_192


def kind_of(content: bytes) -> MediaType | None:
    """The kind by the first bytes, of an xlsx file by what its archive holds; None for any other."""
    head = content[:_HEAD_BYTES]
    kind = next((kind for kind, begins in _BEGINNINGS.items() if begins.match(head)), None)
    return None if kind is MediaType.XLSX and not _is_workbook(content) else kind


def checked_kind(content: bytes, *, name: str, said: str) -> MediaType:
    """The kind, when neither the sender's type nor the name's ending says otherwise. Raises FileKindRefused."""
    kind = kind_of(content)
    if kind is None or (said not in UNSAID and ALIASES.get(said, said) != kind):
        raise FileKindRefused(pointer="/file")
    if PurePosixPath(name).suffix.lower() not in ENDINGS[kind]:
        raise FileKindRefused(pointer="/name")
    return kind


def _is_workbook(content: bytes) -> bool:
    try:
        archive = Archive(content)
    except TableRefused:
        return False
    return "xl/workbook.xml" in archive and not any("vbaproject" in name for name in archive.names())
