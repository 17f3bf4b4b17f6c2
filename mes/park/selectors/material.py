"""Material that the published plan takes and that will not be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING
from uuid import UUID

from django.db.models import Case, Exists, F, Min, OuterRef, Q, UUIDField, When
from django.db.models.functions import Coalesce

from mes.catalog.models import BomLine
from mes.core.units import GRAMS_PER_KG
from production.machines.choices import MaterialFrom
from production.machines.selectors.stock import stock_arrivals
from production.plans.choices import ProposalStatus, RunStatus
from production.plans.models import PlannedLot, RunPart

NOT_BEGUN = (RunStatus.PROPOSED, RunStatus.APPROVED, RunStatus.CONFIRMED)
BEGUN = (RunStatus.STARTED, RunStatus.COMPLETED)

Place = tuple[UUID, str]
Flow = Mapping[Place, Sequence[tuple[datetime, int]]]


@dataclass(frozen=True, slots=True)
class Shortage:
    """So much of a material is missing at a firm, at most, the first of it from `since` on."""

    firm_id: UUID
    material_code: str
    missing_g: int
    since: datetime


def material_short(*, now: datetime) -> list[Shortage]:
    """Where lots of the live plan that have not begun take more than is at hand and on its way, the largest first.

    Counted through time, as the plan does: what comes later does not help a run before it. Lots that have begun have
    taken theirs. A firm's own products are left out: their recipes are not read by the association. Four queries.
    """
    arriving: defaultdict[Place, list[tuple[datetime, int]]] = defaultdict(list)
    for row in stock_arrivals(zero_at=now):
        arriving[row.firm_id, row.material_code].append((now + timedelta(minutes=row.available_min), row.mass_g))
    return shortages(needs=_needs(), arriving=arriving)


def shortages(*, needs: Flow, arriving: Flow) -> list[Shortage]:
    """The lowest point of each balance that falls below nothing. Pure: times and grams, both positive."""
    found = []
    for (firm_id, code), taken in needs.items():
        moves = [(at, 0, grams) for at, grams in arriving.get((firm_id, code), ())]
        moves += [(at, 1, -grams) for at, grams in taken]  # what comes at the same minute comes first
        balance, lowest, since = 0, 0, None
        for at, _order, grams in sorted(moves):
            balance += grams
            if balance < 0 and since is None:
                since = at
            lowest = min(lowest, balance)
        if since is not None:
            found.append(Shortage(firm_id, code, -lowest, since))
    return sorted(found, key=lambda row: (-row.missing_g, row.material_code, row.firm_id))


def _needs() -> Flow:
    lots = list(_lots())
    bom: defaultdict[tuple[UUID, str], list[tuple[str, int]]] = defaultdict(list)
    lines = BomLine.objects.filter(routing__product__in={product for _firm, product, *_rest in lots})
    columns = ("routing__product_id", "routing__variant", "material__code", "kg_per_piece")
    for product, variant, code, kg_per_piece in lines.values_list(*columns):
        grams = int((kg_per_piece * GRAMS_PER_KG).to_integral_value(rounding=ROUND_CEILING))
        bom[product, variant].append((code, grams))
    needs: defaultdict[Place, list[tuple[datetime, int]]] = defaultdict(list)
    for firm, product, variant, pieces, begins_at in lots:
        for code, grams in bom[product, variant]:
            needs[firm, code].append((begins_at, grams * pieces))
    return needs


def _lots() -> Iterable[tuple[UUID, UUID, str, int, datetime]]:
    """Whose material, product, route, pieces and first minute of each live lot that has not begun."""
    begun = RunPart.objects.filter(lot=OuterRef("pk"), run__status__in=BEGUN)
    lives = Q(proposal=None) | Q(proposal__status__in=(ProposalStatus.PROPOSED, ProposalStatus.ACCEPTED))
    owner = Case(
        When(proposal__material_from=MaterialFrom.GIVER, then=F("proposal__giver")),
        default=F("firm"),
        output_field=UUIDField(),
    )
    return (
        PlannedLot.objects.filter(lives, ~Exists(begun), parts__run__status__in=NOT_BEGUN)
        .annotate(
            material_firm=owner,
            product=Coalesce("line__product", "proposal__product"),
            begins_at=Min("parts__run__work_starts_at"),
        )
        .values_list("material_firm", "product", "routing_variant", "pieces", "begins_at")
        .order_by()
    )
