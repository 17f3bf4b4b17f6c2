"""Reads of proposals, by one of their parties."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound
from mes.core.keyset import MomentKey, page_after
from production.plans.models import Proposal


def visible_to(actor: Actor) -> QuerySet[Proposal]:
    """The proposals that the actor may know of: a firm those of which it is a party, others all."""
    rows = Proposal.objects.select_related("giver", "doer", "terms", "product")
    return rows if actor.firm_id is None else rows.filter(Q(giver_id=actor.firm_id) | Q(doer_id=actor.firm_id))


def proposals_page(
    *,
    actor: Actor,
    limit: int,
    after: MomentKey | None = None,
    status: str | None = None,
    line_id: UUID | None = None,
    updated_since: datetime | None = None,
) -> list[Proposal]:
    """At most `limit` proposals by time and key, of a status, of an own line of the giver. One query."""
    rows = visible_to(actor) if status is None else visible_to(actor).filter(status=status)
    rows = changed_since(rows, kind=Proposal.feed.kind, firm_id=actor.firm_id, since=updated_since)
    if line_id is not None:
        rows = rows.filter(line_id=line_id, giver_id=actor.firm_id)
    return page_after(rows, by="created_at", after=after, limit=limit)


def proposal_get(*, actor: Actor, proposal_id: UUID) -> Proposal:
    """One proposal. Raises NotFound."""
    row = visible_to(actor).filter(pk=proposal_id).first()
    if row is None:
        raise NotFound
    return row
