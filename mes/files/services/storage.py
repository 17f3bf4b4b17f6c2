"""The bytes: files named by their SHA-256, in two levels of folders below FILES_ROOT, outside of what the web serves.

Each upload writes its bytes, also when they lie there already: neither the answer nor its time tells whether another
firm has the same file. A file is written under another name, brought to the disk and renamed: never half of it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from mes.files.errors import BytesMissing, FilesNotKept

_PARTIAL = ".partial"
_DIGEST_LENGTH = 64


def root() -> Path:
    """The folder. Raises FilesNotKept."""
    if not settings.FILES_ROOT:
        raise FilesNotKept
    return Path(settings.FILES_ROOT)


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write(content: bytes) -> str:
    """Keeps the bytes and returns their digest."""
    digest = digest_of(content)
    place = _place(digest)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{digest}.{secrets.token_hex(8)}{_PARTIAL}")
    try:
        with partial.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(place.parent)
    return digest


def read(digest: str) -> bytes:
    """The bytes, when they are those that were kept. Raises BytesMissing."""
    try:
        content = _place(digest).read_bytes()
    except OSError as error:
        raise BytesMissing from error
    if digest_of(content) != digest:
        raise BytesMissing
    return content


def kept() -> Iterator[tuple[str, Path]]:
    """Digest and path of each file of bytes, and of what writers left behind when they died (digest empty)."""
    for path in sorted(root().glob("??/??/*")):
        name = path.name
        if len(name) == _DIGEST_LENGTH and path.is_file():
            yield name, path
        elif name.endswith(_PARTIAL):
            yield "", path


def is_whole(digest: str) -> bool:
    """Whether the bytes lie there and are those that were kept."""
    try:
        read(digest)
    except BytesMissing:
        return False
    return True


def _place(digest: str) -> Path:
    return root() / digest[:2] / digest[2:4] / digest


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
