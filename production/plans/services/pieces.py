"""Pieces of a plan, improved by whoever is free: the run's own worker, and others by a job for each piece.

A piece belongs to a run and to the token under which it was cut. At most PLAN_PIECES are in work at a time: whoever has
done one by a job queues the next that waits. The run's own worker takes those that wait from the other end, then those
whose job nobody has begun, whose worker has died, or that take too long.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from mes.core import jobs
from mes.core.actors import DatabaseRole
from mes.core.choices import JobState
from mes.core.clock import database_now, stopwatch_s
from mes.core.jobs import Lease
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from production.planning.codec import schedule_dump, schedule_load
from production.planning.pieces import Piece, piece_dump, piece_load, solve_piece
from production.planning.schedule import Schedule
from production.plans.choices import PlanRunState
from production.plans.models import PlanPiece
from production.plans.services.artefacts import pack, unpack

IMPROVE = "plan.improve_piece"
LOOK_EVERY_S = 4.0
WAIT_S = 0.5
MOST_WAIT_S = 120.0
"""A piece that another worker has had for so long, the run's own worker does as well."""


@dataclass(slots=True)
class Crew:
    """Solves pieces for a run that is being computed. is_discarded: whether the run was dropped; renews the lease."""

    run_id: UUID
    lease: Lease
    is_discarded: Callable[[], bool]
    most_wait_s: float = MOST_WAIT_S
    _mine: dict[str, Schedule | None] = field(default_factory=dict)

    def solve(self, pieces: Sequence[Piece]) -> Sequence[Schedule | None] | None:
        """Answers in the order of the pieces; None when the run was dropped. Raises LeaseLost."""
        helpers = min(settings.PLAN_PIECES, len(pieces)) - 1
        if helpers < 1:
            return self._alone(pieces)
        self._mine = {}
        by_key = {piece.key: piece for piece in pieces}
        self._lay_out(pieces, helpers)
        started_s = stopwatch_s()
        while len(self._mine) < len(pieces):
            if self.is_discarded():
                return None
            key, is_shared = self._next(is_late=stopwatch_s() - started_s > self.most_wait_s)
            if key is None:
                if self._are_done():
                    break
                time.sleep(WAIT_S)
            elif not self._do(by_key[key], workers=1 if is_shared else settings.PLAN_CORES):
                return None
        return self._gathered(pieces)

    def _alone(self, pieces: Sequence[Piece]) -> Sequence[Schedule | None] | None:
        for piece in pieces:
            if not self._do(piece, workers=settings.PLAN_CORES):
                return None
        return [self._mine[piece.key] for piece in pieces]

    def _do(self, piece: Piece, *, workers: int) -> bool:
        answer = solve_piece(piece, workers=workers, should_stop=self.is_discarded)
        self._mine[piece.key] = answer
        return not self.is_discarded()

    def _lay_out(self, pieces: Sequence[Piece], helpers: int) -> None:
        """Rows for the pieces in the place of all older ones of the run, and jobs for the first."""
        rows = [self._row(piece.key, piece_dump(piece)) for piece in pieces]
        with wall(DatabaseRole.PLANNER):
            self.lease.renew()
            pieces_forget(run_id=self.run_id)
            PlanPiece.objects.bulk_create(rows)
            for _helper in range(helpers):
                piece_queue_next(run_id=self.run_id, token=self.lease.token)

    def _row(self, key: str, text: str) -> PlanPiece:
        input_hash = hashlib.sha256(text.encode()).hexdigest()
        return PlanPiece(run_id=self.run_id, key=key, token=self.lease.token, input_hash=input_hash, work=pack(text))

    def _rows(self) -> QuerySet[PlanPiece]:
        return PlanPiece.objects.filter(run_id=self.run_id, token=self.lease.token)

    def _next(self, *, is_late: bool) -> tuple[str | None, bool]:
        """A piece that this worker shall do, and whether others are at work on pieces."""
        with wall(DatabaseRole.PLANNER):
            open_rows = list(self._rows().filter(is_done=False, is_kept=False).order_by("-key").defer("work", "answer"))
            now = database_now()
            held = set(
                BackgroundJob.objects.filter(
                    pk__in=[row.job_id for row in open_rows if row.job_id], state=JobState.RUNNING, lease_until__gt=now
                ).values_list("pk", flat=True)
            )
            order = sorted(open_rows, key=lambda row: row.job_id is not None)
            free = [row for row in order if row.job_id not in held or is_late]
            for row in free:
                mine = self._rows().filter(pk=row.pk, is_done=False, is_kept=False, job_id=row.job_id)
                if mine.update(is_kept=True):
                    return row.key, bool(held)
            return None, bool(held)

    def _are_done(self) -> bool:
        with wall(DatabaseRole.PLANNER):
            return not self._rows().filter(is_done=False, is_kept=False).exists()

    def _gathered(self, pieces: Sequence[Piece]) -> Sequence[Schedule | None]:
        """This worker's answers and the others'."""
        with wall(DatabaseRole.PLANNER):
            self.lease.renew()
            found = {
                row.key: None if row.answer is None else schedule_load(unpack(row.answer))
                for row in self._rows().filter(is_done=True).exclude(key__in=self._mine).defer("work")
            }
            pieces_forget(run_id=self.run_id)
        found |= self._mine
        return [found[piece.key] for piece in pieces]


