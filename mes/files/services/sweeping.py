"""Takes rows away a day after they were dropped, and bytes that no row names. For the planner's role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mes.core.actors import DatabaseRole
from mes.core.clock import DatabaseNow
from mes.core.wall import wall
from mes.files.models import kept_models
from mes.files.services import storage
from mes.files.services.files import lock_bytes

KEPT_FOR = timedelta(days=1)


def forget_dropped() -> int:
    """Deletes the rows that were dropped more than a day ago."""
    before = DatabaseNow() - KEPT_FOR
    return sum(model._base_manager.filter(removed_at__lt=before).delete()[0] for model in kept_models())


def remove_orphans(*, now: datetime) -> int:
    """Removes bytes that no row names and that are a day old at `now`, one transaction for each; how many went."""
    removed, before = 0, now - KEPT_FOR
    for digest, path in list(storage.kept()):
        if path.stat().st_mtime >= before.timestamp():
            continue
        with wall(DatabaseRole.PLANNER):
            lock_bytes(digest, shared=False)
            # Looked at again under the lock: an upload of the same bytes makes them new.
            if not _is_named(digest) and _is_old(path.stat().st_mtime, before):
                path.unlink()
                removed += 1
    return removed


@dataclass(frozen=True, slots=True)
class Finding:
    """`what`: missing, changed or orphaned."""

    what: str
    digest: str


def findings(*, now: datetime) -> Iterator[Finding]:
    """Where rows and bytes differ. Bytes of the last day without a row may belong to a call that has not ended."""
    with wall(DatabaseRole.PLANNER):
        wanted = {digest for model in kept_models() for digest in model._base_manager.values_list("sha256", flat=True)}
    there, before = dict(storage.kept()), now - KEPT_FOR
    for digest in sorted(wanted):
        if digest not in there:
            yield Finding("missing", digest)
        elif not storage.is_whole(digest):
            yield Finding("changed", digest)
    for digest, path in sorted(there.items()):
        if digest not in wanted and _is_old(path.stat().st_mtime, before):
            yield Finding("orphaned", digest or path.name)


def _is_named(digest: str) -> bool:
    return any(model._base_manager.filter(sha256=digest).exists() for model in kept_models())


def _is_old(written_s: float, before: datetime) -> bool:
    return written_s < before.timestamp()
