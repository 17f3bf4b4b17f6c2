"""Keeps a file, and drops it."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from mes.core import audit
from mes.core.actors import Actor
from mes.core.bounds import check_text
from mes.core.errors import InvalidValue
from mes.core.locks import lock_name
from mes.files.errors import QuotaExceeded
from mes.files.models import MOST_BYTES, MOST_FILE_NAME, StoredFile, kept_models
from mes.files.selectors import file_get
from mes.files.services import storage
from mes.files.services.kinds import checked_kind
from mes.firms.access import require, required_firm

_BAD_SIGNS = frozenset('/\\:*?"<>|')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes that are kept, as a row names them."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str

    def told(self) -> dict[str, Any]:
        """What an audit row says of them: never the name, which may hold anybody's."""
        return {"media_type": self.media_type, "size_bytes": self.size_bytes, "sha256": self.sha256}


def bytes_keep(*, firm_id: UUID, content: bytes, name: str, said: str) -> Kept:
    """Keeps bytes in a firm's room for a row of the present transaction. Call it in the firm's own wall.

    Raises InvalidValue for a name that is a path, FileKindRefused, QuotaExceeded, FilesNotKept.
    """
    lock_name(f"files/{firm_id}")  # two uploads at once do not both fit into the last room
    _check_name(name)
    if not 0 < len(content) <= MOST_BYTES:
        raise InvalidValue(pointer="/file")
    kind = checked_kind(content, name=name, said=said)
    if _used(firm_id) + len(content) > settings.FILES_QUOTA_MB * 1_000_000:
        raise QuotaExceeded
    digest = storage.digest_of(content)
    lock_bytes(digest, shared=True)
    storage.write(content)
    return Kept(name, kind, len(content), digest)


@transaction.atomic
def file_store(*, actor: Actor, content: bytes, name: str, said: str = "") -> StoredFile:
    """Keeps a file of the actor's firm. `said`: the media type that the sender gives, empty for none.

    Raises as bytes_keep, NotPermitted.
    """
    firm_id = required_firm(actor, "file.store")
    kept = bytes_keep(firm_id=firm_id, content=content, name=name, said=said)
    row = StoredFile.objects.create(firm_id=firm_id, **asdict(kept))
    audit.record(actor=actor, verb="file.store", obj=row, firm_id=row.firm_id, changes=kept.told())
    return row


@transaction.atomic
def file_drop(*, actor: Actor, file_id: UUID, now: datetime) -> StoredFile:
    """Nobody finds the file any more; its row goes a day after `now`, the database's time. Raises NotFound."""
    row = file_get(actor=actor, file_id=file_id)
    require(actor, "file.drop", row)
    row.removed_at = now
    row.save(update_fields=["removed_at"])
    audit.record(actor=actor, verb="file.drop", obj=row, firm_id=row.firm_id, changes={"sha256": row.sha256})
    return row


def lock_bytes(digest: str, *, shared: bool) -> None:
    """Until the transaction's end no sweep takes these bytes away while an upload counts on them."""
    lock_name(f"bytes/{digest}", shared=shared)


def _used(firm_id: UUID) -> int:
    """How many bytes of a firm's room are taken, whatever names them."""
    rooms = [model._base_manager.filter(**{model.payer: firm_id}) for model in kept_models()]
    return sum(rows.aggregate(total=Sum("size_bytes", default=0))["total"] for rows in rooms)


def _check_name(name: str) -> None:
    """A name is words for people: it never becomes a path here, and should be none where it is saved."""
    check_text(name, MOST_FILE_NAME, "/name")
    if name.startswith(".") or any(sign in _BAD_SIGNS or unicodedata.category(sign) in _INVISIBLE for sign in name):
        raise InvalidValue(pointer="/name")
