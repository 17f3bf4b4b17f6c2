"""Placements: proposed with a hold on machine time, and then accepted by both sides, declined or expired."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from mes.core import jobs, outbox
from mes.core.actors import DatabaseRole, system_actor
from mes.core.clock import business_now
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.wall import actor_wall, wall
from orders.outsourcing.models import OutsourceOrder, OutsourceOrderTerms
from orders.sales.models import SalesOrder, SalesOrderLine, SalesOrderTerms
from orders.sales.services import sales_order_cancel, sales_order_line_change
from production.exchange.services.jobs import EXPIRE
from production.exchange.services.proposals import (
    ProposalExpired,
    proposal_accept,
    proposal_decline,
    proposals_expire,
)
from production.plans.models import MachineRun, PlannedLot, Proposal
from tests.database import TestDatabase
from tests.exchange.work import race, the_proposal
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]


def _runs(sql: Sql, status: str) -> int:
    row = sql.execute(
        "SELECT count(DISTINCT r.id) FROM plans_machinerun r JOIN plans_runpart p ON p.run_id = r.id"
        " JOIN plans_plannedlot l ON l.id = p.lot_id WHERE l.proposal_id IS NOT NULL AND r.status = %s",
        [status],
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_a_line_too_large_for_its_firm_is_proposed_to_the_other_and_binds_nobody(asked: Proposal, sql: Sql) -> None:
    assert asked.status == "proposed"
    assert (asked.giver_agreed_at, asked.doer_agreed_at) == (None, None)
    assert _runs(sql, "proposed") > 0
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (0,)


def test_both_sides_accept_and_the_doer_gets_an_order_of_its_own(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    giver, doer = planner_of(park.firms["A"]), planner_of(park.firms["B"])
    for actor in (giver, doer):
        with actor_wall(actor):
            proposal_accept(actor=actor, proposal_id=asked.pk, now=business_now())
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        order = SalesOrder.objects.get()
        line = order.lines.get()
        assert (order.origin, order.status, line.pieces) == ("outsourced", "planned", asked.pieces)
        assert OutsourceOrder.objects.get().doer_order_id == order.pk
        assert OutsourceOrderTerms.objects.get().fee_cny_per_t == 2500
        assert not SalesOrderTerms.objects.exists()
        assert {lot.line_id for lot in PlannedLot.objects.all()} == {line.pk}
        assert not SalesOrderLine.objects.filter(firm=park.firms["A"]).exists()
    assert _runs(sql, "proposed") == 0
    assert _runs(sql, "confirmed") > 0
    with wall(DatabaseRole.FIRM, park.firms["C"].pk):
        assert not OutsourceOrder.objects.exists()
        assert not Proposal.objects.exists()


def test_standing_yes_of_both_sides_is_signed_after_publication(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=200, due_days=3.5, consent="allowed")
    publish_plan()
    assert the_proposal().status == "accepted"
    assert sql.execute("SELECT count(*), sum(pieces) FROM outsourcing_outsourceorder").fetchone() == (
        1,
        the_proposal().pieces,
    )


def test_what_is_placed_and_what_stays_add_up_in_every_later_plan(park: SmallPark, sql: Sql) -> None:
    park.order("A", "SO-1", pieces=200, due_days=3.5, consent="allowed")
    for _night in range(3):
        publish_plan()
        assert sql.execute("SELECT sum(pieces) FROM plans_plannedlot").fetchone() == (200,)
        assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (1,)


def test_a_proposal_holds_its_machine_time_in_the_next_plan(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    held = sql.execute(
        "SELECT machine_id, period FROM plans_machinerun WHERE firm_id = %s ORDER BY 1, 2", [asked.doer_id]
    ).fetchall()
    park.order("B", "SO-9", pieces=40, due_days=4)
    publish_plan()
    still = sql.execute(
        "SELECT machine_id, period FROM plans_machinerun WHERE firm_id = %s ORDER BY 1, 2", [asked.doer_id]
    ).fetchall()
    assert set(held) <= set(still)
    assert the_proposal().pk == asked.pk


def test_a_third_firm_finds_no_proposal(asked: Proposal, park: SmallPark) -> None:
    actor = planner_of(park.firms["C"])
    for act in (proposal_accept, proposal_decline):
        with actor_wall(actor), pytest.raises(NotFound):
            act(actor=actor, proposal_id=asked.pk, now=ZERO)


@pytest.mark.parametrize("side", ["A", "B"])
def test_a_declined_proposal_releases_the_time_and_bars_the_pair(
    asked: Proposal, park: SmallPark, sql: Sql, side: str
) -> None:
    actor = planner_of(park.firms[side])
    with actor_wall(actor):
        proposal_decline(actor=actor, proposal_id=asked.pk, now=business_now())
    assert (_runs(sql, "proposed"), _runs(sql, "confirmed")) == (0, 0)
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        assert Proposal.objects.filter(status="proposed").count() == 0
        assert not MachineRun.objects.filter(firm=park.firms["B"]).exclude(status="cancelled").exists()
        assert SalesOrderLine.objects.get().plan_state == "late"


def test_a_decline_rings_planning_once_for_all_changes_of_a_minute(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        proposal_decline(actor=actor, proposal_id=asked.pk, now=business_now())
    outbox.deliver()
    row = sql.execute("SELECT count(*) FROM core_backgroundjob WHERE kind = 'plan.again'").fetchone()
    assert row is not None
    assert row[0] in (1, 2)  # two, when the minute ended between the two firms' events


def test_an_answered_proposal_is_not_answered_again(asked: Proposal, park: SmallPark) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        proposal_decline(actor=actor, proposal_id=asked.pk, now=business_now())
    for act in (proposal_accept, proposal_decline):
        with actor_wall(actor), pytest.raises(NotAllowedInState):
            act(actor=actor, proposal_id=asked.pk, now=business_now())


def test_after_its_deadline_a_proposal_expires_and_cannot_be_accepted(
    asked: Proposal, park: SmallPark, sql: Sql
) -> None:
    sql.execute("UPDATE core_installation SET business_at = %s", [asked.expires_at])
    actor = planner_of(park.firms["A"])
    with actor_wall(actor), pytest.raises(ProposalExpired):
        proposal_accept(actor=actor, proposal_id=asked.pk, now=ZERO)
    with wall(DatabaseRole.PLANNER):
        job = jobs.enqueue(kind=EXPIRE, payload={})
    assert jobs.run(job)
    assert the_proposal().status == "expired"
    assert _runs(sql, "proposed") == 0


def test_an_earlier_deadline_than_a_day_still_leaves_an_hour(asked: Proposal) -> None:
    assert ZERO + timedelta(hours=1) <= asked.expires_at <= ZERO + timedelta(hours=24)


@pytest.mark.parametrize("head_start_s", [0.3, 0.06, 0.03, 0.0])
def test_acceptance_against_expiry_has_one_winner(
    asked: Proposal, park: SmallPark, sql: Sql, head_start_s: float
) -> None:
    """The clock passes the deadline while both race; whoever is first wins, and the other sees it."""
    doer, giver = planner_of(park.firms["B"]), planner_of(park.firms["A"])
    with actor_wall(doer):
        proposal_accept(actor=doer, proposal_id=asked.pk, now=business_now())
    before = asked.expires_at - timedelta(seconds=head_start_s)
    sql.execute("UPDATE core_installation SET business_at = %s, started_at = clock_timestamp()", [before])

    def accept() -> None:
        with actor_wall(giver):
            proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())

    def expire() -> None:
        with wall(DatabaseRole.PLANNER):
            proposals_expire(actor=system_actor(), now=business_now())

    accepted = race([accept] * 6 + [expire] * 6)
    sql.execute("UPDATE core_installation SET business_at = %s, started_at = NULL", [asked.expires_at])
    expire()
    assert accepted <= 1
    assert the_proposal().status == ("accepted" if accepted else "expired")
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (accepted,)
    told = "SELECT count(*) FROM core_outboxevent WHERE topic = %s"
    assert sql.execute(told, ["proposal.accepted"]).fetchone() == (2 * accepted,)
    assert sql.execute(told, ["proposal.expired"]).fetchone() == (2 - 2 * accepted,)


def test_an_acceptance_that_waited_for_the_row_beyond_the_deadline_is_refused(
    asked: Proposal, park: SmallPark, sql: Sql, test_database: TestDatabase
) -> None:
    giver = planner_of(park.firms["A"])
    refused: list[str] = []

    def accept() -> None:
        try:
            with actor_wall(giver):
                proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())
        except ProposalExpired as error:
            refused.append(error.code)
        finally:
            connection.close()

    with psycopg.connect(test_database.url("DATABASE_OWNER_URL")) as holder:
        holder.execute("SELECT FROM plans_proposal FOR UPDATE")
        thread = threading.Thread(target=accept)
        thread.start()
        until = time.monotonic() + 20
        while sql.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            assert time.monotonic() < until
            time.sleep(0.01)
        sql.execute("UPDATE core_installation SET business_at = %s", [asked.expires_at])
        holder.rollback()
        thread.join(20)
    assert refused == ["proposal_expired"]
    assert the_proposal().giver_agreed_at is None


def test_only_one_of_many_acceptances_signs(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    doer, giver = planner_of(park.firms["B"]), planner_of(park.firms["A"])
    with actor_wall(doer):
        proposal_accept(actor=doer, proposal_id=asked.pk, now=business_now())

    def accept() -> None:
        with actor_wall(giver):
            proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())

    assert race([accept] * 8) == 1
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (1,)


def test_the_worker_may_plan_while_a_proposal_waits(asked: Proposal) -> None:
    start_plan(publishes_itself=False)
    assert work_off() == ["plan.compute"]


def test_a_cancelled_order_takes_its_open_proposals_back_and_frees_its_machines(
    asked: Proposal, park: SmallPark, sql: Sql
) -> None:
    actor = planner_of(park.firms["A"])
    with actor_wall(actor):
        sales_order_cancel(actor=actor, order_id=asked.line.order_id, now=business_now())
    outbox.deliver()
    assert the_proposal().status == "withdrawn"
    assert _runs(sql, "proposed") == 0
    publish_plan()
    assert sql.execute("SELECT count(*) FROM plans_machinerun WHERE status <> 'cancelled'").fetchone() == (0,)


def test_an_order_that_is_signed_over_in_part_cannot_be_cancelled_or_made_smaller_than_that(park: SmallPark) -> None:
    line = park.order("A", "SO-1", pieces=200, due_days=3.5, consent="allowed")
    publish_plan()
    placed = the_proposal().pieces
    actor = planner_of(park.firms["A"])
    with actor_wall(actor), pytest.raises(NotAllowedInState):
        sales_order_cancel(actor=actor, order_id=line.order_id, now=business_now())
    with actor_wall(actor), pytest.raises(InvalidValue):
        sales_order_line_change(actor=actor, line_id=line.pk, changes={"pieces": placed - 1}, now=business_now())
