"""Background jobs of the exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from mes.core import jobs
from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.errors import NotAllowedInState
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.exchange.services import proposals

SETTLE = "exchange.settle"
EXPIRE = "exchange.expire"


def settle(lease: Lease) -> None:
    """Signs what both sides agreed to beforehand: a line that allows it, on an offer that is accepted at once.

    Each placement is its own transaction, and one that was answered meanwhile is passed over, so a second run after
    a crash goes on where the first stopped.
    """
    run_id = UUID(lease.payload["run_id"])
    with wall(DatabaseRole.PLANNER):
        waiting = proposals.proposals_agreed(run_id=run_id)
    for proposal_id in waiting:
        with wall(DatabaseRole.PLANNER):
            lease.renew()
            try:
                proposals.proposal_accept(actor=system_actor(), proposal_id=proposal_id, now=business_now())
            except NotAllowedInState:
                continue
    with lease.committing():
        return


def expire(lease: Lease) -> None:
    """Ends proposals that nobody answered in time."""
    with lease.committing():
        proposals.proposals_expire(actor=system_actor(), now=business_now())


def on_cancelled(payload: Mapping[str, Any]) -> None:
    """After an order was cancelled: its proposals are taken back."""
    with wall(DatabaseRole.PLANNER):
        proposals.proposals_withdraw(actor=system_actor(), order_id=UUID(payload["order_id"]), now=business_now())


def on_published(payload: Mapping[str, Any]) -> None:
    """After a publication: settle its proposals."""
    with wall(DatabaseRole.PLANNER):
        jobs.enqueue(kind=SETTLE, payload={"run_id": payload["run_id"]}, key=payload["run_id"])
