"""A firm's word on its machine runs: approved and confirmed runs do not move any more."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from mes.core import audit, locks
from mes.core.actors import Actor
from mes.core.errors import NotAllowedInState, NotFound
from mes.core.states import move
from mes.firms.access import require
from orders.sales.models import SalesOrderLine
from production.plans.choices import RUN_NEXT, ProposalStatus, RunStatus
from production.plans.models import MachineRun


@transaction.atomic
def machine_run_approve(*, actor: Actor, run_id: UUID) -> MachineRun:
    """proposed → approved. Raises NotFound for another firm's run, StaleState, NotAllowedInState, also when a placement
    that it carries is not answered: it binds nobody yet, and is confirmed when both sides have accepted.
    """
    return _advance(actor, run_id, verb="machine_run.approve", to=RunStatus.APPROVED)


@transaction.atomic
def machine_run_confirm(*, actor: Actor, run_id: UUID) -> MachineRun:
    """proposed or approved → confirmed. Raises as machine_run_approve."""
    return _advance(actor, run_id, verb="machine_run.confirm", to=RunStatus.CONFIRMED)


def machine_run_locked(*, actor: Actor, run_id: UUID, verb: str) -> MachineRun:
    """The firm's run, locked, with the firm's live plan shared. Raises NotFound, NotPermitted."""
    seen = MachineRun.objects.only("firm_id").filter(pk=run_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    locks.share_firms([seen.firm_id])
    run = MachineRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None:  # a publication has replaced it meanwhile
        raise NotFound
    return run


def _advance(actor: Actor, run_id: UUID, *, verb: str, to: RunStatus) -> MachineRun:
    run = machine_run_locked(actor=actor, run_id=run_id, verb=verb)
    if run.parts.filter(lot__proposal__status=ProposalStatus.PROPOSED).exists():
        raise NotAllowedInState
    changes = move(run, to, moves=RUN_NEXT)
    # A plan computed before this does not know that the lot is frozen now: its lines must not be published from it.
    lines = run.parts.filter(lot__line__firm_id=run.firm_id).values("lot__line_id")
    SalesOrderLine.objects.filter(pk__in=lines).update(revision=F("revision") + 1)
    audit.record(actor=actor, verb=verb, obj=run, firm_id=run.firm_id, changes=changes)
    return run
