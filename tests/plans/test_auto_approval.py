"""A firm's standing yes: its own orders' runs that begin soon are approved as they are published, and no others."""

from __future__ import annotations

import pytest

from mes.core.actors import Actor, DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import wall
from production.machines.models import CapacityOffer
from production.plans.models import MachineRun
from production.plans.services.approvals import auto_approval_set, machine_runs_auto_approve
from tests.plans.small_park import SmallPark, planner_of, staff
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)


def standing_yes(park: SmallPark, firm: str, *, is_on: bool = True, within_h: int = 48) -> None:
    with wall(DatabaseRole.FIRM, park.firms[firm].pk):
        auto_approval_set(actor=planner_of(park.firms[firm]), is_on=is_on, within_h=within_h)


def statuses(park: SmallPark, firm: str) -> set[str]:
    with wall(DatabaseRole.FIRM, park.firms[firm].pk):
        return set(MachineRun.objects.filter(firm=park.firms[firm]).values_list("status", flat=True))


def test_own_runs_are_approved_with_the_publication_and_others_firms_are_not(park: SmallPark) -> None:
    standing_yes(park, "A")
    park.order("A", "SO-1", pieces=4, due_days=10)
    park.order("B", "SO-1", pieces=4, due_days=10)
    publish_plan()
    assert statuses(park, "A") == {"approved"}
    assert statuses(park, "B") == {"proposed"}
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        assert AuditRow.objects.filter(verb="machine_run.approve").count() == 1


def test_runs_that_begin_later_still_move(park: SmallPark) -> None:
    standing_yes(park, "A", within_h=2)
    park.order("A", "SO-1", pieces=40, due_days=10)
    publish_plan()
    assert statuses(park, "A") == {"approved", "proposed"}


def test_switched_off_it_approves_nothing(park: SmallPark) -> None:
    standing_yes(park, "A")
    standing_yes(park, "A", is_on=False)
    park.order("A", "SO-1", pieces=4, due_days=10)
    publish_plan()
    assert statuses(park, "A") == {"proposed"}


def test_an_unanswered_placement_is_not_covered(park: SmallPark) -> None:
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        CapacityOffer.objects.update(accept="ask")
    standing_yes(park, "B", within_h=1000)
    park.order("A", "SO-1", pieces=200, due_days=3.5, consent="ask")
    publish_plan()
    assert statuses(park, "B") == {"proposed"}


def test_only_scheduled_work_carries_it_out_and_the_association_sets_none(park: SmallPark) -> None:
    firm = planner_of(park.firms["A"])
    with wall(DatabaseRole.FIRM, park.firms["A"].pk), pytest.raises(NotPermitted):
        machine_runs_auto_approve(actor=firm, now=business_now())
    operator = Actor(firm.database_role, firm.channel, firm_id=firm.firm_id, roles=frozenset({"operator"}))
    with wall(DatabaseRole.FIRM, park.firms["A"].pk), pytest.raises(NotPermitted):
        auto_approval_set(actor=operator, is_on=True)
    with wall(DatabaseRole.STAFF), pytest.raises(NotPermitted):
        auto_approval_set(actor=staff(), is_on=True)
