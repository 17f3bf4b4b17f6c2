"""Texts that callers hand back unread: encrypted and authenticated under the installation's pepper.

A plain cursor of the feed would hold transaction numbers, which tell how much the other firms write. The seal is
made from the text and encrypts it (a synthetic initialisation vector), so there is no nonce to be repeated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from itertools import count

from django.conf import settings

_TAG = 16


def seal(plain: bytes, *, purpose: str) -> str:
    """`plain` as a text for addresses. The same text gives the same seal."""
    tag = _mac(f"{purpose}/tag", plain)[:_TAG]
    return base64.urlsafe_b64encode(tag + _mixed(plain, tag, purpose)).decode().rstrip("=")


def unseal(text: str, *, purpose: str) -> bytes:
    """What was sealed for this purpose. Raises ValueError for anything else."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    tag, mixed = raw[:_TAG], raw[_TAG:]
    plain = _mixed(mixed, tag, purpose)
    if not hmac.compare_digest(tag, _mac(f"{purpose}/tag", plain)[:_TAG]):
        raise ValueError(text)
    return plain


def _mixed(text: bytes, tag: bytes, purpose: str) -> bytes:
    stream = b""
    for number in count():
        if len(stream) >= len(text):
            break
        stream += _mac(f"{purpose}/stream", tag + number.to_bytes(4, "big"))
    return bytes(left ^ right for left, right in zip(text, stream, strict=False))


def _mac(purpose: str, text: bytes) -> bytes:
    key = hmac.digest(settings.API_KEY_PEPPER.encode(), f"mes.core.sealed/{purpose}".encode(), hashlib.sha256)
    return hmac.digest(key, text, hashlib.sha256)
