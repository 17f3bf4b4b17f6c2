"""What the last rounds saved, by material, as the association's person sees it."""

from __future__ import annotations

from dataclasses import dataclass

from procurement.quotations.services.interests import has_interest
from procurement.rounds.models import Round
from procurement.savings.models import SavingLine
from procurement.savings.selectors.headline import Headline, headline_of
from procurement.savings.selectors.lines import counted, latest

MOST_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Pictured:
    """A round's code, its saving as a whole and by material."""

    code: str
    whole: Headline
    materials: tuple[tuple[str, Headline], ...]


def rounds_pictured() -> list[Pictured]:
    """The last rounds with savings, the latest first. Where the person has an interest in a firm its row is missing,
    and the rest would tell of it: such a round is left out.
    """
    rounds = Round.objects.filter(pk__in=SavingLine.objects.values("round_id")).order_by("-demand_closes_at")
    found = []
    for row in rounds[:MOST_ROUNDS]:
        if has_interest(row.pk):
            continue
        lines = latest(SavingLine.objects.filter(round=row)).select_related("part__order__line__material")
        by_material: dict[str, list[SavingLine]] = {}
        for line in lines:
            by_material.setdefault(line.part.order.line.material.code, []).append(line)
        materials = tuple(
            (code, headline_of(counted(line) for line in its)) for code, its in sorted(by_material.items())
        )
        found.append(
            Pictured(row.code, headline_of(counted(line) for its in by_material.values() for line in its), materials)
        )
    return found
