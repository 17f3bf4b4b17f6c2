"""Reads of savings: a firm's own, and what a round told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from mes.core.actors import Actor
from mes.core.changes import changed_since
from mes.core.errors import NotFound, NotPermitted
from mes.core.keyset import MomentKey, page_after
from procurement.benchmarks.choices import EvidenceGrade
from procurement.rounds.models import Round
from procurement.savings.models import RoundSaving, SavingLine
from procurement.savings.selectors.headline import Counted, Headline, headline_of
from procurement.savings.selectors.landed import Band


@dataclass(frozen=True, slots=True)
class Summary:
    """What a firm saved in a round. `goods_fen`, `alone_fen`: of the lots for which the second comparison is known,
    what was paid for the goods and what the same quotations would have charged the firm alone. `told`: of the round.
    """

    round_id: UUID
    lots: int
    headline: Headline
    goods_fen: int
    alone_fen: int
    told: RoundSaving | None


def latest(rows: QuerySet[SavingLine]) -> QuerySet[SavingLine]:
    """Without what a later revision has taken the place of."""
    newer = SavingLine.objects.filter(part_id=OuterRef("part_id"), revision__gt=OuterRef("revision"))
    return rows.exclude(Exists(newer)).order_by("number")


def counted(line: SavingLine) -> Counted:
    market = Band(line.market_low_fen, line.market_mid_fen, line.market_high_fen)
    return Counted(EvidenceGrade(line.grade), line.landed_fen, market)


def savings_page(
    *, actor: Actor, limit: int, after: MomentKey | None = None, updated_since: datetime | None = None
) -> list[SavingLine]:
    """The firm's own, by time and key, as they hold now."""
    rows = changed_since(_own(actor), kind="resin_saving", firm_id=actor.firm_id, since=updated_since)
    return page_after(rows, by="created_at", after=after, limit=limit)


def saving_get(*, actor: Actor, saving_id: UUID) -> SavingLine:
    """One of them, also one that a revision has replaced. Raises NotFound."""
    row = _of_firm(actor).filter(pk=saving_id).first()
    if row is None:
        raise NotFound
    return row


def savings_summary(*, actor: Actor, round_id: UUID) -> Summary:
    """Of nothing where the firm has no saving in the round. Raises NotFound, NotPermitted."""
    lines = list(_own(actor).filter(round_id=round_id))
    if not Round.objects.filter(pk=round_id).exists():
        raise NotFound
    alone = [line for line in lines if line.alone_fen is not None]
    return Summary(
        round_id=round_id,
        lots=len(lines),
        headline=headline_of(counted(line) for line in lines),
        goods_fen=sum(line.net_fen + line.balancing_fen for line in alone),
        alone_fen=sum(line.alone_fen or 0 for line in alone),
        told=RoundSaving.objects.filter(round_id=round_id).first(),
    )


def headline_told(row: RoundSaving) -> Headline | None:
    """None where it is withheld."""
    if row.spend_fen is None or row.evidenced_fen is None:
        return None
    market = Band(row.market_low_fen or 0, row.market_mid_fen or 0, row.market_high_fen or 0)
    return Headline(row.spend_fen, row.evidenced_fen, market)


_SHOWN = ("round", "part__order__line__material", "part__order__supplier")


def _own(actor: Actor) -> QuerySet[SavingLine]:
    return latest(_of_firm(actor))


def _of_firm(actor: Actor) -> QuerySet[SavingLine]:
    if actor.firm_id is None:
        raise NotPermitted
    return SavingLine.objects.filter(firm_id=actor.firm_id).select_related(*_SHOWN)
