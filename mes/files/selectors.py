"""Reads of files' rows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mes.core.actors import Actor
from mes.core.errors import NotFound
from mes.core.keyset import MomentKey, page_after
from mes.files.models import StoredFile


def files_visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """The firm's own that it has not dropped; nobody else sees any."""
    rows = StoredFile.objects.filter(removed_at=None)
    return rows.none() if actor.firm_id is None else rows.filter(firm_id=actor.firm_id)


def file_get(*, actor: Actor, file_id: UUID) -> StoredFile:
    """One file. Raises NotFound."""
    row = files_visible_to(actor).filter(pk=file_id).first()
    if row is None:
        raise NotFound
    return row


def files_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[StoredFile]:
    """The firm's files by time and key."""
    return page_after(files_visible_to(actor), by="created_at", after=after, limit=limit)
