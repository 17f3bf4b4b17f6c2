"""Who asks for a search of the award: an officer, or the opening itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit, jobs
from mes.core.actors import Actor, DatabaseRole
from mes.core.bounds import check_text, check_whole_number
from mes.core.errors import InvalidValue, NotAllowedInState
from mes.core.wall import wall
from mes.firms.access import require
from procurement.awards.choices import SearchKind, SearchStatus
from procurement.awards.models import AwardSearch
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.models import MOST_KG, MOST_REASON, Round
from procurement.rounds.services.rounds import round_locked

SOLVE = "award.solve"
SEARCHABLE = frozenset({RoundStatus.OPENED, RoundStatus.PROPOSED})
MOST_PURCHASES = 2_000


@dataclass(frozen=True, slots=True)
class Purchase:
    """So many kg of a line from a supplier, by the line's number and the supplier's code."""

    line: int
    supplier: str
    kg: int


@transaction.atomic
def award_search_start(*, actor: Actor, round_id: UUID, now: datetime) -> AwardSearch:
    """Searches the award of a round whose quotations are opened, again if need be.

    Raises NotFound, NotAllowedInState, also while another search is under way, NotPermitted, also for an officer with
    an interest in the round.
    """
    row = _searchable(actor, "award.search", round_id)
    search = AwardSearch.objects.create(round=row, turn=row.opt_outs_solved, asked_by_id=actor.user_id)
    _ring(search)
    audit.record(actor=actor, verb="award.search", obj=row, firm_id=None, changes={"turn": search.turn})
    return search


@transaction.atomic
def award_override(
    *, actor: Actor, round_id: UUID, purchases: Sequence[Purchase], reason: str, now: datetime
) -> AwardSearch:
    """Asks for an award of what the officer chose to buy: priced and judged by a worker, stored if it keeps the rules.

    Raises as award_search_start, InvalidValue with a pointer to the purchase or the reason.
    """
    row = _searchable(actor, "award.override", round_id)
    check_text(reason, MOST_REASON, "/reason")
    told = _checked(row, purchases)
    search = AwardSearch.objects.create(
        round=row,
        kind=SearchKind.OVERRIDE,
        turn=row.opt_outs_solved,
        asked_by_id=actor.user_id,
        purchases=told,
        reason=reason,
    )
    _ring(search)
    audit.record(actor=actor, verb="award.override", obj=row, firm_id=None, changes={"reason": reason})
    return search


def search_by_itself(*, round_id: UUID, turn: int, kind: SearchKind = SearchKind.SOLVE) -> None:
    """One search for each turn of a round. Under the planner's role; twice does no harm."""
    search, made = AwardSearch.objects.get_or_create(round_id=round_id, turn=turn, kind=kind, asked_by_id=None)
    if made:
        _ring(search)


def on_moved(payload: Mapping[str, Any]) -> None:
    """A round's quotations were opened: its award is searched."""
    if payload["status"] != RoundStatus.OPENED:
        return
    with wall(DatabaseRole.PLANNER):
        row = Round.objects.filter(pk=UUID(payload["round_id"]), status=RoundStatus.OPENED).first()
        if row is not None:
            search_by_itself(round_id=row.pk, turn=row.opt_outs_solved)


def _searchable(actor: Actor, verb: str, round_id: UUID) -> Round:
    require(actor, verb)
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=round_id)
    if row.status not in SEARCHABLE or row.suspended_at is not None:
        raise NotAllowedInState(_("An award is searched once the quotations are opened, until it is put to the firms."))
    if AwardSearch.objects.filter(round=row, status=SearchStatus.QUEUED).exists():
        raise NotAllowedInState(_("A search is under way."))
    return row


def _ring(search: AwardSearch) -> None:
    jobs.enqueue(kind=SOLVE, payload={"search_id": str(search.pk)}, key=str(search.pk))


def _checked(row: Round, purchases: Sequence[Purchase]) -> list[list[int | str]]:
    if not 0 < len(purchases) <= MOST_PURCHASES:
        raise InvalidValue(_("Say what is bought."), pointer="/purchases")
    lines = set(row.lines.values_list("number", flat=True))
    seen: set[tuple[int, str]] = set()
    for index, item in enumerate(purchases):
        place = f"/purchases/{index}"
        check_whole_number(item.kg, MOST_KG, f"{place}/kg")
        if item.line not in lines:
            raise InvalidValue(_("The round has no such line."), pointer=f"{place}/line")
        if (item.line, item.supplier) in seen:
            raise InvalidValue(_("It is there twice."), pointer=place)
        seen.add((item.line, item.supplier))
    return [[item.line, item.supplier, item.kg] for item in purchases]
