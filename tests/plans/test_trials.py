"""Trial calculations: what is told, what becomes of a yes and of a no, and when the answer no longer holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mes.core import outbox
from mes.core.actors import DatabaseRole
from mes.core.errors import InvalidValue, NotAllowedInState, NotFound
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from mes.firms.models import Firm
from orders.sales.models import SalesOrder, SalesOrderLine, SalesOrderTerms
from production.machines import services
from production.machines.models import Downtime, Machine
from production.plans.models import ForbiddenMachine, MachineRun, Pin, Sequence, Trial, TrialProblem
from production.plans.services import trials
from production.plans.services.trial_changes import (
    Changes,
    ForbiddenDraft,
    LineRush,
    PinDraft,
    RushOrder,
    SequenceDraft,
    changes_dump,
    changes_load,
)
from production.plans.services.trials import TooManyTrials, TrialOverdue
from tests.plans.small_park import ZERO, SmallPark
from tests.plans.test_hand import act, machine, machines_of, other
from tests.plans.test_pools import a_mould
from tests.plans.work import publish_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def read(trial: Trial) -> Trial:
    with wall(DatabaseRole.FIRM, trial.firm_id):
        return Trial.objects.get(pk=trial.pk)


def ask(park: SmallPark, firm: str = "A", **changes: Any) -> Trial:
    asked = Changes(**{name: tuple(rows) for name, rows in changes.items()})
    trial: Trial = act(park, trials.trial_ask, firm=firm, changes=asked, now=ZERO)
    return trial


def told(park: SmallPark, firm: str = "A", **changes: Any) -> Trial:
    trial = ask(park, firm, **changes)
    assert trial.status == "queued"
    work_off("trial.calculate")
    trial = read(trial)
    assert trial.status == "told"
    return trial


def accept(park: SmallPark, trial: Trial, firm: str = "A", **fields: Any) -> Trial:
    accepted: Trial = act(park, trials.trial_accept, firm=firm, trial_id=trial.pk, now=ZERO, **fields)
    return accepted


def everything(park: SmallPark) -> dict[str, list[Any]]:
    with wall(DatabaseRole.PLANNER):
        return {
            model.__name__: sorted(map(str, model.objects.values_list()))
            for model in (SalesOrder, SalesOrderLine, Pin, ForbiddenMachine, Sequence, MachineRun)
        }


@pytest.fixture
def tight(park: SmallPark) -> SalesOrderLine:
    """One order of A, whose only press it takes for 20 hours: in time, if nothing comes before it."""
    line = park.order("A", "SO-1", pieces=40, due_days=2.2, consent="never")
    publish_plan()
    return line


def rush(park: SmallPark, **fields: Any) -> RushOrder:
    return RushOrder(
        **({"product_id": park.product.pk, "pieces": 40, "due_at": ZERO + 2.3 * DAY, "priority": 9} | fields)
    )


def test_a_rush_order_says_who_becomes_late_and_the_plan_then_does_so(park: SmallPark, tight: SalesOrderLine) -> None:
    before = everything(park)
    trial = told(park, orders=[rush(park)])
    assert everything(park) == before
    own, new = sorted(trial.answer["lines"], key=lambda line: line["order"] is not None)
    assert (own["sales_order_number"], own["outcome"], own["late_before_min"]) == ("SO-1", "late", 0)
    assert own["late_min"] > 0
    assert (new["order"], new["outcome"], new["sales_order_line_id"]) == (0, "in_time", None)
    assert {move["machine"] for move in trial.answer["moves"] if move["process"] == "PRESS"} == {"P-1"}
    with pytest.raises(InvalidValue) as caught:
        accept(park, trial)
    assert caught.value.pointer == "/customer_name"
    accepted = accept(park, trial, customer_name="客户急")
    (order_id,) = accepted.orders_made
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        assert SalesOrder.objects.get(pk=order_id).status == "confirmed"
        assert SalesOrderTerms.objects.get(order_id=order_id).customer_name == "客户急"
    publish_plan(is_repair=True)
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        made = SalesOrderLine.objects.get(order_id=order_id)
        tight.refresh_from_db()
        assert (tight.plan_state, made.plan_state) == ("late", "on_time")
        for line, said in ((tight, own), (made, new)):
            assert line.planned_finish_at == datetime.fromisoformat(said["finish_at"])


def test_no_changes_nothing_and_is_not_taken_back(park: SmallPark, tight: SalesOrderLine) -> None:
    before = everything(park)
    trial = told(park, orders=[rush(park)], pins=[PinDraft(tight.pk, "PRESS", starts_at=ZERO + DAY)])
    assert act(park, trials.trial_decline, firm="A", trial_id=trial.pk).status == "declined"
    assert everything(park) == before
    for verb in (trials.trial_decline, trials.trial_accept):
        fields = {"now": ZERO, "customer_name": "x"} if verb is trials.trial_accept else {}
        with pytest.raises(NotAllowedInState):
            act(park, verb, firm="A", trial_id=trial.pk, **fields)
    outbox.deliver()
    with wall(DatabaseRole.PLANNER):
        assert not BackgroundJob.objects.filter(kind="plan.again").exists()


def test_pins_machines_and_sequences_are_tried_together_and_made(park: SmallPark) -> None:
    lines = [park.order("B", f"SO-{n}", pieces=8, due_days=6 + n, consent="never") for n in range(3)]
    publish_plan()
    (here,) = machines_of(lines[:1])
    away = machine(park, other(here)).pk
    trial = told(
        park,
        "B",
        pins=[PinDraft(lines[0].pk, "PRESS", away)],
        forbidden=[ForbiddenDraft(line.pk, machine(park, here).pk) for line in lines[1:]],
        sequences=[SequenceDraft(away, tuple(line.pk for line in reversed(lines)))],
        lines=[LineRush(lines[2].pk, priority=3)],
    )
    assert {move["machine"] for move in trial.answer["moves"] if move["machine_before"] == here} <= {other(here)}
    assert all(line["outcome"] != "no_place" for line in trial.answer["lines"])
    accept(park, trial, "B")
    publish_plan(is_repair=True)
    assert machines_of(lines) == {other(here)}
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        (pin,), (one, two), (sequence,) = Pin.objects.all(), ForbiddenMachine.objects.all(), Sequence.objects.all()
    trial = told(park, "B", lifted_pins=[pin.pk], allowed=[one.pk, two.pk], lifted_sequences=[sequence.pk])
    accept(park, trial, "B")
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        assert not Pin.objects.exists()
        assert not ForbiddenMachine.objects.exists()
        assert not Sequence.objects.exists()


def test_a_pin_that_leaves_no_place_is_told_as_such(park: SmallPark, tight: SalesOrderLine) -> None:
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        press = Machine.objects.get(firm=park.firms["A"], code="P-1")
        Downtime.objects.create(firm=park.firms["A"], machine=press, starts_at=ZERO + 9 * DAY, ends_at=ZERO + 11 * DAY)
    trial = told(park, pins=[PinDraft(tight.pk, "PRESS", starts_at=ZERO + 10 * DAY)])
    (line,) = trial.answer["lines"]
    assert (line["outcome"], line["finish_at"], line["late_min"]) == ("no_place", None, None)


def test_an_answer_no_longer_holds_when_the_plan_has_changed(park: SmallPark, tight: SalesOrderLine) -> None:
    firm = park.firms["A"]

    def overdue(trial: Trial) -> bool:
        try:
            accept(park, trial, customer_name="x")
        except TrialOverdue:
            return True
        return False

    trial = told(park, orders=[rush(park)])
    with wall(DatabaseRole.FIRM, firm.pk):
        press = Machine.objects.get(firm=firm, code="P-1")
        stop = Downtime.objects.create(firm=firm, machine=press, starts_at=ZERO + 9 * DAY, ends_at=ZERO + 10 * DAY)
    assert overdue(trial)
    assert read(trial).status == "told"
    with wall(DatabaseRole.FIRM, firm.pk):
        stop.delete()
        other_line = park_line(park, firm)
    assert overdue(trial)
    with wall(DatabaseRole.FIRM, firm.pk):
        SalesOrder.objects.filter(pk=other_line.order_id).update(status="cancelled")
        Trial.objects.filter(pk=trial.pk).update(expires_at=ZERO)
    assert overdue(trial)
    with wall(DatabaseRole.FIRM, firm.pk):
        Trial.objects.filter(pk=trial.pk).update(expires_at=ZERO + DAY)
    park.order("B", "SO-7", pieces=400, due_days=9)
    assert not overdue(trial)


def test_an_answer_no_longer_holds_when_a_mould_goes_to_repair(park: SmallPark, tight: SalesOrderLine) -> None:
    mould = a_mould(park, "A")
    publish_plan()
    trial = told(park, orders=[rush(park)])
    hours = {"starts_at": ZERO + 9 * DAY, "ends_at": ZERO + 10 * DAY}
    act(park, services.pool_downtime_add, firm="A", pool_id=mould.pk, **hours)
    with pytest.raises(TrialOverdue):
        accept(park, trial, customer_name="x")


def park_line(park: SmallPark, firm: Firm) -> SalesOrderLine:
    order = SalesOrder.objects.create(firm=firm, number="SO-X", status="confirmed", ordered_on=ZERO.date())
    return SalesOrderLine.objects.create(
        firm=firm, order=order, number=1, product=park.product, pieces=2, due_at=ZERO + 9 * DAY
    )


def test_pieces_at_other_members_stay_there(park: SmallPark) -> None:
    large = park.order("A", "SO-1", pieces=150, due_days=3.5, consent="ask")
    publish_plan()
    with wall(DatabaseRole.PLANNER):
        assert MachineRun.objects.exclude(firm=park.firms["A"]).exists()
    trial = told(park, lines=[LineRush(large.pk, priority=3)])
    assert (trial.answer["lines"], trial.answer["moves"]) == ([], [])


def test_who_may_not_and_how_often(park: SmallPark, tight: SalesOrderLine, settings: Any) -> None:
    trial = told(park, lines=[LineRush(tight.pk, priority=9)])
    with pytest.raises(NotFound):
        accept(park, trial, "B")
    with pytest.raises(NotFound):
        ask(park, "B", lines=[LineRush(tight.pk, priority=9)])
    for changes in ({}, {"lines": [LineRush(tight.pk, priority=9)] * 51}):
        with pytest.raises(InvalidValue):
            ask(park, **changes)
    with pytest.raises(InvalidValue) as caught:
        ask(park, pins=[PinDraft(tight.pk, "PRESS", starts_at=ZERO + DAY)] * 2)
    assert caught.value.pointer == "/pins/1/process"
    with pytest.raises(InvalidValue) as caught:
        ask(park, orders=[rush(park, due_at=ZERO - DAY)])
    assert caught.value.pointer == "/orders/0/due_at"
    settings.TRIALS_PER_HOUR = 1
    with pytest.raises(TooManyTrials):
        ask(park, lines=[LineRush(tight.pk, priority=9)])


def test_a_trial_that_was_declined_is_not_calculated(park: SmallPark, tight: SalesOrderLine) -> None:
    trial = ask(park, lines=[LineRush(tight.pk, priority=9)])
    act(park, trials.trial_decline, firm="A", trial_id=trial.pk)
    work_off("trial.calculate")
    assert (read(trial).status, read(trial).answer) == ("declined", None)


def test_the_others_learn_nothing_of_it(park: SmallPark, tight: SalesOrderLine) -> None:
    ask(park, lines=[LineRush(tight.pk, priority=9)])
    for model in (Trial, TrialProblem):
        with wall(DatabaseRole.FIRM, park.firms["B"].pk):
            assert not model.objects.exists()


def test_changes_are_kept_as_json(park: SmallPark, tight: SalesOrderLine) -> None:
    changes = Changes(
        lifted_pins=(tight.pk,),
        lines=(LineRush(tight.pk, due_at=ZERO),),
        orders=(rush(park),),
        sequences=(SequenceDraft(tight.pk, (tight.pk, tight.order_id)),),
        pins=(PinDraft(tight.pk, "PRESS"),),
        forbidden=(ForbiddenDraft(tight.pk, tight.pk),),
    )
    assert changes_load(changes_dump(changes)) == changes
