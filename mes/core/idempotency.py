"""One effect per Idempotency-Key: the answer is kept in the transaction of its effect.

An advisory lock of that transaction tells a call in flight; the kept row tells one that is over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from mes.core.actors import Actor
from mes.core.clock import DatabaseNow
from mes.core.errors import DomainError, NotPermitted
from mes.core.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)
MOST_KEY_LENGTH = 255


class KeyReused(DomainError):
    """The same key came with another request."""

    code = "idempotency_key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    text = _("This Idempotency-Key was used for another request.")


class InFlight(DomainError):
    """The first request under this key has not ended."""

    code = "idempotency_key_in_flight"
    text = _("The first request with this Idempotency-Key has not ended yet. Try again.")
    retry_after_s = 1


class BadKey(DomainError):
    """A key is 1 to 255 visible ASCII characters."""

    code = "idempotency_key_invalid"
    status = HTTPStatus.BAD_REQUEST
    text = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")


@dataclass(frozen=True, slots=True)
class Call:
    """A request under a key: whose, in which roles, and what it asks for (SHA-256 of method, address and body)."""

    firm_id: UUID
    caller_id: UUID
    roles: frozenset[str]
    key: str
    digest: str


def call_of(*, actor: Actor, key: str, method: str, address: str, body: Any) -> Call:
    """The call that a firm's program or person makes; `address` with its query. Raises BadKey."""
    if not 1 <= len(key) <= MOST_KEY_LENGTH or not all("!" <= character <= "~" for character in key):
        raise BadKey
    text = json.dumps([method, address, body], sort_keys=True, default=str)
    caller_id = actor.program_id or actor.user_id
    if actor.firm_id is None or caller_id is None:
        raise ValueError("Answers are kept for firms' callers.")
    return Call(actor.firm_id, caller_id, actor.roles, key, hashlib.sha256(text.encode()).hexdigest())


def kept_answer(call: Call) -> KeptAnswer | None:
    """The answer that the same call got before. Raises KeyReused, InFlight.

    Another caller of the firm has keys of its own. Raises NotPermitted where the caller has lost a role since.
    """
    with connection.cursor() as cursor:
        name = f"{call.firm_id}/{call.caller_id}/{call.key}"
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise InFlight
    kept = KeptAnswer.objects.filter(firm_id=call.firm_id, caller_id=call.caller_id, key=call.key).first()
    if kept is not None and kept.digest != call.digest:
        raise KeyReused
    if kept is not None and not call.roles.issuperset(kept.roles):
        raise NotPermitted
    return kept


def keep(call: Call, *, status: int, body: str, headers: Mapping[str, str]) -> None:
    """Keeps the answer with these of its headers; it stays if the transaction does."""
    KeptAnswer.objects.create(
        firm_id=call.firm_id,
        caller_id=call.caller_id,
        roles=sorted(call.roles),
        key=call.key,
        digest=call.digest,
        status=status,
        body=body,
        headers=dict(headers),
    )


def purge() -> int:
    """Forgets answers older than a day. For the planner's role."""
    deleted, _by_model = KeptAnswer.objects.filter(created_at__lt=DatabaseNow() - KEPT_FOR).delete()
    return deleted
