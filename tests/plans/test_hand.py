"""The planner's hand: pins, forbidden machines and sequences hold in each plan until they are lifted or lapse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from mes.core import outbox
from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound, NotPermitted
from mes.core.models import AuditRow, BackgroundJob, OutboxEvent
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from orders.sales.models import LineCompletion, SalesOrder, SalesOrderLine
from production.machines.models import Machine
from production.planning import problem as p
from production.plans.models import ForbiddenMachine, LineReason, MachineRun, Pin, Sequence
from production.plans.selectors.problem import snapshot_of_firm, snapshot_of_park
from production.plans.services import hand
from production.plans.services.machine_runs import machine_run_confirm
from production.plans.services.runs import plan_run_publish
from tests.plans.small_park import ZERO, SmallPark, planner_of, staff
from tests.plans.work import publish_plan, start_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def machine(park: SmallPark, code: str, firm: str = "B") -> Machine:
    with wall(DatabaseRole.PLANNER):
        return Machine.objects.get(code=code, firm=park.firms[firm])


def act(park: SmallPark, service: Any, *, firm: str = "B", **fields: Any) -> Any:
    actor = planner_of(park.firms[firm])
    with actor_wall(actor):
        return service(actor=actor, **fields)


def pin(park: SmallPark, line: SalesOrderLine, process: str = "PRESS", code: str | None = None, **fields: Any) -> Pin:
    named = {"machine_id": machine(park, code).pk} if code else {}
    made: Pin = act(park, hand.pin_set, line_id=line.pk, process=process, now=ZERO, **named, **fields)
    return made


def runs_of(line: SalesOrderLine, process: str = "PRESS") -> list[MachineRun]:
    with wall(DatabaseRole.PLANNER):
        runs = MachineRun.objects.filter(parts__lot__line=line, process=process).select_related("machine")
        return sorted(runs.distinct(), key=lambda run: run.period.lower)


def machines_of(lines: Iterable[SalesOrderLine]) -> set[str]:
    return {run.machine.code for line in lines for run in runs_of(line)}


@pytest.fixture
def lines(park: SmallPark) -> list[SalesOrderLine]:
    """Three small orders of B, which has two presses."""
    return [park.order("B", f"SO-{n}", pieces=8, due_days=6 + n, consent="never") for n in range(3)]


def other(code: str) -> str:
    return "P-1" if code == "P-2" else "P-2"


def test_a_pin_to_a_machine_holds_at_night_and_in_a_repair(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    publish_plan()
    (here,) = machines_of(lines[:1])
    made = pin(park, lines[0], code=other(here))
    publish_plan(is_repair=True)
    assert machines_of(lines[:1]) == {other(here)}
    park.order("B", "SO-9", pieces=100, due_days=4, consent="never")
    publish_plan()
    assert machines_of(lines[:1]) == {other(here)}
    act(park, hand.pin_lift, pin_id=made.pk)
    with wall(DatabaseRole.PLANNER):
        assert not Pin.objects.exists()
        assert snapshot_of_park(zero_at=ZERO).problem.pins == ()


def test_a_run_pinned_where_it_stands_stays_while_more_important_work_comes(
    park: SmallPark, lines: list[SalesOrderLine]
) -> None:
    publish_plan()
    last = max(lines, key=lambda line: runs_of(line)[-1].period.lower)
    (run,) = runs_of(last)
    act(park, hand.machine_run_pin, run_id=run.pk, now=ZERO)
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        SalesOrderLine.objects.filter(pk=lines[0].pk).update(priority=9, pieces=300)
    for is_repair in (True, False):
        publish_plan(is_repair=is_repair)
        (now,) = runs_of(last)
        assert (now.machine_id, now.period.lower) == (run.machine_id, run.period.lower)


def test_a_start_holds_the_first_run(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    start = ZERO + 3 * DAY + 5 * HOUR
    pin(park, lines[1], starts_at=start)
    publish_plan()
    assert runs_of(lines[1])[0].period.lower == start


def test_more_pieces_of_a_line_pinned_to_a_start_are_planned_with_the_others(
    park: SmallPark, lines: list[SalesOrderLine]
) -> None:
    start = ZERO + 3 * DAY
    pin(park, lines[1], code="P-1", starts_at=start)
    publish_plan()
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        SalesOrderLine.objects.filter(pk=lines[1].pk).update(pieces=12)
    run = publish_plan(is_repair=True)
    assert run.figures["violations"] == 0
    assert runs_of(lines[1])[0].period.lower == start
    assert sum(its.pieces for its in runs_of(lines[1])) == 12


def test_a_forbidden_machine_is_left_and_used_again(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    publish_plan()
    (here,) = machines_of(lines[:1])
    rows = [act(park, hand.machine_forbid, line_id=line.pk, machine_id=machine(park, here).pk) for line in lines]
    publish_plan(is_repair=True)
    assert machines_of(lines) == {other(here)}
    for row in rows:
        act(park, hand.machine_allow, forbidden_id=row.pk)
    with wall(DatabaseRole.PLANNER):
        assert {line.forbidden_machines for line in snapshot_of_park(zero_at=ZERO).problem.lines} == {()}


def test_a_sequence_is_kept_by_the_night_and_a_repair(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    """The first to be due comes last."""
    order = [line.pk for line in reversed(lines)]
    for line in lines:
        pin(park, line, code="P-1")
    act(park, hand.sequence_set, machine_id=machine(park, "P-1").pk, line_ids=order)
    for is_repair in (False, True):
        publish_plan(is_repair=is_repair)
        starts = {line.pk: runs_of(line)[0].period.lower for line in lines}
        assert sorted(starts, key=starts.__getitem__) == order
        assert machines_of(lines) == {"P-1"}
    turned = act(park, hand.sequence_set, machine_id=machine(park, "P-1").pk, line_ids=order[::-1])
    publish_plan(is_repair=True)
    starts = {line.pk: runs_of(line)[0].period.lower for line in lines}
    assert sorted(starts, key=starts.__getitem__) == order[::-1]
    act(park, hand.sequence_lift, sequence_id=turned.pk)
    with wall(DatabaseRole.PLANNER):
        assert not Sequence.objects.exists()


def test_the_firm_alone_reads_its_hand_and_no_other_firms(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    pin(park, lines[0], code="P-1")
    park.order("A", "SO-1", pieces=8, due_days=9)
    for code, pins in (("A", ()), ("B", (p.Pin("B:SO-0:1", "PRESS", "B:P-1"),))):
        with wall(DatabaseRole.FIRM, park.firms[code].pk):
            assert snapshot_of_firm(zero_at=ZERO, firm_id=park.firms[code].pk).problem.pins == pins
            assert Pin.objects.count() == len(pins)


def test_what_a_planner_says_meanwhile_is_not_overrun_by_a_plan(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    """A candidate that does not know the pin leaves the line as it was."""
    publish_plan()
    (here,) = machines_of(lines[:1])
    before = [run.pk for run in runs_of(lines[0])]
    candidate = start_plan(publishes_itself=False)
    work_off("plan.compute")
    pin(park, lines[0], code=other(here))
    with wall(DatabaseRole.STAFF):
        plan_run_publish(actor=staff(), run_id=candidate)
    work_off()
    assert [run.pk for run in runs_of(lines[0])] == before


def test_it_rings_planning_and_is_audited(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    made = pin(park, lines[0], code="P-1")
    act(park, hand.pin_lift, pin_id=made.pk)
    outbox.deliver()
    with wall(DatabaseRole.PLANNER):
        assert OutboxEvent.objects.filter(topic="hand.changed", told_at__isnull=False).count() == 2
        assert BackgroundJob.objects.filter(kind="plan.again").exists()
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        assert set(AuditRow.objects.values_list("verb", flat=True)) >= {"pin.set", "pin.lift"}


def test_a_hand_lapses_with_its_line_or_machine_and_nothing_breaks(
    park: SmallPark, lines: list[SalesOrderLine]
) -> None:
    for line in lines:
        pin(park, line, code="P-1", starts_at=ZERO + 2 * DAY)
    act(park, hand.machine_forbid, line_id=lines[0].pk, machine_id=machine(park, "P-2").pk)
    act(park, hand.sequence_set, machine_id=machine(park, "P-1").pk, line_ids=[line.pk for line in lines])
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        SalesOrder.objects.filter(pk=lines[2].order_id).update(status="cancelled")
        LineCompletion.objects.create(firm=park.firms["B"], line=lines[1], pieces=8, completed_at=ZERO)
    with wall(DatabaseRole.PLANNER):
        problem = snapshot_of_park(zero_at=ZERO).problem
        assert [(pin.line, pin.start_min) for pin in problem.pins] == [("B:SO-0:1", 2 * 1440)]
        assert problem.sequences == ()
        later = snapshot_of_park(zero_at=ZERO + 3 * DAY).problem
        assert [(pin.line, pin.start_min) for pin in later.pins] == [("B:SO-0:1", None)]
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        Machine.objects.filter(firm=park.firms["B"], code="P-1").update(status="retired")
        Machine.objects.filter(firm=park.firms["B"], code="P-2").update(code="P-3")
        ForbiddenMachine.objects.all().delete()
    run = publish_plan()
    assert (run.state, machines_of(lines[:1])) == ("published", {"P-3"})


def test_the_start_of_a_pin_is_fulfilled_by_a_confirmed_run(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    publish_plan()
    (run,) = runs_of(lines[0])
    act(park, hand.machine_run_pin, run_id=run.pk, now=ZERO - DAY)
    act(park, machine_run_confirm, run_id=run.pk)
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        SalesOrderLine.objects.filter(pk=lines[0].pk).update(pieces=12)
    publish_plan(is_repair=True)
    runs = runs_of(lines[0])
    assert [its.pieces for its in runs if its.pk == run.pk] == [8]
    assert sum(its.pieces for its in runs) == 12
    assert {its.machine_id for its in runs} == {run.machine_id}


def test_a_pin_that_cannot_be_kept_is_named_and_its_line_has_no_place(
    park: SmallPark, lines: list[SalesOrderLine]
) -> None:
    """The saw has lost the product's last step since it was pinned."""
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        Pin.objects.create(
            firm=park.firms["B"],
            line=lines[0],
            process="PRESS",
            machine=Machine.objects.get(code="SAW-1", firm__code="B"),
        )
    run = publish_plan()
    assert [note["code"] for note in run.notes] == ["pin_impossible"]
    assert run.state == "published"
    assert runs_of(lines[0]) == []
    assert machines_of(lines[1:]) <= {"P-1", "P-2"}
    with wall(DatabaseRole.PLANNER):
        assert LineReason.objects.filter(line=lines[0]).first().code == "planners_hand"  # type: ignore[union-attr]


