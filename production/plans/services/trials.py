"""Trial calculations: a firm's planner asks what a pin, a sequence, a more urgent line or a rush order would do to the
firm's own plan, and then says yes or no.

The changes are made by the services that the planner would call, inside a savepoint that is taken back: the problem is
read without and with them. A job calculates, because it takes a second or some. The acceptance makes them for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mes.core import audit, jobs, locks
from mes.core.actors import Actor
from mes.core.clock import BusinessNow, DatabaseNow
from mes.core.errors import DomainError, InvalidValue, NotFound
from mes.core.states import move
from mes.firms.access import require, required_firm
from orders.sales.models import SalesOrder
from production.planning.codec import problem_dump, problem_load, schedule_dump, schedule_load
from production.planning.problem import Problem
from production.planning.schedule import Schedule
from production.plans.choices import TRIAL_NEXT, TrialStatus
from production.plans.models import Trial, TrialProblem
from production.plans.selectors.trials import OwnPlan, own_plan
from production.plans.services.artefacts import pack, unpack
from production.plans.services.staleness import has_less_material
from production.plans.services.trial_changes import (
    MOST_CHANGES,
    NOBODY,
    Changes,
    changes_dump,
    changes_load,
    changes_make,
)

CALCULATE = "trial.calculate"
VALID_FOR = timedelta(hours=2)
LIMIT_OVER = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)


class TooManyTrials(DomainError):
    """The firm has asked too often within an hour."""

    code = "too_many_trials"
    status = HTTPStatus.TOO_MANY_REQUESTS
    text = _("Your firm has asked for too many trial calculations within an hour. Try again later.")
    retry_after_s = 60


class TrialOverdue(DomainError):
    """What was calculated no longer holds."""

    code = "trial_overdue"
    text = _("Your plan has changed, or too much time has passed: this answer does not hold any more. Ask again.")


class _TakenBack(Exception):
    """Ends the savepoint of changes that are only tried."""


@transaction.atomic
def trial_ask(*, actor: Actor, changes: Changes, now: datetime) -> Trial:
    """Queues the calculation of what the changes, all together, would do. Nothing is changed by it.

    Raises what the changes themselves would raise, with pointers (`/pins/0/machine`); InvalidValue for none or too
    many; NotPermitted, NotAllowedInState for a firm that the park's plan leaves out, TooManyTrials.
    """
    firm_id = required_firm(actor, "trial.ask")
    _check_limit(firm_id)
    if not 0 < changes.count() <= MOST_CHANGES:
        raise InvalidValue(_("Name some changes to try, and not too many."))
    zero_at = now.replace(second=0, microsecond=0)
    before = own_plan(firm_id=firm_id, zero_at=zero_at)
    after, made = _tried(actor, firm_id, changes, now, zero_at)
    trial = Trial.objects.create(
        firm_id=firm_id,
        asked_at=now,
        zero_at=zero_at,
        expires_at=now + VALID_FOR,
        changes=changes_dump(changes),
    )
    TrialProblem.objects.filter(trial__created_at__lt=DatabaseNow() - KEPT_FOR, firm_id=firm_id).delete()
    TrialProblem.objects.create(
        firm_id=firm_id,
        trial=trial,
        before=pack(problem_dump(before.problem)),
        after=pack(problem_dump(after.problem)),
        schedule=pack(schedule_dump(before.schedule)),
        names={"lines": _names(after, made), "elsewhere": dict(before.elsewhere)},
    )
    jobs.enqueue(kind=CALCULATE, payload={"trial_id": str(trial.pk)}, firm_id=firm_id)
    _record(actor, trial, "trial.ask", {"changes": changes.count()})
    return trial


@transaction.atomic
def trial_accept(*, actor: Actor, trial_id: UUID, now: datetime, customer_name: str | None = None) -> Trial:
    """told → accepted: the changes are made, and the plan is repaired. `customer_name`: of the rush orders in it.

    Raises NotFound, NotPermitted, NotAllowedInState, TrialOverdue when its time is over or the firm's plan has changed
    since in a way that matters; InvalidValue without a customer for a rush order, and what the changes raise by now.
    """
    trial = _locked(actor, trial_id, "trial.accept")
    if Trial.objects.filter(pk=trial_id, expires_at__lte=BusinessNow()).exists():
        raise TrialOverdue
    changes = changes_load(trial.changes)
    if changes.orders and not (customer_name or "").strip():
        raise InvalidValue(_("Name the customer."), pointer="/customer_name")
    moved = move(trial, TrialStatus.ACCEPTED, moves=TRIAL_NEXT)
    kept = TrialProblem.objects.filter(trial=trial).first()
    if kept is None or not _holds(kept, own_plan(firm_id=trial.firm_id, zero_at=trial.zero_at)):
        raise TrialOverdue
    made = changes_make(actor=actor, changes=changes, now=now, customer_name=customer_name or NOBODY)
    trial.orders_made = [str(order.pk) for order in made]
    trial.save(update_fields=["orders_made"])
    _record(actor, trial, "trial.accept", moved | {"orders": len(made)})
    return trial


@transaction.atomic
def trial_decline(*, actor: Actor, trial_id: UUID) -> Trial:
    """queued or told → declined: nothing is changed. Raises NotFound, NotPermitted, NotAllowedInState."""
    trial = _locked(actor, trial_id, "trial.decline")
    moved = move(trial, TrialStatus.DECLINED, moves=TRIAL_NEXT)
    _record(actor, trial, "trial.decline", moved)
    return trial


def _tried(
    actor: Actor, firm_id: UUID, changes: Changes, now: datetime, zero_at: datetime
) -> tuple[OwnPlan, list[SalesOrder]]:
    """The firm's plan as it is read with the changes; they are taken back."""
    found: list[tuple[OwnPlan, list[SalesOrder]]] = []
    try:
        with transaction.atomic():
            made = changes_make(actor=actor, changes=changes, now=now, customer_name=NOBODY)
            found.append((own_plan(firm_id=firm_id, zero_at=zero_at), made))
            raise _TakenBack
    except _TakenBack:
        return found[0]


