from enum import StrEnum


class MediaType(StrEnum):
    """What a file may be; found in its first bytes, whatever its sender calls it."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    DXF = "image/vnd.dxf"
    DWG = "image/vnd.dwg"


ENDINGS = {
    MediaType.PDF: (".pdf",),
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.WEBP: (".webp",),
    MediaType.XLSX: (".xlsx",),
    MediaType.DXF: (".dxf",),
    MediaType.DWG: (".dwg",),
}
# What senders say that means nothing, and other names of a kind.
UNSAID = frozenset({"", "application/octet-stream", "application/x-www-form-urlencoded"})
ALIASES = {
    "image/jpg": MediaType.JPEG,
    "image/x-dxf": MediaType.DXF,
    "application/dxf": MediaType.DXF,
    "image/x-dwg": MediaType.DWG,
    "application/acad": MediaType.DWG,
}
