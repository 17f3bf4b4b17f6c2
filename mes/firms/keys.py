"""What is made at random and shown once: first passwords, and API keys.

Of a key, 256 bits, only a digest is stored, keyed with the installation's pepper.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

PREFIX = "mes_"
PASSWORD_BYTES = 12
PREFIX_LENGTH = 10


def new_password() -> str:
    """A first password, shown once to who makes the person."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def new_key() -> str:
    """A fresh key, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """HMAC-SHA256 of the key under the pepper, in hexadecimal."""
    return hmac.new(settings.API_KEY_PEPPER.encode(), key.encode(), hashlib.sha256).hexdigest()
