"""The job `award.solve`: poses the problem, searches outside of any transaction, and stores what the judge passes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import business_now, stopwatch_s
from mes.core.jobs import Lease
from mes.core.states import move
from mes.core.wall import wall
from procurement.award.check import check_problem
from procurement.award.codec import load
from procurement.award.errors import AwardError
from procurement.award.record import Record
from procurement.awards.choices import SEARCH_NEXT, Answer, PlanKind, PlanStatus, SearchKind, SearchStatus
from procurement.awards.models import MOST_SAID, Allocation, AwardRun, AwardSearch, FirmShare
from procurement.awards.selectors.problem import FirmLine, Posed, award_problem_of, line_key
from procurement.awards.services.alive import kept_alive
from procurement.awards.services.finding import Bought, Found, Limits, in_lots, overridden, solved
from procurement.awards.services.keeping import keep
from procurement.awards.services.searching import SEARCHABLE
from procurement.awards.services.storing import candidates_set_aside, plan_store, run_store
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import Round
from procurement.rounds.services.moves import round_moved
from procurement.rounds.services.rounds import round_locked

_MOST_BROKEN = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    """`bought`: what is judged instead of searched. `before`: the search that it is compared with."""

    kind: SearchKind
    posed: Posed
    bought: Bought
    before: Record | None
    run_id: UUID | None


def solve(lease: Lease) -> None:
    """Payload `search_id`. A search that is over, or whose round has moved on, ends the job without a plan."""
    search_id = UUID(lease.payload["search_id"])
    asked = _begin(search_id, lease)
    if asked is None:
        with lease.committing():
            _end(search_id, SearchStatus.STALE)
        return
    with kept_alive(lease):
        found, said = _found(asked)
    with lease.committing():
        _commit(search_id, asked, found, said)


def given_up(payload: Mapping[str, Any]) -> None:
    """The job has failed for good: its search does not stay queued. The job's row says why."""
    _end(UUID(payload["search_id"]), SearchStatus.FAILED, _("The search was given up after several attempts."))


def opted_out(round_id: UUID) -> frozenset[FirmLine]:
    """Who has opted out of which line in any turn of the round."""
    rows = FirmShare.objects.filter(plan__round_id=round_id, answer=Answer.OPTED_OUT)
    return frozenset((code, line_key(number)) for code, number in rows.values_list("firm__code", "line__number"))


def _begin(search_id: UUID, lease: Lease) -> _Asked | None:
    with wall(DatabaseRole.PLANNER):
        lease.renew()
    with wall(DatabaseRole.PLANNER, snapshot=True):
        search = AwardSearch.objects.select_related("round").get(pk=search_id)
        if not _is_timely(search, search.round):
            return None
        kind = SearchKind(search.kind)
        day = localdate(business_now())
        posed = award_problem_of(round_id=search.round_id, day=day, without=opted_out(search.round_id))
        run = AwardRun.objects.filter(round_id=search.round_id).order_by("-created_at").first()
        before = None if run is None else load(Record, json.dumps(run.record))
        return _Asked(kind, posed, _bought(search, kind), before, None if run is None else run.pk)


def _is_timely(search: AwardSearch, row: Round) -> bool:
    wanted = {RoundStatus.CONFIRMING} if search.kind == SearchKind.KEEP else SEARCHABLE
    return (
        search.status == SearchStatus.QUEUED
        and row.status in wanted
        and row.suspended_at is None
        and search.turn == row.opt_outs_solved
    )


def _bought(search: AwardSearch, kind: SearchKind) -> Bought:
    if kind is SearchKind.OVERRIDE:
        return {(line_key(line), supplier): kg for line, supplier, kg in search.purchases}
    if kind is SearchKind.SOLVE:
        return {}
    rows = Allocation.objects.filter(
        share__plan__round_id=search.round_id, share__plan__status=PlanStatus.PROPOSED
    ).exclude(share__answer=Answer.OPTED_OUT)
    kept = rows.values_list("award_line__line__number", "award_line__supplier__code").annotate(Sum("kg"))
    return {(line_key(line), supplier): kg for line, supplier, kg in kept}


def _found(asked: _Asked) -> tuple[Found, str]:
    """What is found, and in words why nothing is."""
    limits = Limits(float(settings.AWARD_SECONDS), stopwatch_s)
    problem = asked.posed.problem
    try:
        check_problem(problem)
        if asked.kind is SearchKind.SOLVE:
            found = solved(problem, limits)
        elif asked.before is None:
            return Found(), _("There is no search to compare with.")
        else:
            is_kept = asked.kind is SearchKind.KEEP
            found = overridden(
                problem,
                in_lots(problem, asked.bought) if is_kept else asked.bought,
                instead_of=asked.before.award,
                lowest_mfen=None if is_kept else asked.before.bound_mfen,
                kind=PlanKind.KEPT if is_kept else PlanKind.OVERRIDE,
                limits=limits,
            )
    except AwardError as error:
        return Found(), str(error)
    return found, "; ".join(f"{rule.where}: {rule.text}" for rule in found.broken[:_MOST_BROKEN])


def _commit(search_id: UUID, asked: _Asked, found: Found, said: str) -> None:
    search = AwardSearch.objects.get(pk=search_id)
    row = round_locked(round_id=search.round_id)
    if not _is_timely(search, row):
        _end(search_id, SearchStatus.STALE)
    elif asked.kind is SearchKind.KEEP:
        said = keep(search, row, asked.run_id, asked.posed, found.made, said, now=business_now())
        _end(search_id, SearchStatus.REFUSED if said else SearchStatus.DONE, said)
    elif not found.made:
        _end(search_id, SearchStatus.REFUSED, said)
    else:
        _store(search, row, asked, found)
        _end(search_id, SearchStatus.DONE, _fallen_back(found))


def _store(search: AwardSearch, row: Round, asked: _Asked, found: Found) -> None:
    kinds: Sequence[PlanKind] = ()
    if found.record is None:
        run = _run(asked)
    else:
        run = run_store(row, found.record)
        kinds = (PlanKind.OPTIMAL, PlanKind.GREEDY)
    candidates_set_aside(row, kinds=kinds)
    for made in found.made:
        plan_store(search, run, asked.posed, made)
    if row.status == RoundStatus.OPENED:
        round_moved(actor=system_actor(), row=row, to=RoundStatus.PROPOSED, now=business_now())


def _run(asked: _Asked) -> AwardRun:
    """The search that it is compared with. Only what has one is judged."""
    if asked.run_id is None:
        raise LookupError("There is no search to compare with.")
    return AwardRun.objects.get(pk=asked.run_id)


def _fallen_back(found: Found) -> str:
    if found.record is not None and found.record.made_by == "greedy":
        return _("The search found nothing better than the greedy award, which stands for it.")
    return ""


def _end(search_id: UUID, status: SearchStatus, said: str = "") -> None:
    search = AwardSearch.objects.filter(pk=search_id, status=SearchStatus.QUEUED).first()
    if search is not None:
        move(search, status, moves=SEARCH_NEXT, said=said[:MOST_SAID], finished_at=business_now())
