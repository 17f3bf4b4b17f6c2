"""Writes what a search has found: a plan with what suppliers deliver, what firms get and who gets what of whom."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from mes.core.states import move
from procurement.award.award import Award
from procurement.award.codec import dump
from procurement.award.fairness import line_prices, whole_fen
from procurement.award.record import Record
from procurement.awards.choices import NEXT, Outcome, PlanKind, PlanStatus
from procurement.awards.models import Allocation, AwardLine, AwardPlan, AwardRun, AwardSearch, FirmShare
from procurement.awards.selectors.problem import Posed
from procurement.awards.services.finding import Made, alone_prices, counted, kg_by_share
from procurement.rounds.models import Round


def run_store(row: Round, record: Record) -> AwardRun:
    """The record with its sealed values: for the planner's role alone."""
    return AwardRun.objects.create(round=row, problem_sha256=record.problem_hash, record=json.loads(dump(record)))


def plan_store(
    search: AwardSearch, run: AwardRun, posed: Posed, made: Made, *, answered: Sequence[FirmShare] = ()
) -> AwardPlan:
    """A candidate with all its rows. `answered`: shares of an earlier plan whose answers hold for this one's too."""
    plan = AwardPlan.objects.create(
        round_id=search.round_id,
        run=run,
        kind=made.kind,
        turn=search.turn,
        cost_mfen=made.award.tally.total_mfen,
        lowest_mfen=made.lowest_mfen,
        dearer_mfen=made.dearer_mfen,
        made_by=made.made_by,
        ended_by=made.ended_by,
        reason=search.reason,
        fairness=counted(made.fairness),
    )
    parts = AwardLine.objects.bulk_create(
        AwardLine(
            plan=plan,
            supplier_id=posed.firms[part.supplier],
            line=posed.lines[part.line],
            kg=part.kg,
            cost_mfen=part.cost_mfen,
        )
        for part in made.award.parts
    )
    shares = _shares(plan, posed, made)
    _carry_over(shares, answered)
    FirmShare.objects.bulk_create(shares)
    _allocate(posed, made.award, parts, shares)
    return plan


def candidates_set_aside(row: Round, *, kinds: Collection[PlanKind]) -> None:
    """Earlier candidates of these kinds; those of earlier turns whatever their kind."""
    for plan in AwardPlan.objects.filter(round=row, status=PlanStatus.CANDIDATE):
        if plan.kind in kinds or plan.turn < row.opt_outs_solved:
            move(plan, PlanStatus.SET_ASIDE, moves=NEXT)


def _shares(plan: AwardPlan, posed: Posed, made: Made) -> list[FirmShare]:
    prices = {line: whole_fen(price) for line, price in line_prices(made.award).items()}
    alone, got = alone_prices(made.fairness), kg_by_share(made.award)
    outs = {(out.firm, out.line): out.reason for out in made.award.outs}
    return [
        FirmShare(
            firm_id=locked.firm_id,
            plan=plan,
            line=posed.lines[line],
            locked=locked,
            kg=sum(got.get((firm, line), {}).values()),
            outcome=outs.get((firm, line), Outcome.SERVED),
            price_fen_per_t=prices.get(line),
            alone_fen_per_t=alone.get((firm, line)),
        )
        for (firm, line), locked in posed.locked.items()
    ]


def _carry_over(shares: Sequence[FirmShare], answered: Sequence[FirmShare]) -> None:
    before = {(share.firm_id, share.line_id): share for share in answered}
    for share in shares:
        if old := before.get((share.firm_id, share.line_id)):
            share.answer, share.answered_at, share.by_silence = old.answer, old.answered_at, old.by_silence


def _allocate(posed: Posed, award: Award, parts: list[AwardLine], shares: list[FirmShare]) -> None:
    of_part = {(part.line_id, part.supplier_id): part for part in parts}
    of_share = {(share.firm_id, share.line_id): share for share in shares}
    rows = []
    for item in award.shares:
        line, firm, supplier = posed.lines[item.line].pk, posed.firms[item.firm], posed.firms[item.supplier]
        rows.append(
            Allocation(
                firm_id=firm,
                share=of_share[firm, line],
                award_line=of_part[line, supplier],
                supplier_id=supplier,
                kg=item.kg,
            )
        )
    Allocation.objects.bulk_create(rows)
