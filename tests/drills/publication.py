"""A plan of the whole park that publishes itself, and what the database holds of it. Needs Django set up."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import psycopg

from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.wall import wall
from production.planning.codec import problem_load, schedule_dump
from production.planning.engine.budget import Budget
from production.planning.pieces import plan_in_pieces
from production.planning.planner import steps_for
from production.plans.models import PlanArtefact
from production.plans.services.artefacts import unpack
from production.plans.services.runs import plan_run_start

Sql = psycopg.Connection[tuple[object, ...]]

HELD = """
    SELECT (SELECT state FROM plans_planrun WHERE id = %(run)s),
           (SELECT count(*) FROM plans_publication WHERE run_id = %(run)s),
           (SELECT count(*) FROM core_outboxevent
             WHERE topic = 'plan.published' AND payload->>'run_id' = %(run)s::text),
           (SELECT count(*) FROM core_auditrow WHERE verb = 'plan_run.published' AND object_id = %(run)s),
           (SELECT attempts FROM core_backgroundjob
             WHERE kind = 'plan.compute' AND payload->>'run_id' = %(run)s::text)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What is there of a run: its state, how often it was published, told and noted, how often its job was taken."""

    state: str
    publications: int
    events: int
    audit_rows: int
    attempts: int

    @property
    def is_published_once(self) -> bool:
        return (self.state, self.publications, self.events, self.audit_rows) == ("published", 1, 1, 1)


def plan_started() -> UUID:
    with wall(DatabaseRole.PLANNER):
        return plan_run_start(actor=system_actor(), now=business_now(), publishes_itself=True).pk


def has_tried(sql: Sql, run_id: UUID, rules: int) -> bool:
    """Whether the run has begun and so many rules are done with."""
    state, tried = _one(sql, "SELECT state, jsonb_array_length(rule_log) FROM plans_planrun WHERE id = %(run)s", run_id)
    return state != "queued" and int(str(tried)) >= rules


def is_taken_again(sql: Sql, run_id: UUID) -> bool:
    """Whether a second worker has taken the run's job, or the first has done it."""
    return is_over(sql, run_id) or held(sql, run_id).attempts > 1


def is_over(sql: Sql, run_id: UUID) -> bool:
    return held(sql, run_id).state not in ("queued", "running")


def held(sql: Sql, run_id: UUID) -> Held:
    state, *numbers = _one(sql, HELD, run_id)
    return Held(str(state), *(int(str(number)) for number in numbers))


def is_repeated_alike(run_id: UUID) -> bool:
    """Whether the same problem gives the stored plan again, byte for byte."""
    with wall(DatabaseRole.PLANNER):
        artefact = PlanArtefact.objects.get(run_id=run_id)
    problem = problem_load(unpack(artefact.problem))
    again = plan_in_pieces(problem, seed=problem.options.seed, budget=Budget(iterations=steps_for(problem)))
    return schedule_dump(again.schedule) == unpack(artefact.schedule)


def _one(sql: Sql, query: str, run_id: UUID) -> tuple[object, ...]:
    found = sql.execute(query, {"run": run_id}).fetchone()
    assert found is not None
    return found
