"""Whether an award is fair to each firm: what the search counted of it, in the officers' units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from procurement.award.fairness import REVIEW_PERMILLE
from procurement.awards.models import AwardPlan, FirmShare
from procurement.awards.selectors.units import cny

WHOLE_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class Bloc:
    """The largest `firms` together, `permille` of all kg. Below zero they would lose by leaving."""

    firms: int
    permille: int
    paid_cny: Decimal
    gain_cny: Decimal
    gain_permille: int

    @property
    def would_gain(self) -> bool:
        return self.gain_cny > 0


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """Counts of firms, and of firms' lines in `above_reserve`. `not_compared`: there was no time to.

    `dominant`: (material, firm, per mille) of those above REVIEW_PERMILLE, as the reader sees them. No other names one.
    """

    compared: int
    not_compared: int
    dearer_than_alone: int
    above_reserve: int
    dominant: Sequence[tuple[str, str, int]]
    blocs: Sequence[Bloc]

    @property
    def is_fair(self) -> bool:
        """All were compared, and nobody does better alone, above his reserve, or together with the largest."""
        gains = any(bloc.would_gain for bloc in self.blocs)
        return not (self.not_compared or self.dearer_than_alone or self.above_reserve or gains)


def fairness_report(plan: AwardPlan) -> FairnessReport | None:
    """One query, for the firms that get much of a material. None: nothing was compared."""
    told = plan.fairness
    if not told:
        return None
    got = _got(plan)
    total_kg = sum(kg for _material, _firm, kg in got)
    return FairnessReport(
        compared=told["compared"],
        not_compared=told["not_compared"],
        dearer_than_alone=told["dearer_than_alone"],
        above_reserve=told["above_reserve"],
        dominant=_dominant(got),
        blocs=[
            Bloc(
                firms=bloc["firms"],
                permille=_permille(bloc["kg"], total_kg),
                paid_cny=cny(bloc["paid_mfen"]),
                gain_cny=cny(bloc["gain_mfen"]),
                gain_permille=_permille(bloc["gain_mfen"], bloc["paid_mfen"]),
            )
            for bloc in told["blocs"]
        ],
    )


def _got(plan: AwardPlan) -> list[tuple[str, str, int]]:
    """(material, firm, kg) of those that get something."""
    rows = FirmShare.objects.filter(plan=plan, kg__gt=0).values_list("line__material__code", "firm__code")
    return list(rows.annotate(total=Sum("kg")).order_by("line__material__code", "firm__code"))


def _dominant(got: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    total: dict[str, int] = defaultdict(int)
    for material, _firm, kg in got:
        total[material] += kg
    return [
        (material, firm, _permille(kg, total[material]))
        for material, firm, kg in got
        if kg * WHOLE_PERMILLE > REVIEW_PERMILLE * total[material]
    ]


def _permille(part: int, whole: int) -> int:
    """Rounded towards zero."""
    return int(Decimal(WHOLE_PERMILLE * part) / whole) if whole else 0
