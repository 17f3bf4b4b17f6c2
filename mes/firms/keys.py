"""API keys: 256 random bits, of which only a digest keyed with the installation's pepper is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

PREFIX = "mes_"
PREFIX_LENGTH = 10


def new_key() -> str:
    """A fresh key, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """HMAC-SHA256 of the key under the pepper, in hexadecimal."""
    return hmac.new(settings.API_KEY_PEPPER.encode(), key.encode(), hashlib.sha256).hexdigest()
