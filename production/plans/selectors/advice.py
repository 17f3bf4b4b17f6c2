"""An advisory plan beside what firms have done since: which runs they started where, and which lines they finished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import UUID

from django.db.models import QuerySet

from mes.core.actors import Actor
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from orders.sales.models import LineCompletion, SalesOrderLine
from production.plans.choices import RunStatus
from production.plans.models import Advice, AdvisedLine, AdvisedRun, RunPart

Begun = tuple[UUID, datetime]
"""The machine of a run that was begun, and when."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Of the runs advised to begin by now: begun on that machine, on another, not at all; `others`: for other members.

    deviation_min: median of the begun ones' minutes after the advised start, negative before it; None without any.
    Of the lines advised to be finished by now or finished already: sooner than advised, later or not yet, in time to
    the minute.
    """

    advised: int
    on_machine: int
    on_another: int
    not_begun: int
    others: int
    deviation_min: int | None
    lines_sooner: int
    lines_later: int
    lines_as_advised: int


@dataclass(frozen=True, slots=True)
class AdviceShown:
    """A firm's advice, and how far it was followed."""

    pk: UUID
    created_at: datetime
    zero_at: datetime
    followed: Followed


def advice_page(*, actor: Actor, limit: int, after: MomentKey | None = None) -> list[Advice]:
    """What the firm was advised, by time and key. Raises NotPermitted."""
    return page_after(_own(actor), by="created_at", after=after, limit=limit)


def advice_shown(rows: Sequence[Advice], *, now: datetime) -> list[AdviceShown]:
    """With how far each was followed until `now`. Four queries."""
    compared = followed(rows, now=now)
    return [AdviceShown(row.pk, row.created_at, row.zero_at, compared[row.pk]) for row in rows]


def advice_get(*, actor: Actor, advice_id: UUID, now: datetime) -> AdviceShown:
    """One advice of the firm. Raises NotFound, NotPermitted."""
    return advice_shown([_found(actor, advice_id)], now=now)[0]


def advised_runs_page(*, actor: Actor, advice_id: UUID, limit: int, after: MomentKey | None = None) -> list[AdvisedRun]:
    """The runs of one advice of the firm, by start and key. Raises NotFound, NotPermitted."""
    rows = AdvisedRun.objects.filter(advice=_found(actor, advice_id)).select_related("machine", "line__order")
    return page_after(rows, by="starts_at", after=after, limit=limit)


def advised_lines_page(
    *, actor: Actor, advice_id: UUID, limit: int, after: MomentKey | None = None
) -> list[AdvisedLine]:
    """The lines of one advice of the firm, by due date and key. Raises NotFound, NotPermitted."""
    rows = AdvisedLine.objects.filter(advice=_found(actor, advice_id)).select_related("line__order")
    return page_after(rows, by="due_at", after=after, limit=limit)


def followed(advice: Sequence[Advice], *, now: datetime) -> dict[UUID, Followed]:
    """By advice, as of `now`. Four queries; the reader sees his own."""
    keys = [row.pk for row in advice]
    runs: defaultdict[UUID, list[AdvisedRun]] = defaultdict(list)
    for run in AdvisedRun.objects.filter(advice__in=keys, starts_at__lte=now).order_by("starts_at", "pk"):
        runs[run.advice_id].append(run)
    lines: defaultdict[UUID, list[AdvisedLine]] = defaultdict(list)
    for line in AdvisedLine.objects.filter(advice__in=keys).select_related("line"):
        lines[line.advice_id].append(line)
    named = {run.line_id for its in runs.values() for run in its if run.line_id is not None}
    begun = _begun(named)
    finished = _finished({line.line_id: line.line for its in lines.values() for line in its})
    return {row.pk: _compared(runs[row.pk], lines[row.pk], _since(begun, row.zero_at), finished, now) for row in advice}


Work = tuple[UUID, str]
"""An order line and a process."""


