"""Keys of rows: UUIDv7, which sort by time and reveal no count."""

from __future__ import annotations

import uuid

from uuid_utils.compat import uuid7 as _uuid7


def new_id() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562)."""
    key: uuid.UUID = _uuid7()
    return key
