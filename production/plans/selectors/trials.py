"""A firm's trial calculations, and what they are calculated from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from mes.core.actors import Actor
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from production.planning import problem as p
from production.planning.schedule import Schedule
from production.plans.choices import ProposalStatus
from production.plans.models import Proposal, Trial
from production.plans.selectors.live import minutes_between
from production.plans.selectors.live_schedule import live_schedule
from production.plans.selectors.problem import LineReference, snapshot_of_firm


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """A firm's work on its own machines, and its live plan there.

    elsewhere: by line key, when what other members make of it, or are asked to, is finished, in minutes from the zero.
    """

    problem: p.Problem
    schedule: Schedule
    lines: Mapping[str, LineReference]
    elsewhere: Mapping[str, int]


def own_plan(*, firm_id: UUID, zero_at: datetime) -> OwnPlan:
    """As of the present transaction, in the firm's own wall: of other members only what the firm has placed there.

    Those pieces stay there. Raises NotAllowedInState for a firm that the park's plan leaves out.
    """
    snapshot = snapshot_of_firm(zero_at=zero_at, firm_id=firm_id)
    if firm_id not in snapshot.firms.values():
        raise NotAllowedInState
    problem, schedule = live_schedule(snapshot)
    placed = Proposal.objects.filter(
        giver_id=firm_id, status__in=(ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED)
    ).values("line_id")
    asked = Q(status=ProposalStatus.PROPOSED)
    rows = placed.annotate(asked=Sum("pieces", filter=asked, default=0), finish_at=Max("finish_at"))
    keys = {reference.line_id: key for key, reference in snapshot.lines.items()}
    away: dict[str, int] = {}
    elsewhere: dict[str, int] = {}
    for row in rows.values_list("line_id", "asked", "finish_at"):
        line_id, pieces, finish_at = row
        if line_id in keys:
            away[keys[line_id]] = pieces
            elsewhere[keys[line_id]] = minutes_between(zero_at, finish_at)
    lines = tuple(replace(line, pieces=max(0, line.pieces - away.get(line.key, 0))) for line in problem.lines)
    return OwnPlan(replace(problem, lines=lines), schedule, snapshot.lines, elsewhere)


def trials_page(*, actor: Actor, limit: int, after: MomentKey | None = None, status: str | None = None) -> list[Trial]:
    """The firm's trial calculations by time and key. One query. Raises NotPermitted."""
    rows = _own(actor)
    return page_after(rows if status is None else rows.filter(status=status), by="created_at", after=after, limit=limit)


def trial_get(*, actor: Actor, trial_id: UUID) -> Trial:
    """One trial calculation of the firm. Raises NotFound, NotPermitted."""
    row = _own(actor).filter(pk=trial_id).first()
    if row is None:
        raise NotFound
    return row


def _own(actor: Actor) -> QuerySet[Trial]:
    if actor.firm_id is None:
        raise NotPermitted
    return Trial.objects.filter(firm_id=actor.firm_id)