def _begun(lines: Iterable[UUID]) -> dict[Work, list[Begun]]:
    """Runs that were begun, each once for a line, by start."""
    rows = RunPart.objects.filter(
        lot__line_id__in=list(lines),
        run__status__in=(RunStatus.STARTED, RunStatus.COMPLETED),
        run__started_at__isnull=False,
    ).order_by("run__started_at", "run_id")
    wanted = ("lot__line_id", "run__process", "run__machine_id", "run__started_at", "run_id")
    found: defaultdict[Work, list[Begun]] = defaultdict(list)
    for line_id, process, machine_id, started_at, _run in dict.fromkeys(rows.values_list(*wanted)):
        found[line_id, process].append((machine_id, started_at))
    return found


def _since(begun: Mapping[Work, list[Begun]], zero_at: datetime) -> dict[Work, list[Begun]]:
    return {work: [item for item in its if item[1] >= zero_at] for work, its in begun.items()}


def _finished(lines: Mapping[UUID, SalesOrderLine]) -> dict[UUID, datetime]:
    """When the last piece of each line that is complete was good."""
    pieces: defaultdict[UUID, int] = defaultdict(int)
    found: dict[UUID, datetime] = {}
    rows = LineCompletion.objects.filter(line_id__in=list(lines)).order_by("completed_at", "pk")
    for line_id, count, completed_at in rows.values_list("line_id", "pieces", "completed_at"):
        pieces[line_id] += count
        found[line_id] = completed_at
    return {line_id: at for line_id, at in found.items() if pieces[line_id] >= lines[line_id].pieces}


def _compared(
    runs: Sequence[AdvisedRun],
    lines: Sequence[AdvisedLine],
    begun: Mapping[Work, list[Begun]],
    finished: Mapping[UUID, datetime],
    now: datetime,
) -> Followed:
    own = [run for run in runs if run.line_id is not None]
    left = {work: list(its) for work, its in begun.items()}
    here = _matched(own, left, same_machine=True)
    there = _matched([run for run in own if run.pk not in here], left, same_machine=False)
    starts = {run.pk: run.starts_at for run in own}
    minutes = [round((at - starts[key]).total_seconds() / 60) for key, at in (here | there).items()]
    sooner, later, as_advised = _finishes(lines, finished, now)
    return Followed(
        advised=len(own),
        on_machine=len(here),
        on_another=len(there),
        not_begun=len(own) - len(here) - len(there),
        others=len(runs) - len(own),
        deviation_min=round(median(minutes)) if minutes else None,
        lines_sooner=sooner,
        lines_later=later,
        lines_as_advised=as_advised,
    )


def _matched(runs: Iterable[AdvisedRun], left: dict[Work, list[Begun]], *, same_machine: bool) -> dict[UUID, datetime]:
    """When each advised run was begun, the first of what is left for it; what is matched is left no more."""
    found: dict[UUID, datetime] = {}
    for run in runs:
        assert run.line_id is not None
        rest = left.get((run.line_id, run.process), [])
        item = next((item for item in rest if not same_machine or item[0] == run.machine_id), None)
        if item is not None:
            rest.remove(item)
            found[run.pk] = item[1]
    return found


def _finishes(lines: Iterable[AdvisedLine], finished: Mapping[UUID, datetime], now: datetime) -> tuple[int, int, int]:
    sooner = later = as_advised = 0
    for row in lines:
        done_at = finished.get(row.line_id)
        if row.finish_at is None:
            sooner += done_at is not None
        elif done_at is not None and abs((done_at - row.finish_at).total_seconds()) < 60:
            as_advised += 1
        elif done_at is not None and done_at < row.finish_at:
            sooner += 1
        elif done_at is not None or row.finish_at <= now:
            later += 1
    return sooner, later, as_advised


def _found(actor: Actor, advice_id: UUID) -> Advice:
    row = _own(actor).filter(pk=advice_id).first()
    if row is None:
        raise NotFound
    return row


def _own(actor: Actor) -> QuerySet[Advice]:
    if actor.firm_id is None:
        raise NotPermitted
    return Advice.objects.filter(firm_id=actor.firm_id)
