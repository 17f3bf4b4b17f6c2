"""Secrets and codes of second factors.

A secret is derived from the installation's pepper, the person and the version: it is shown while it is set up, and
stored nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from django.conf import settings

STEP_S = 30
ISSUER = "MES"
_BYTES = 20
_DIGITS = 6


def secret_of(user_id: UUID, version: int) -> str:
    """The secret as an authenticator takes it: 160 bits in base32."""
    return _secret(settings.API_KEY_PEPPER, user_id, version)


def picture_of(secret: str, username: str) -> str:
    """The secret as a QR code: an SVG as a data URI."""
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
    picture: str = segno.make(address, error="m").svg_data_uri(scale=5)
    return picture


def step_of(code: str, *, user_id: UUID, version: int, now: datetime) -> int | None:
    """The step of thirty seconds that `code` belongs to: the present one, or the one before or after; else None.

    While an installation changes its pepper, secrets that followed from the old one hold too.
    """
    if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
        return None
    present = int(now.timestamp()) // STEP_S
    for secret in _secrets(user_id, version):
        for step in (present, present - 1, present + 1):
            if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), code):
                return step
    return None


def _secrets(user_id: UUID, version: int) -> Iterator[str]:
    for pepper in (settings.API_KEY_PEPPER, settings.API_KEY_PEPPER_OLD):
        if pepper:
            yield _secret(pepper, user_id, version)


def _secret(pepper: str, user_id: UUID, version: int) -> str:
    words = f"mes.signin/second factor/{user_id}/{version}"
    digest = hmac.digest(pepper.encode(), words.encode(), hashlib.sha256)
    return base64.b32encode(digest[:_BYTES]).decode()
