"""A firm leaves only when nothing that it shares with others is open; a sandbox shares nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import InvalidValue, NotPermitted
from mes.core.wall import actor_wall, wall
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import Firm
from mes.firms.services import firm_suspend
from mes.park.services import firm_leave
from mes.park.services.membership import SharedWorkOpen
from orders.outsourcing.models import OutsourceOrder
from production.exchange.services.proposals import proposal_accept, proposal_decline
from production.machines.models import CapacityOffer
from production.machines.selectors.published import offers_told
from production.plans.models import PlannedLot, Proposal
from tests.core.people import staff_actor
from tests.exchange.work import the_proposal
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)


def leave(park: SmallPark, code: str) -> str:
    with wall(DatabaseRole.STAFF):
        return firm_leave(actor=staff_actor(), firm_id=park.firms[code].pk, export_offered=True).status


def refusal(park: SmallPark, code: str) -> str:
    with pytest.raises(SharedWorkOpen) as refused:
        leave(park, code)
    return str(refused.value)


def test_a_proposal_that_waits_and_signed_work_keep_both_parties(asked: Proposal, park: SmallPark) -> None:
    for code in ("A", "B"):
        assert refusal(park, code) == "请先了结：A SO-1-1。"
    for code in ("A", "B"):
        actor = planner_of(park.firms[code])
        with actor_wall(actor):
            proposal_accept(actor=actor, proposal_id=asked.pk, now=business_now())
    with wall(DatabaseRole.PLANNER):
        number = OutsourceOrder.objects.get().giver_number
    for code in ("A", "B"):
        assert refusal(park, code) == f"请先了结：A {number}。"
    assert leave(park, "C") == FirmStatus.LEFT


def test_after_a_no_both_may_leave_and_the_data_stay(asked: Proposal, park: SmallPark) -> None:
    doer = planner_of(park.firms["B"])
    with actor_wall(doer):
        proposal_decline(actor=doer, proposal_id=asked.pk, now=business_now())
    with wall(DatabaseRole.STAFF):
        firm_suspend(actor=staff_actor(), firm_id=park.firms["B"].pk)
    assert leave(park, "B") == FirmStatus.LEFT
    with wall(DatabaseRole.STAFF):
        assert Proposal.objects.filter(doer=park.firms["B"]).count() == 1


def test_who_is_barred_from_the_other_party_is_refused_without_its_name(asked: Proposal, park: SmallPark) -> None:
    actor = staff_actor()
    actor = replace(actor, sight=replace(actor.sight, barred_firms=frozenset({park.firms["A"].pk})))
    with actor_wall(actor), pytest.raises(SharedWorkOpen) as refused:
        firm_leave(actor=actor, firm_id=park.firms["B"].pk, export_offered=True)
    assert "SO-1" not in str(refused.value)


def test_the_export_is_offered_first_and_only_the_administrator_lets_go(park: SmallPark) -> None:
    firm_id = park.firms["C"].pk
    with wall(DatabaseRole.STAFF):
        with pytest.raises(InvalidValue) as refused:
            firm_leave(actor=staff_actor(), firm_id=firm_id, export_offered=False)
        assert refused.value.pointer == "/export_offered"
        with pytest.raises(NotPermitted):
            firm_leave(actor=staff_actor(Role.DISPATCHER), firm_id=firm_id, export_offered=True)
    owner = planner_of(park.firms["C"])
    with actor_wall(owner), pytest.raises(NotPermitted):
        firm_leave(actor=owner, firm_id=firm_id, export_offered=True)


def test_nobody_gets_the_offer_of_a_sandbox(park: SmallPark) -> None:
    with wall(DatabaseRole.STAFF):
        Firm.objects.filter(code="B").update(status=FirmStatus.SANDBOX)
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        assert CapacityOffer.objects.count() == 1
    park.order("A", "SO-1", pieces=200, due_days=3.5, consent="allowed")
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        assert offers_told(zero_at=ZERO, horizon_min=40_000, but_of=park.firms["A"].pk) == []
        assert not Proposal.objects.exists()
        assert not PlannedLot.objects.filter(firm_id=park.firms["B"].pk).exists()


def test_the_same_offer_of_a_member_is_taken(park: SmallPark) -> None:
    park.order("A", "SO-1", pieces=200, due_days=3.5, consent="allowed")
    publish_plan()
    assert the_proposal().doer_id == park.firms["B"].pk
