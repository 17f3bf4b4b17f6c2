"""What is made at random and shown once: keys of programs, codes on paper, and the sample park's passwords.

Of a key (256 bits) and of a code (75 bits beside its prefix) only a digest is stored, keyed with the installation's
pepper.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

PREFIX = "mes_"
PASSWORD_BYTES = 12
PREFIX_LENGTH = 10

CODE_PREFIX_LENGTH = 5
CODE_GROUPS = 4
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")


def new_password() -> str:
    """A password for the sample park's people."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def new_key() -> str:
    """A fresh key, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def new_code() -> str:
    """A fresh code, to be printed once: four groups of five letters that are not taken for one another."""
    groups = ("".join(secrets.choice(_CODE_LETTERS) for _ in range(CODE_PREFIX_LENGTH)) for _ in range(CODE_GROUPS))
    return "-".join(groups)


def code_as_read(text: str) -> str:
    """The code that somebody has typed from paper: case, spaces and what is easily misread do not count."""
    letters = [letter for letter in text.upper().translate(_MISREAD) if letter in _CODE_LETTERS]
    size = CODE_PREFIX_LENGTH
    return "-".join("".join(letters[start : start + size]) for start in range(0, len(letters), size))


def digest_of(key: str) -> str:
    """HMAC-SHA256 of the key under the pepper, in hexadecimal."""
    return _digest(settings.API_KEY_PEPPER, key)


def digest_of_code(code: str) -> str:
    """As digest_of, for a code on paper: no digest of one purpose serves the other."""
    return digest_of(f"account code {code}")


def digests_of_code(code: str) -> list[str]:
    """As digest_of_code; then the one under the pepper before, while that is still accepted."""
    return digests_of(f"account code {code}")


def digests_of(key: str) -> list[str]:
    """As digest_of; then the one under the pepper before, while that is still accepted."""
    peppers = (settings.API_KEY_PEPPER, settings.API_KEY_PEPPER_OLD)
    return [_digest(pepper, key) for pepper in peppers if pepper]


def _digest(pepper: str, key: str) -> str:
    return hmac.new(pepper.encode(), key.encode(), hashlib.sha256).hexdigest()
