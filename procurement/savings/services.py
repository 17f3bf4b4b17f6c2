"""Savings of a round: recognised lot by lot, bound in a chain, and told to all once the round is closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from mes.core import audit
from mes.core.actors import Actor, DatabaseRole
from mes.core.errors import NotAllowedInState
from mes.core.statistics import may_be_shown_to_each
from mes.core.wall import switched
from mes.firms.access import require
from procurement.benchmarks.choices import EvidenceGrade
from procurement.quotations.services.interests import check_no_interest
from procurement.rounds.choices import RoundStatus
from procurement.rounds.services.rounds import round_locked
from procurement.savings.models import RoundSaving, SavingLine
from procurement.savings.selectors.chain import GENESIS, digest_of
from procurement.savings.selectors.costs import invoiced_parts, landed_of
from procurement.savings.selectors.headline import headline_of
from procurement.savings.selectors.landed import NO_BAND, Landed, Prices, market_band
from procurement.savings.selectors.lines import counted, latest
from procurement.settlement.models import InvoiceLine
from procurement.settlement.selectors.amounts import MFEN_PER_FEN, net_fen

_RECOGNISED_IN = frozenset({RoundStatus.SETTLING, RoundStatus.CLOSED})
_SAID = (
    "benchmark_id", "grade", "kg", "net_fen", "balancing_fen", "freight_fen", "fee_fen", "financing_fen", "claims_fen",
    "rebates_fen", "landed_fen", "market_low_fen", "market_mid_fen", "market_high_fen", "alone_fen",
)  # fmt: skip


@transaction.atomic
def savings_recognise(*, actor: Actor, round_id: UUID, now: datetime) -> int:
    """Recognises each part of a lot that was received and whose invoice is settled, against the frozen benchmark.

    What has become otherwise since (a fee, a claim) is a new revision; what has not, nothing. Returns how many lines
    were added. Raises NotFound, NotAllowedInState, NotPermitted.
    """
    require(actor, "saving.recognise")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=round_id)
    if row.status not in _RECOGNISED_IN:
        raise NotAllowedInState(_("Savings are recognised while the round settles, and once it is closed."))
    with switched(DatabaseRole.EXCHANGE):
        return _recognise(actor, round_id, now)


@transaction.atomic
def savings_tell(*, actor: Actor, round_id: UUID, now: datetime) -> RoundSaving:
    """Tells all members once what a closed round saved, or that it is withheld: no firm's part may follow from it.

    Raises NotFound, NotAllowedInState, also when it was told; NotPermitted.
    """
    require(actor, "saving.tell")
    row = round_locked(round_id=round_id)
    check_no_interest(actor=actor, round_id=round_id)
    if row.status != RoundStatus.CLOSED or RoundSaving.objects.filter(round=row).exists():
        raise NotAllowedInState(_("A round's saving is told once, when it is closed."))
    with switched(DatabaseRole.EXCHANGE):
        _recognise(actor, round_id, now)
        lines = list(latest(SavingLine.objects.filter(round_id=round_id)))
        last = SavingLine.objects.filter(round_id=round_id).order_by("number").last()
    if last is None:
        raise NotAllowedInState(_("No lot of the round was received and invoiced."))
    told = RoundSaving(round=row, lines=last.number, head_sha256=last.sha256, told_at=now)
    told.withheld = not _may_be_told(lines)
    if not told.withheld:
        found = headline_of(counted(line) for line in lines)
        told.spend_fen, told.evidenced_fen = found.spend_fen, found.evidenced_fen
        told.market_low_fen, told.market_mid_fen = found.market.low_fen, found.market.mid_fen
        told.market_high_fen = found.market.high_fen
    told.save(force_insert=True)
    changes = {"withheld": told.withheld, "lines": told.lines, "head_sha256": told.head_sha256}
    audit.record(actor=actor, verb="saving.tell", obj=told, firm_id=None, changes=changes)
    return told


def _recognise(actor: Actor, round_id: UUID, now: datetime) -> int:
    invoiced = invoiced_parts(round_id)
    landed = landed_of(invoiced, round_id, now)
    known = {line.part_id: line for line in latest(SavingLine.objects.filter(round_id=round_id))}
    last = SavingLine.objects.filter(round_id=round_id).order_by("number").last()
    number, before = (0, GENESIS) if last is None else (last.number, last.sha256)
    added = 0
    for line in invoiced:
        made, earlier = _line(line, landed[line.part_id], round_id, now), known.get(line.part_id)
        if earlier is not None and all(getattr(earlier, name) == getattr(made, name) for name in _SAID):
            continue
        number += 1
        made.number, made.revision, made.previous_sha256 = (
            number,
            1 if earlier is None else earlier.revision + 1,
            before,
        )
        made.sha256 = before = digest_of(made)
        made.save(force_insert=True)
        audit.record(
            actor=actor, verb="saving.recognise", obj=made, firm_id=made.firm_id,
            changes={"number": number, "sha256": made.sha256},
        )  # fmt: skip
        added += 1
    return added


def _line(line: InvoiceLine, landed: Landed, round_id: UUID, now: datetime) -> SavingLine:
    order = line.part.order
    benchmark = getattr(order.line, "benchmark", None)
    market = NO_BAND
    if benchmark is not None:
        prices = Prices(benchmark.q1_fen_per_t, benchmark.median_fen_per_t, benchmark.q3_fen_per_t)
        market = market_band(kg=landed.kg, prices=prices)
    alone = order.allocation.share.alone_fen_per_t if order.allocation is not None else None
    return SavingLine(
        firm_id=line.firm_id,
        round_id=round_id,
        part_id=line.part_id,
        benchmark=benchmark,
        grade=EvidenceGrade.C if benchmark is None else benchmark.grade,
        **asdict(landed),
        landed_fen=landed.fen,
        market_low_fen=market.low_fen,
        market_mid_fen=market.mid_fen,
        market_high_fen=market.high_fen,
        alone_fen=None if alone is None else net_fen(kg=landed.kg, price_mfen_per_t=alone * MFEN_PER_FEN),
        recognised_at=now,
    )


def _may_be_told(lines: list[SavingLine]) -> bool:
    """By what firms spent and by what they saved: neither sum may tell a firm of another."""
    spent: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    saved: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        spent[line.firm_id] += line.landed_fen
        saved[line.firm_id] += line.saving_fen
    sizes = [abs(fen) for fen in saved.values()]
    return may_be_shown_to_each(spent.values()) and may_be_shown_to_each(sizes)
