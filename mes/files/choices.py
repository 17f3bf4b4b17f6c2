from django.db import models


class MediaType(models.TextChoices):
    """What a file may be; found in its first bytes, whatever its sender calls it."""

    PDF = "application/pdf", "PDF"
    PNG = "image/png", "PNG"
    JPEG = "image/jpeg", "JPEG"
    WEBP = "image/webp", "WebP"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"
    DXF = "image/vnd.dxf", "DXF"
    DWG = "image/vnd.dwg", "DWG"


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
# Browsers may know drawings by plug-ins, so they are given as plain bytes.
GIVEN_PLAIN = frozenset({MediaType.DXF, MediaType.DWG})