def refused(park: SmallPark, error: type[Exception], service: Any, *, firm: str = "B", **fields: Any) -> str:
    with pytest.raises(error) as caught:
        act(park, service, firm=firm, **fields)
    return str(getattr(caught.value, "pointer", ""))


def test_who_may_not_and_what_is_not_there(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    press, theirs = machine(park, "P-1").pk, machine(park, "P-1", "A").pk
    pinned = {"line_id": lines[0].pk, "process": "PRESS", "now": ZERO}
    refused(park, NotFound, hand.pin_set, firm="A", machine_id=theirs, **pinned)
    refused(park, NotFound, hand.pin_set, machine_id=theirs, **pinned)
    refused(park, NotFound, hand.machine_forbid, line_id=lines[0].pk, machine_id=theirs)
    refused(park, NotFound, hand.sequence_set, machine_id=theirs, line_ids=[line.pk for line in lines])
    made = pin(park, lines[0], code="P-1")
    refused(park, NotFound, hand.pin_lift, firm="A", pin_id=made.pk)
    operator = Actor(DatabaseRole.FIRM, Channel.API, firm_id=park.firms["B"].pk, roles=frozenset({Role.OPERATOR}))
    with actor_wall(operator), pytest.raises(NotPermitted):
        hand.machine_forbid(actor=operator, line_id=lines[0].pk, machine_id=press)
    with actor_wall(staff()), pytest.raises(NotPermitted):
        hand.pin_lift(actor=staff(), pin_id=made.pk)


def test_a_run_that_is_frozen_or_one_of_several_is_not_pinned(park: SmallPark, lines: list[SalesOrderLine]) -> None:
    large = park.order("B", "SO-L", pieces=300, due_days=4, consent="never")
    publish_plan()
    (small,) = runs_of(lines[2])
    act(park, machine_run_confirm, run_id=small.pk)
    refused(park, NotAllowedInState, hand.machine_run_pin, run_id=small.pk, now=ZERO)
    assert len(runs_of(large)) > 1
    refused(park, NotAllowedInState, hand.machine_run_pin, run_id=runs_of(large)[0].pk, now=ZERO)
    refused(park, NotFound, hand.machine_run_pin, firm="A", run_id=runs_of(lines[0])[0].pk, now=ZERO)
    late = {"run_id": runs_of(lines[0])[0].pk, "now": ZERO + 30 * DAY}
    assert refused(park, InvalidValue, hand.machine_run_pin, **late) == "/starts_at"
