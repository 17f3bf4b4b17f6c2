"""Opens the archive that an xlsx file is: looked at from outside first, then inflated with a meter running."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from mes.core.tables.errors import TableRefused, refuse
from mes.core.tables.limits import (
    CHUNK_BYTES,
    MOST_DIRECTORY_BYTES,
    MOST_ENTRIES,
    MOST_INFLATED_BYTES,
    MOST_RATIO,
    RATIO_COUNTS_FROM_BYTES,
)

_END = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_MOST_COMMENT = 65_535
_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """The parts of an xlsx file. What is inflated in all is counted, whatever the archive declares."""

    def __init__(self, raw: bytes) -> None:
        _check_end(raw)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise broken() from error
        self._parts = _checked_parts(self._zip.infolist(), len(raw))
        self._inflated_bytes = 0

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def names(self) -> frozenset[str]:
        """All names, in lower case: an xlsx file does not tell the cases apart."""
        return frozenset(self._parts)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's bytes. Raises TableRefused: no such part, a broken one, or more than may be inflated."""
        part = self._parts.get(name.lower())
        if part is None:
            raise broken()
        try:
            with self._zip.open(part) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    self._inflated_bytes += len(chunk)
                    if self._inflated_bytes > MOST_INFLATED_BYTES:
                        raise _inflates_too_far()
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise broken() from error
        except RuntimeError as error:  # what zipfile says of an entry with a password
            raise encrypted() from error


def broken() -> TableRefused:
    return refuse("file_broken", _("The file is damaged, or no xlsx file."))


def encrypted() -> TableRefused:
    return refuse("file_encrypted", _("The file has a password. Save it without one."))


def _inflates_too_far() -> TableRefused:
    return refuse("file_inflates_too_far", _("The file unpacks to more than 100 MB, or is packed too densely."))


def _check_end(raw: bytes) -> None:
    """The directory's size is bounded before a reader makes an object of each of its entries."""
    at = raw.rfind(_END, max(0, len(raw) - _END_BYTES - _MOST_COMMENT))
    if at < 0 or len(raw) - at < _END_BYTES:
        raise broken()
    if raw[max(0, at - _LOCATOR_BYTES) : at].startswith(_ZIP64_LOCATOR):
        raise refuse("file_too_many_parts", _("The file holds too many parts."))
    directory_bytes = struct.unpack_from("<L", raw, at + 12)[0]
    if directory_bytes > MOST_DIRECTORY_BYTES:
        raise refuse("file_too_many_parts", _("The file holds too many parts."))


def _checked_parts(entries: list[zipfile.ZipInfo], raw_bytes: int) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > MOST_ENTRIES:
        raise refuse("file_too_many_parts", _("The file holds too many parts."))
    found = {entry.filename.lower(): entry for entry in entries}
    if len(found) != len(entries) or sum(entry.compress_size for entry in entries) > raw_bytes:
        raise broken()  # one name for two parts, or parts that lie over each other
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise encrypted()
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise broken()
    dense = any(
        entry.file_size > RATIO_COUNTS_FROM_BYTES and entry.file_size > MOST_RATIO * max(1, entry.compress_size)
        for entry in entries
    )
    if dense or sum(entry.file_size for entry in entries) > MOST_INFLATED_BYTES:
        raise _inflates_too_far()
    return found