def _names(plan: OwnPlan, made: list[SalesOrder]) -> dict[str, Any]:
    """What stands behind the keys of lines: the line's own key and its order's number, or which new order it is."""
    number_of = {order.number: index for index, order in enumerate(made)}
    names: dict[str, Any] = {}
    for key, reference in plan.lines.items():
        number = key.partition(":")[2].rpartition(":")[0]
        index = number_of.get(number)
        names[key] = (
            {"sales_order_line_id": str(reference.line_id), "sales_order_number": number, "order": None}
            if index is None
            else {"sales_order_line_id": None, "sales_order_number": None, "order": index}
        )
    return names


def _check_limit(firm_id: UUID) -> None:
    asked = Trial.objects.filter(firm_id=firm_id, created_at__gt=DatabaseNow() - LIMIT_OVER)
    if asked.count() >= settings.TRIALS_PER_HOUR:
        raise TooManyTrials


def _locked(actor: Actor, trial_id: UUID, verb: str) -> Trial:
    """The firm's trial. Its live plan is locked: no publication comes between."""
    seen = Trial.objects.only("firm_id").filter(pk=trial_id).first()
    if seen is None:
        raise NotFound
    require(actor, verb, seen)
    locks.lock_firms([seen.firm_id])
    return Trial.objects.select_for_update(of=("self",)).get(pk=trial_id)


def _holds(kept: TrialProblem, now: OwnPlan) -> bool:
    """Whether nothing has changed that the answer rests on. More material, or reported pieces, do not count."""
    before = problem_load(unpack(kept.before))
    same = _essence(before, schedule_load(unpack(kept.schedule))) == _essence(now.problem, now.schedule)
    return same and not has_less_material(before=before, now=now.problem)


def _essence(problem: Problem, plan: Schedule) -> tuple[Any, ...]:
    fixed = frozenset(run for lot in problem.fixed_lots for run in lot.runs)
    runs = frozenset((run.machine, run.start_min, run.end_min, run.family) for run in plan.runs)
    kept = (
        problem.lines,
        problem.machines,
        problem.calendars,
        problem.changeovers,
        problem.pools,
        problem.pins,
        problem.sequences,
    )
    return (*(frozenset(rows) for rows in kept), fixed, runs)


def _record(actor: Actor, trial: Trial, verb: str, changes: Mapping[str, Any]) -> None:
    audit.record(actor=actor, verb=verb, obj=trial, firm_id=trial.firm_id, changes=changes)
