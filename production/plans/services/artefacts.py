"""Problem and schedule of a plan run as they are stored."""

from __future__ import annotations

import zlib


def pack(text: str) -> bytes:
    """Canonical JSON, compressed for storage."""
    return zlib.compress(text.encode(), 6)


def unpack(stored: bytes | memoryview) -> str:
    """What `pack` has stored."""
    return zlib.decompress(bytes(stored)).decode()
