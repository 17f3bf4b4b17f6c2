"""What an answer finds: the giver's order as it is now, and machine runs that several lots may share."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from mes.catalog.models import Product
from mes.core import outbox
from mes.core.actors import DatabaseRole
from mes.core.clock import business_now
from mes.core.errors import NotAllowedInState
from mes.core.wall import actor_wall, wall
from orders.sales.services import LineChanges, sales_order_cancel, sales_order_line_change
from production.exchange.services.proposals import proposal_accept, proposal_decline
from production.machines.models import CapacityOffer
from production.plans.models import MachineRun, PlannedLot, Proposal, RunPart
from production.plans.services.machine_runs import machine_run_approve, machine_run_confirm
from tests.exchange.work import race, the_proposal
from tests.plans.small_park import ZERO, SmallPark, planner_of
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Sql = psycopg.Connection[tuple[object, ...]]


def test_an_order_cancelled_a_moment_ago_is_not_signed_over(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    """The proposal is taken back only when the outbox is told; an answer in between finds the order cancelled."""
    giver, doer = planner_of(park.firms["A"]), planner_of(park.firms["B"])
    with actor_wall(giver):
        proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())
    with actor_wall(giver):
        sales_order_cancel(actor=giver, order_id=asked.line.order_id, now=business_now())
    with actor_wall(doer), pytest.raises(NotAllowedInState):
        proposal_accept(actor=doer, proposal_id=asked.pk, now=business_now())
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (0,)


def test_more_pieces_than_the_line_has_left_are_not_signed_over(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    giver, doer = planner_of(park.firms["A"]), planner_of(park.firms["B"])
    with actor_wall(giver):
        sales_order_line_change(
            actor=giver, line_id=asked.line_id, changes={"pieces": asked.pieces - 1}, now=business_now()
        )
    with actor_wall(doer):
        proposal_accept(actor=doer, proposal_id=asked.pk, now=business_now())
    with actor_wall(giver), pytest.raises(NotAllowedInState):
        proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (0,)


def test_a_line_of_another_product_now_is_not_signed_over(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    """What was proposed is no longer what the giver wants, even when the giver itself says yes last."""
    giver, doer = planner_of(park.firms["A"]), planner_of(park.firms["B"])
    with wall(DatabaseRole.STAFF):
        copied = {"name_zh": "另一种板", "form": "panel", "length_mm": 2000, "width_mm": 1000, "thickness_mm": 30}
        other = Product.objects.create(
            code="PAVE-31", grade=park.product.grade, colour="black", unit_mass_g=50_000, **copied
        )
    with actor_wall(giver):
        sales_order_line_change(
            actor=giver, line_id=asked.line_id, changes={"product_id": other.pk}, now=business_now()
        )
    with actor_wall(doer):
        proposal_accept(actor=doer, proposal_id=asked.pk, now=business_now())
    with actor_wall(giver), pytest.raises(NotAllowedInState):
        proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (0,)


@pytest.mark.parametrize("change", ["consent", "ceiling", "exclusion"])
def test_a_standing_yes_that_was_taken_back_before_it_was_carried_out_signs_nothing(
    park: SmallPark, sql: Sql, change: str
) -> None:
    line = park.order("A", "SO-1", pieces=200, due_days=3.5, consent="allowed")
    start_plan()
    work_off()
    changes: dict[str, LineChanges] = {
        "consent": {"consent": "never"},
        "ceiling": {"fee_ceiling_cny_per_t": Decimal(1000)},
        "exclusion": {"excluded_firm_ids": frozenset({park.firms["B"].pk})},
    }
    giver = planner_of(park.firms["A"])
    with actor_wall(giver):
        sales_order_line_change(actor=giver, line_id=line.pk, changes=changes[change], now=business_now())
    outbox.deliver()
    work_off()
    assert the_proposal().status == "proposed"
    assert sql.execute("SELECT count(*) FROM outsourcing_outsourceorder").fetchone() == (0,)


def test_a_cancellation_and_an_acceptance_at_once_do_not_both_happen(
    asked: Proposal, park: SmallPark, sql: Sql
) -> None:
    giver, doer = planner_of(park.firms["A"]), planner_of(park.firms["B"])
    with actor_wall(giver):
        proposal_accept(actor=giver, proposal_id=asked.pk, now=business_now())
    locked, accepted = threading.Event(), threading.Event()

    def cancel() -> None:
        with actor_wall(giver):
            sales_order_cancel(actor=giver, order_id=asked.line.order_id, now=business_now())
            locked.set()
            accepted.wait(0.5)

    def accept() -> None:
        locked.wait(10)
        try:
            with actor_wall(doer):
                proposal_accept(actor=doer, proposal_id=asked.pk, now=business_now())
        finally:
            accepted.set()

    race([cancel, accept])
    row = sql.execute(
        "SELECT count(*) FROM outsourcing_outsourceorder w JOIN sales_salesorderline l ON l.id = w.giver_line_id"
        " JOIN sales_salesorder o ON o.id = l.order_id WHERE o.status = 'cancelled'"
    ).fetchone()
    assert row == (0,)


def test_a_run_whose_placement_is_unanswered_cannot_be_confirmed(asked: Proposal, park: SmallPark, sql: Sql) -> None:
    doer = planner_of(park.firms["B"])
    with wall(DatabaseRole.FIRM, doer.firm_id):
        run = MachineRun.objects.order_by("period")[0]
    for act in (machine_run_approve, machine_run_confirm):
        with actor_wall(doer), pytest.raises(NotAllowedInState):
            act(actor=doer, run_id=run.pk)


def test_a_run_shared_with_a_declined_placement_carries_only_what_is_left(
    asked: Proposal, park: SmallPark, sql: Sql
) -> None:
    """A run of the doer that also carries work of its own stays, without the pieces of the declined placement."""
    doer = planner_of(park.firms["B"])
    own = park.order("B", "SO-9", pieces=4, due_days=9)
    with wall(DatabaseRole.PLANNER):
        part = RunPart.objects.filter(lot__proposal=asked).select_related("run", "lot").order_by("pk")[0]
        lot = PlannedLot.objects.create(
            firm_id=doer.firm_id,
            plan_run_id=part.lot.plan_run_id,
            line=own,
            key="B:SO-9:1/1",
            routing_variant="press",
            pieces=4,
            batches=[4],
            finish_at=part.lot.finish_at,
        )
        RunPart.objects.create(
            firm_id=doer.firm_id, run=part.run, lot=lot, step=part.step, first_batch=0, batches=1, pieces=4
        )
        MachineRun.objects.filter(pk=part.run_id).update(pieces=part.run.pieces + 4)
    with actor_wall(doer):
        proposal_decline(actor=doer, proposal_id=asked.pk, now=business_now())
    carried = "SELECT r.status, r.pieces, sum(p.pieces) FROM plans_machinerun r JOIN plans_runpart p ON p.run_id = r.id"
    assert sql.execute(f"{carried} WHERE r.id = %s GROUP BY r.id", [part.run_id]).fetchone() == ("proposed", 4, 4)
    assert publish_plan().state == "published"
    assert sql.execute("SELECT count(*) FROM plans_machinerun WHERE id = %s", [part.run_id]).fetchone() == (0,)


def test_the_deadline_of_a_proposal_does_not_tell_when_the_givers_order_is_due(asked: Proposal) -> None:
    assert asked.expires_at - ZERO in {timedelta(hours=hours) for hours in (1, 8, 24)}


def test_a_lots_name_tells_the_doer_nothing_of_the_givers_line(asked: Proposal, park: SmallPark) -> None:
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        names = sorted(lot.key.split(":")[-1] for lot in PlannedLot.objects.all())
    assert names == [str(number + 1) for number in range(len(names))]


def test_later_nights_do_not_place_more_than_the_offered_share(park: SmallPark, sql: Sql) -> None:
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        CapacityOffer.objects.update(share_pct=5)
    line = park.order("A", "SO-1", pieces=400, due_days=6, consent="allowed")
    offered_min = 2 * 30 * 1440 * 5 // 100
    for night in range(3):
        publish_plan()
        park.order("A", f"SO-{night + 2}", pieces=400, due_days=6)
    row = sql.execute(
        "SELECT sum(extract(epoch FROM upper(period) - work_starts_at)) / 60 FROM plans_machinerun"
        " WHERE process = 'PRESS' AND firm_id = %s AND status <> 'cancelled'",
        [park.firms["B"].pk],
    ).fetchone()
    assert row is not None
    assert 0 < int(str(row[0]).split(".")[0]) <= offered_min
    assert line.pk
