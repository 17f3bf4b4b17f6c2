"""The plans of a round side by side, for its officers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from procurement.awards.choices import Outcome, PlanStatus
from procurement.awards.models import AwardLine, AwardPlan, FirmShare
from procurement.awards.selectors.units import HUNDREDTH, cny


@dataclass(frozen=True, slots=True)
class Column:
    """One plan. Money in CNY, shares in per cent, `suppliers`: (code, kg, per cent of all kg).

    `blocs`: (largest firms, what they would gain by leaving together).
    """

    plan: AwardPlan
    cost_cny: Decimal
    gap_pct: Decimal | None
    dearer_cny: Decimal
    dearer_pct: Decimal
    served_kg: int
    firms: int
    outs: dict[str, int]
    answers: dict[str, int]
    suppliers: Sequence[tuple[str, int, Decimal]]
    blocs: Sequence[tuple[int, Decimal]]
    fairness: dict[str, Any]


def award_columns(plan: AwardPlan) -> list[Column]:
    """This plan and those beside it: of the same turn, not set aside. Three queries."""
    beside = AwardPlan.objects.filter(round_id=plan.round_id, turn=plan.turn).exclude(status=PlanStatus.SET_ASIDE)
    plans = list((beside | AwardPlan.objects.filter(pk=plan.pk)).order_by("cost_mfen", "created_at"))
    suppliers = _suppliers(plans)
    shares: dict[UUID, dict[str, Any]] = {
        row["plan_id"]: dict(row)
        for row in FirmShare.objects.filter(plan__in=plans).values("plan_id").annotate(**_COUNTED).order_by()
    }
    return [_column(item, shares.get(item.pk, {}), suppliers[item.pk]) for item in plans]


_COUNTED = {
    "served_kg": Sum("kg"),
    "firms": Count("firm_id", filter=Q(kg__gt=0), distinct=True),
    "confirmed": Count("pk", filter=Q(answer="confirmed", kg__gt=0)),
    "opted_out": Count("pk", filter=Q(answer="opted_out", kg__gt=0)),
    "unanswered": Count("pk", filter=Q(answer="", kg__gt=0)),
} | {str(reason): Count("pk", filter=Q(outcome=reason)) for reason in Outcome if reason != Outcome.SERVED}


def _suppliers(plans: Sequence[AwardPlan]) -> dict[UUID, list[tuple[str, int]]]:
    rows = AwardLine.objects.filter(plan__in=plans).values_list("plan_id", "supplier__code").annotate(total=Sum("kg"))
    found: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for plan_id, code, kg in rows.order_by("supplier__code"):
        found[plan_id].append((code, kg))
    return found


def _column(plan: AwardPlan, counted: dict[str, Any], suppliers: Sequence[tuple[str, int]]) -> Column:
    total_kg = sum(kg for _code, kg in suppliers)
    optimum = plan.cost_mfen - plan.dearer_mfen
    lowest = plan.lowest_mfen
    return Column(
        plan=plan,
        cost_cny=cny(plan.cost_mfen),
        gap_pct=None if lowest is None else _percent(plan.cost_mfen - lowest, plan.cost_mfen),
        dearer_cny=cny(plan.dearer_mfen),
        dearer_pct=_percent(plan.dearer_mfen, optimum),
        served_kg=counted.get("served_kg") or 0,
        firms=counted.get("firms", 0),
        outs={str(reason.label): counted.get(str(reason), 0) for reason in Outcome if reason != Outcome.SERVED},
        answers={name: counted.get(name, 0) for name in ("confirmed", "opted_out", "unanswered")},
        suppliers=[(code, kg, _percent(kg, total_kg)) for code, kg in suppliers],
        blocs=[
            (bloc["firms"], _percent(bloc["gain_mfen"], bloc["paid_mfen"])) for bloc in plan.fairness.get("blocs", ())
        ],
        fairness=plan.fairness,
    )


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(HUNDREDTH) if whole else Decimal(0)
