"""What the park's people do in the demo: ask for plans, publish, accept. Each act is a door's call of one service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import business_now, stopwatch_s
from mes.core.wall import wall
from mes.demo.errors import StepFailed
from mes.demo.seed import Index
from mes.demo.seed.directory import person
from mes.demo.worker import TICK, Worker
from mes.firms.authentication import actor_of_user
from mes.firms.choices import Role
from mes.firms.models import User
from production.exchange.services.proposals import proposal_accept
from production.plans.choices import PlanRunState, PlanScope, ProposalStatus
from production.plans.models import PlanRun, Proposal, Publication
from production.plans.services.runs import plan_run_publish, plan_run_start

LOOK_EVERY_S = 0.15
RING_EVERY_S = 1.0
LIMIT_S = 600.0
OnRule = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Door:
    """Where the demo stands when it acts as somebody: the wall of that person, and the person."""

    role: DatabaseRole
    username: str
    firm_id: UUID | None = None

    def actor(self) -> Actor:
        """The person as the actor of a command. Call inside the wall."""
        return actor_of_user(User.objects.get(username=self.username), channel=Channel.COMMAND)


def dispatcher() -> Door:
    return Door(DatabaseRole.STAFF, Role.DISPATCHER.value)


def planner_of(firm_code: str, index: Index) -> Door:
    return Door(DatabaseRole.FIRM, person(firm_code, Role.PLANNER), index.firms[firm_code])


def plan_alone(*, firm_code: str, index: Index, worker: Worker, on_rule: OnRule) -> UUID:
    """The firm's planner asks what the firm can do without the others. Returns the run, a candidate."""
    door = planner_of(firm_code, index)
    with wall(door.role, door.firm_id):
        run = plan_run_start(actor=door.actor(), now=business_now(), scope=PlanScope.FIRM_ALONE, firm_id=door.firm_id)
    _await_run(run.pk, door, PlanRunState.CANDIDATE, worker, on_rule)
    return run.pk


def plan_park(*, worker: Worker, on_rule: OnRule) -> UUID:
    """The dispatcher has the whole park planned. Returns the run, a candidate."""
    door = dispatcher()
    with wall(door.role):
        run = plan_run_start(actor=door.actor(), now=business_now())
    _await_run(run.pk, door, PlanRunState.CANDIDATE, worker, on_rule)
    return run.pk


def publish(run_id: UUID, *, worker: Worker) -> Publication:
    """The dispatcher publishes the candidate; the worker makes it the live plan."""
    door = dispatcher()
    with wall(door.role):
        plan_run_publish(actor=door.actor(), run_id=run_id)
    _await_run(run_id, door, PlanRunState.PUBLISHED, worker, lambda _entry: None)
    with wall(door.role):
        return Publication.objects.get(run_id=run_id)


def plan_night(*, worker: Worker, on_rule: OnRule) -> UUID:
    """The schedule's turn: the nightly run plans the park and publishes itself. Returns the run."""
    door = dispatcher()
    worker.ring(TICK)
    for _look in looks(worker, "plan"):
        with wall(door.role):
            run = PlanRun.objects.filter(publishes_itself=True).first()
        if run is not None:
            _await_run(run.pk, door, PlanRunState.PUBLISHED, worker, on_rule)
            return run.pk
    raise AssertionError("unreachable: looks end by an error")


def await_standing_terms(run_id: UUID, *, worker: Worker) -> int:
    """Waits until the worker has signed what both sides agreed to beforehand. Returns how many that are."""
    waiting = Proposal.objects.filter(plan_run_id=run_id, giver_agreed_at__isnull=False, doer_agreed_at__isnull=False)
    with wall(DatabaseRole.STAFF):
        signed = waiting.count()
    for _look in looks(worker, "proposals"):
        with wall(DatabaseRole.STAFF):
            if not waiting.filter(status=ProposalStatus.PROPOSED).exists():
                return signed
    raise AssertionError("unreachable: looks end by an error")


def answer_the_rest(run_id: UUID, *, index: Index) -> int:
    """The planners of givers and doers who want to be asked say yes. Returns the proposals they signed."""
    codes = {firm_id: code for code, firm_id in index.firms.items()}
    with wall(DatabaseRole.STAFF):
        asked = list(
            Proposal.objects.filter(plan_run_id=run_id, status=ProposalStatus.PROPOSED)
            .order_by("giver__code", "doer__code", "starts_at", "pk")
            .values_list("pk", "giver_id", "doer_id", "giver_agreed_at", "doer_agreed_at")
        )
    for proposal_id, giver_id, doer_id, giver_agreed_at, doer_agreed_at in asked:
        for firm_id, agreed_at in ((giver_id, giver_agreed_at), (doer_id, doer_agreed_at)):
            if agreed_at is None:
                door = planner_of(codes[firm_id], index)
                with wall(door.role, door.firm_id):
                    proposal_accept(actor=door.actor(), proposal_id=proposal_id, now=business_now())
    return len(asked)


def _await_run(run_id: UUID, door: Door, wanted: PlanRunState, worker: Worker, on_rule: OnRule) -> None:
    shown = 0
    for _look in looks(worker, "plan"):
        with wall(door.role, door.firm_id):
            run = PlanRun.objects.get(pk=run_id)
        for entry in run.rule_log[shown:]:
            on_rule(entry)
        shown = max(shown, len(run.rule_log))
        if run.state == wanted:
            return
        if run.state in (PlanRunState.FAILED, PlanRunState.DISCARDED):
            raise StepFailed("plan", f"{run.state} {run.error}".strip(), wanted.value)


def looks(worker: Worker, field: str) -> Iterator[None]:
    """Looks at the database from time to time, and rings the worker. Raises StepFailed when it takes too long."""
    started_s = rung_s = stopwatch_s()
    while True:
        yield
        now_s = stopwatch_s()
        if now_s - started_s > LIMIT_S:
            raise StepFailed(field, "waiting", f"done within {LIMIT_S:.0f} s")
        if now_s - rung_s > RING_EVERY_S:
            worker.require_alive()
            worker.ring()
            rung_s = now_s
        time.sleep(LOOK_EVERY_S)
