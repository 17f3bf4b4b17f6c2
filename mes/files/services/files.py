"""Keeps a file, and drops it."""

from __future__ import annotations

import unicodedata
from datetime import datetime
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
from mes.files.models import MOST_BYTES, MOST_FILE_NAME, StoredFile
from mes.files.selectors import file_get
from mes.files.services import storage
from mes.files.services.kinds import checked_kind
from mes.firms.access import require, required_firm

_BAD_SIGNS = frozenset('/\\:*?"<>|')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@transaction.atomic
def file_store(*, actor: Actor, content: bytes, name: str, said: str = "") -> StoredFile:
    """Keeps a file of the actor's firm. `said`: the media type that the sender gives, empty for none.

    Raises InvalidValue for a name that is a path, FileKindRefused, QuotaExceeded, FilesNotKept, NotPermitted.
    """
    firm_id = required_firm(actor, "file.store")
    lock_name(f"files/{firm_id}")  # two uploads at once do not both fit into the last room
    _check_name(name)
    if not 0 < len(content) <= MOST_BYTES:
        raise InvalidValue(pointer="/file")
    kind = checked_kind(content, name=name, said=said)
    used = StoredFile.objects.filter(firm_id=firm_id).aggregate(total=Sum("size_bytes", default=0))["total"]
    if used + len(content) > settings.FILES_QUOTA_MB * 1_000_000:
        raise QuotaExceeded
    digest = storage.digest_of(content)
    lock_bytes(digest, shared=True)
    storage.write(content)
    row = StoredFile.objects.create(firm_id=firm_id, name=name, media_type=kind, size_bytes=len(content), sha256=digest)
    changes = {"media_type": kind, "size_bytes": len(content), "sha256": digest}
    audit.record(actor=actor, verb="file.store", obj=row, firm_id=row.firm_id, changes=changes)
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


def _check_name(name: str) -> None:
    """A name is words for people: it never becomes a path here, and should be none where it is saved."""
    check_text(name, MOST_FILE_NAME, "/name")
    if name.startswith(".") or any(sign in _BAD_SIGNS or unicodedata.category(sign) in _INVISIBLE for sign in name):
        raise InvalidValue(pointer="/name")
