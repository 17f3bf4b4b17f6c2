"""Secrets and signatures, as Standard Webhooks has them (symmetric, `v1`).

A secret is derived from the installation's pepper, the endpoint and the version of its secret: it is shown when it
begins, and stored nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from mes.hooks.models import WebhookEndpoint

PREFIX = "whsec_"
BOTH_FOR = timedelta(hours=24)


def secret_of(endpoint: WebhookEndpoint) -> str:
    """The endpoint's present secret, as its receiver keeps it."""
    return PREFIX + base64.b64encode(_key(endpoint, endpoint.version, settings.API_KEY_PEPPER)).decode()


def signatures(endpoint: WebhookEndpoint, *, message_id: str, at: datetime, body: bytes) -> str:
    """The header's value: signed with the present secret, within a day of a rotation with the one before too.

    While an installation changes its pepper, also with the secrets that followed from the old one.
    """
    versions = [endpoint.version]
    if endpoint.rotated_at is not None and at < endpoint.rotated_at + BOTH_FOR:
        versions.append(endpoint.version - 1)
    text = f"{message_id}.{int(at.timestamp())}.".encode() + body
    peppers = [pepper for pepper in (settings.API_KEY_PEPPER, settings.API_KEY_PEPPER_OLD) if pepper]
    keys = [_key(endpoint, version, pepper) for pepper in peppers for version in versions]
    made = [hmac.digest(key, text, hashlib.sha256) for key in keys]
    return " ".join("v1," + base64.b64encode(digest).decode() for digest in made)


def _key(endpoint: WebhookEndpoint, version: int, pepper: str) -> bytes:
    words = f"mes.hooks/secret/{endpoint.pk}/{version}"
    return hmac.digest(pepper.encode(), words.encode(), hashlib.sha256)
