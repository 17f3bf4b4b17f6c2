"""The round's figures, read from live rows as the association reads them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Sum

from mes.demo.errors import StepFailed
from mes.demo.figures import percent
from mes.demo.round_people import FIRST, People
from procurement.awards.choices import PlanKind
from procurement.awards.models import AwardPlan, FirmShare
from procurement.savings.models import RoundSaving, SavingLine
from procurement.savings.selectors.headline import Headline, headline_of
from procurement.savings.selectors.lines import counted, latest
from procurement.settlement.selectors.ledger import ledger_sums
from procurement.supply.models import Claim, Delivery

KG_PER_T = 1000


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """`gap`: of its cost, what the award is dearer than the proved lowest at most; `greedy_extra_pct`: what the greedy
    one is dearer than it. `ledger_sum_fen`: of all that must be 0 in the ledgers. `saving`: in per cent of the market,
    low, mid and high; `coverage_pct`: of the spend that is evidenced.
    """

    firms: int
    suppliers: int
    tonnes: Decimal
    gap: Decimal
    greedy_extra_pct: Decimal
    loads: int
    claims: int
    ledger_sum_fen: int
    saving: tuple[Decimal, Decimal, Decimal]
    coverage_pct: int
    is_told: bool


def round_figures(people: People, *, round_id: UUID, plan_id: UUID) -> RoundFigures:
    """Of the closed round and its award. Raises StepFailed where no spend is evidenced."""
    return people.read(FIRST, _figures, round_id, plan_id)


def _figures(round_id: UUID, plan_id: UUID) -> RoundFigures:
    plan = AwardPlan.objects.get(pk=plan_id)
    greedy = AwardPlan.objects.get(run=plan.run_id, kind=PlanKind.GREEDY)
    bought = FirmShare.objects.filter(plan=plan, kg__gt=0).aggregate(
        firms=Count("firm", distinct=True), kg=Sum("kg", default=0)
    )
    saved = headline_of(counted(line) for line in latest(SavingLine.objects.filter(round_id=round_id)))
    lowest = plan.cost_mfen if plan.lowest_mfen is None else plan.lowest_mfen
    return RoundFigures(
        firms=bought["firms"],
        suppliers=plan.lines.values("supplier").distinct().count(),
        tonnes=Decimal(bought["kg"]) / KG_PER_T,
        gap=Decimal(plan.cost_mfen - lowest) / plan.cost_mfen,
        greedy_extra_pct=percent(greedy.cost_mfen - plan.cost_mfen, plan.cost_mfen),
        loads=Delivery.objects.filter(agreement__line__round=round_id).count(),
        claims=Claim.objects.filter(round_id=round_id).count(),
        ledger_sum_fen=_ledger_sum_fen(round_id),
        saving=_saving(saved),
        coverage_pct=saved.coverage,
        is_told=RoundSaving.objects.filter(round_id=round_id, withheld=False).exists(),
    )


def _ledger_sum_fen(round_id: UUID) -> int:
    """Without their signs, so that no two faults cancel."""
    sums = ledger_sums(round_id)
    return abs(sums.entries) + abs(sums.fees) + abs(sums.balancing) + abs(sums.invoices)


def _saving(saved: Headline) -> tuple[Decimal, Decimal, Decimal]:
    if saved.rates is None:
        raise StepFailed("round_saving_pct", "none", "a saving with evidence")
    low, mid, high = (Decimal(rate) for rate in saved.rates)
    return low, mid, high
