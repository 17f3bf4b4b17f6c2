"""The job that calculates a trial, and the answer in words for the firm that asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from mes.core.actors import DatabaseRole
from mes.core.jobs import Lease
from mes.core.wall import wall
from production.planning.codec import problem_load, schedule_load
from production.planning.moves import Move
from production.planning.trial import LineChange, Tried, tried
from production.plans.choices import TrialOutcome, TrialStatus
from production.plans.models import Trial, TrialProblem
from production.plans.services.artefacts import unpack


def calculate(lease: Lease) -> None:
    """Payload `trial_id`. One that was declined meanwhile ends the job without work."""
    trial_id = UUID(lease.payload["trial_id"])

    def alive() -> None:
        with wall(DatabaseRole.PLANNER):
            lease.renew()

    with wall(DatabaseRole.PLANNER, snapshot=True):
        kept = TrialProblem.objects.filter(trial_id=trial_id, trial__status=TrialStatus.QUEUED).first()
        trial = Trial.objects.get(pk=trial_id)
    if kept is None:
        with lease.committing():
            return
    plan = schedule_load(unpack(kept.schedule))
    found = tried(
        problem_load(unpack(kept.before)),
        problem_load(unpack(kept.after)),
        plan.lots,
        plan.runs,
        elsewhere=kept.names["elsewhere"],
        alive=alive,
    )
    answer = answer_told(found, names=kept.names["lines"], zero_at=trial.zero_at)
    with lease.committing():
        Trial.objects.filter(pk=trial_id, status=TrialStatus.QUEUED).update(status=TrialStatus.TOLD, answer=answer)


def given_up(payload: Mapping[str, Any]) -> None:
    """The job has failed for good: the trial does not stay queued."""
    waiting = Trial.objects.filter(pk=UUID(payload["trial_id"]), status=TrialStatus.QUEUED)
    waiting.update(status=TrialStatus.FAILED)


def answer_told(found: Tried, *, names: Mapping[str, dict[str, Any]], zero_at: datetime) -> dict[str, Any]:
    """`lines` that change, runs that move (`moves`), and the set-up minutes of the firm's plan before and after."""

    def at(minute: int | None) -> str | None:
        return None if minute is None else timezone.localtime(zero_at + timedelta(minutes=minute)).isoformat()

    def line(change: LineChange) -> dict[str, Any]:
        return names[change.line] | {
            "due_at": at(change.due_min),
            "outcome": _outcome(change),
            "finish_before_at": at(change.finish_before_min),
            "finish_at": at(change.finish_min),
            "late_before_min": _late(change, change.finish_before_min),
            "late_min": _late(change, change.finish_min),
        }

    def moved(move: Move) -> dict[str, Any]:
        return names[move.before.line] | {
            "process": move.before.process,
            "machine_before": _code(move.before.machine),
            "started_before_at": at(move.before.start_min),
            "machine": None if move.machine is None else _code(move.machine),
            "starts_at": at(move.start_min),
        }

    return {
        "lines": [line(change) for change in found.lines],
        "moves": [moved(move) for move in found.moves],
        "setup_before_min": found.setup_before_min,
        "setup_min": found.setup_min,
    }


def _late(change: LineChange, finish_min: int | None) -> int | None:
    return None if finish_min is None else max(0, finish_min - change.due_min)


def _outcome(change: LineChange) -> TrialOutcome:
    if change.finish_min is None:
        return TrialOutcome.NO_PLACE
    late_min = _late(change, change.finish_min) or 0
    if change.is_new:
        return TrialOutcome.LATE if late_min else TrialOutcome.IN_TIME
    if change.finish_before_min is None or change.finish_min < change.finish_before_min:
        return TrialOutcome.EARLIER
    return TrialOutcome.LATE if late_min else TrialOutcome.LATER


def _code(key: str) -> str:
    """A machine's own code: its key begins with its firm's."""
    return key.partition(":")[2]