def improve(lease: Lease) -> None:
    """The job `plan.improve_piece`: payload `piece_id`, `run_id`, `token`, `input_hash`.

    A piece that is not wanted any more (its run was dropped, or is computed by another worker since) is left alone.
    """
    run_id, token = UUID(lease.payload["run_id"]), int(lease.payload["token"])
    watch = _Watch(lease)
    with wall(DatabaseRole.PLANNER):
        lease.renew()
        row = watch.wanted().first()
    if row is None:
        with lease.committing():
            return
    piece = piece_load(unpack(row.work))
    answer = solve_piece(piece, should_stop=watch.is_called_off)
    with lease.committing():
        if watch.called_off or not watch.wanted().exists():
            return
        packed = None if answer is None else pack(schedule_dump(answer))
        watch.wanted().update(is_done=True, answer=packed)
        piece_queue_next(run_id=run_id, token=token)


def piece_queue_next(*, run_id: UUID, token: int) -> None:
    """A job for the first piece that waits, if any does. Needs the planner's wall."""
    waiting = PlanPiece.objects.filter(run_id=run_id, token=token, job_id=None, is_kept=False, is_done=False)
    row = waiting.select_for_update(of=("self",), skip_locked=True).order_by("key").defer("work", "answer").first()
    if row is None:
        return
    payload = {"piece_id": str(row.pk), "run_id": str(run_id), "token": token, "input_hash": row.input_hash}
    PlanPiece.objects.filter(pk=row.pk).update(job_id=jobs.enqueue(kind=IMPROVE, payload=payload))


def pieces_forget(*, run_id: UUID) -> None:
    """The pieces of a run that nobody will merge any more. Needs the planner's wall."""
    PlanPiece.objects.filter(run_id=run_id).delete()


@dataclass(slots=True)
class _Watch:
    """Looks now and then whether a piece is still wanted, and renews the lease with it."""

    lease: Lease
    called_off: bool = False
    looked_s: float = field(default_factory=stopwatch_s)

    def wanted(self) -> QuerySet[PlanPiece]:
        """The piece's row, if its run is still computed under the same token and nobody else has done it."""
        payload = self.lease.payload
        return PlanPiece.objects.filter(
            pk=UUID(payload["piece_id"]),
            token=payload["token"],
            input_hash=payload["input_hash"],
            run__state=PlanRunState.RUNNING,
            is_kept=False,
            is_done=False,
        )

    def is_called_off(self) -> bool:
        now_s = stopwatch_s()
        if now_s - self.looked_s > LOOK_EVERY_S:
            self.looked_s = now_s
            with wall(DatabaseRole.PLANNER):
                self.lease.renew()
                self.called_off = not self.wanted().exists()
        return self.called_off
