"""The round's figures, read from live rows as the association reads them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Sum

from mes.demo.figures import percent
from mes.demo.round_people import FIRST, People
from procurement.awards.choices import PlanKind
from procurement.awards.models import AwardPlan, FirmShare

KG_PER_T = 1000


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """`gap`: of its cost, what the award is dearer than the proved lowest at most; `greedy_extra_pct`: what the greedy
    one is dearer than it.
    """

    firms: int
    suppliers: int
    tonnes: Decimal
    gap: Decimal
    greedy_extra_pct: Decimal


def round_figures(people: People, *, plan_id: UUID) -> RoundFigures:
    """Of the signed award."""
    return people.read(FIRST, _award_figures, plan_id)


def _award_figures(plan_id: UUID) -> RoundFigures:
    plan = AwardPlan.objects.get(pk=plan_id)
    greedy = AwardPlan.objects.get(run=plan.run_id, kind=PlanKind.GREEDY)
    bought = FirmShare.objects.filter(plan=plan, kg__gt=0).aggregate(
        firms=Count("firm", distinct=True), kg=Sum("kg", default=0)
    )
    lowest = plan.cost_mfen if plan.lowest_mfen is None else plan.lowest_mfen
    return RoundFigures(
        firms=bought["firms"],
        suppliers=plan.lines.values("supplier").distinct().count(),
        tonnes=Decimal(bought["kg"]) / KG_PER_T,
        gap=Decimal(plan.cost_mfen - lowest) / plan.cost_mfen,
        greedy_extra_pct=percent(greedy.cost_mfen - plan.cost_mfen, plan.cost_mfen),
    )
