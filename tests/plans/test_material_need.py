"""What production proposes that a firm commits to: what its plan and its unplanned orders need, less its stock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from mes.catalog.models import Material
from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import NotFound
from mes.core.wall import actor_wall, wall
from procurement.rounds.models import Round
from procurement.rounds.services import RoundDraft, round_create, round_line_add, round_open
from production.machines.models import StockMovement
from production.plans.selectors.material_need import ProposedCommitment, proposed_commitment
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan
from tests.rounds.work import a_line, an_officer

pytestmark = pytest.mark.django_db(transaction=True)
KG_PER_PIECE = 52


def a_round() -> Round:
    """Of a line that is delivered in the twenty days from ZERO, and of one the year after."""
    officer = an_officer()
    with actor_wall(officer):
        times = [ZERO + timedelta(days=days) for days in (2, 3, 4)]
        row = round_create(actor=officer, draft=RoundDraft("R1", "七月树脂", *times))
        for day in (localdate(ZERO), localdate(ZERO) + timedelta(days=365)):
            window = {"window_from": day, "window_to": day + timedelta(days=20)}
            round_line_add(actor=officer, round_id=row.pk, draft=a_line(material_code="U2R", **window))
        return round_open(actor=officer, round_id=row.pk, now=business_now())


def moved(park: SmallPark, kg: int, *, days: float = 0) -> None:
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        material = Material.objects.get(code="U2R")
        at = ZERO + timedelta(days=days)
        StockMovement.objects.create(
            firm=firm, material=material, mass_g=kg * 1000, available_at=at, reason="correction"
        )


def proposed(park: SmallPark, row: Round, number: int = 1, *, firm: str = "A") -> ProposedCommitment:
    actor = planner_of(park.firms[firm])
    with actor_wall(actor):
        return proposed_commitment(actor=actor, round_id=row.pk, number=number, now=ZERO)


def test_it_is_what_plan_and_unplanned_orders_need_by_the_windows_end_less_the_stock(park: SmallPark) -> None:
    row = a_round()
    park.order("A", "SO-1", pieces=24, due_days=10, consent="never")
    publish_plan()
    park.order("A", "SO-2", pieces=10, due_days=15, consent="never")
    park.order("A", "SO-3", pieces=7, due_days=40, consent="never")
    moved(park, -199_500)
    moved(park, 100, days=19)
    moved(park, 5_000, days=30)
    found = proposed(park, row)
    assert (found.needed_kg, found.stock_kg) == (34 * KG_PER_PIECE, 600)
    assert found.wanted_kg == 1_175  # 1 168 kg in whole bags of 25
    far = proposed(park, row, 2)
    assert (far.needed_kg, far.stock_kg, far.wanted_kg) == (41 * KG_PER_PIECE, 5_600, 0)


def test_another_firm_and_a_line_that_is_not_there_tell_nothing(park: SmallPark) -> None:
    row = a_round()
    park.order("A", "SO-1", pieces=24, due_days=10, consent="never")
    assert proposed(park, row, firm="C").needed_kg == 0
    with pytest.raises(NotFound):
        proposed(park, row, 3)
