"""The small park after some days of work: at least one row of each kind that the desk shows.

Orders that are late, without a place, of a firm's own product; a proposal that waits and work signed over; a candidate;
goods, reports, exceptions of hours; a failed job and an event that was not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.db import connection

from mes.catalog.models import ChangeoverRule, Grade, MachineClass, Material, Product, ProductEnvelope
from mes.core.actors import Actor, DatabaseRole, system_actor
from mes.core.clock import business_now, database_now
from mes.core.models import BackgroundJob, OutboxEvent, Routine
from mes.core.wall import actor_wall, wall
from mes.firms.choices import Role
from mes.firms.models import Firm, SessionRead, User
from mes.firms.services import (
    account_code_issue,
    data_terms_sign,
    interest_declare,
    read_session_end,
    read_session_open,
    user_create,
)
from mes.lots.models import Lot
from mes.signin.models import SecondFactor
from orders.outsourcing.models import OutsourceDispatch, OutsourceOrder, OutsourceReceipt
from orders.sales.models import LineCompletion, SalesOrder, SalesOrderDecline, SalesOrderLine, SalesOrderTerms
from procurement.awards.models import AwardPlan
from procurement.awards.services import award_confirmations_close, award_consent, award_propose
from procurement.awards.services.searching import SOLVE, on_moved
from procurement.benchmarks.selectors import SaidPrice
from procurement.benchmarks.services import MarketQuoteDraft, PolicyDraft, benchmark_policy_set, market_quote_record
from procurement.quotations.services import DiscountDraft
from procurement.rounds.models import Round
from procurement.rounds.services import round_freeze, use_allowance_grant
from production.floor.models import ProductionReport
from production.machines.models import (
    CalendarDay,
    CapacityOffer,
    CapacityOfferTerms,
    Downtime,
    FirmApproval,
    FrozenBooking,
    Machine,
    OfferedMachine,
    Overtime,
    Pool,
    PoolDowntime,
    PoolNeed,
    Shift,
    ShiftPattern,
    StockMovement,
)
from production.plans.models import ForbiddenMachine, MachineRun, Pin, Scenario, Sequence, SequenceLine
from production.plans.services.promises import Question, promise_ask, promise_reserve
from tests.core.people import a_signature, staff_actor
from tests.database import TestDatabase, close_connections
from tests.desk.lively_settlement import a_closed_round
from tests.desk.lively_supply import a_delivered_round
from tests.plans.scenarios import computed, started
from tests.plans.small_park import ZERO, SmallPark, planner_of, small_park
from tests.plans.work import publish_plan, start_plan, work_off
from tests.quotations.work import a_draft, consent, officer_named, open_it, publish, put, seal
from tests.rounds.work import a_supplier, an_officer, an_open_round, commit, the_time_is

FEE = Decimal(987654)
RESERVE_FEN_PER_T = 87_654_321
SECRETS = ("客户机密", str(FEE), str(RESERVE_FEN_PER_T))
"""What no page of the desk may show: a customer's name, a fee, and a reserve price."""


def at(days: float) -> date:
    return ZERO + timedelta(days=days)


@contextmanager
def logged_in_as_worker(database: TestDatabase) -> Iterator[None]:
    """This process works with the worker's login, which may take the planner's role."""
    parts = urlsplit(database.url("DATABASE_WORKER_URL"))
    with pytest.MonkeyPatch.context() as patch:
        close_connections()
        patch.setitem(connection.settings_dict, "USER", unquote(parts.username or ""))
        patch.setitem(connection.settings_dict, "PASSWORD", unquote(parts.password or ""))
        yield
        close_connections()


def lively_park(database: TestDatabase) -> SmallPark:
    """Makes and commits the rows, and plans with them; the clock stands at the small park's zero."""
    with psycopg.connect(database.url("DATABASE_OWNER_URL"), autocommit=True) as owner:
        owner.execute("INSERT INTO core_installation (id, kind, business_at) VALUES (1, 'test', %s)", [ZERO])
    with logged_in_as_worker(database):
        park = small_park()
        _people(park)
        _staff_walls(park)
        _hours(park)
        _second_offer(park)
        park.order("A", "SO-1", pieces=200, due_days=3.5)
        park.order("A", "SO-2", pieces=200, due_days=3.6, consent="ask")
        park.order("A", "SO-3", pieces=400, due_days=1, consent="never")
        park.order("C", "SO-4", pieces=10, due_days=5, consent="never")
        park.order("C", "SO-5", pieces=2, due_days=-0.2, consent="never")
        _own_product(park)
        _shared(park)
        _declined(park)
        start_plan(publishes_itself=False, is_advisory=True)
        work_off("plan.compute")
        publish_plan()
        _promises(park)
        _hand(park)
        _troubles(park)
        _goods_and_reports()
        park.order("A", "SO-5", pieces=40, due_days=2, consent="never")  # in the candidate it pushes others aside
        start_plan(publishes_itself=False)
        work_off()
        _scenarios()
        _machinery()
    _rounds(park, database)
    a_delivered_round()
    a_closed_round()
    _locked_out(database)
    return park


def _rounds(park: SmallPark, database: TestDatabase) -> None:
    """One that waits for its signature and one that is open, in which only A has committed. The clock is put back."""
    days = {"firming_at": 5, "demand_closes_at": 7, "quotations_close_at": 14}
    times = {name: ZERO + timedelta(days=number) for name, number in days.items()}
    a_supplier("S1", material="U2R")
    officer, firm = an_officer(), park.firms["A"]
    for code in ("2026-R1", "2026-R2"):
        row = an_open_round(code, material="U2R", **times)
        with actor_wall(officer):
            use_allowance_grant(
                actor=officer, round_id=row.pk, number=1, firm_id=firm.pk, most_kg=64_000, reason="新厂"
            )
        commit(firm, row, 32_000, reserve_fen_per_t=RESERVE_FEN_PER_T)
        if code == "2026-R1":
            with actor_wall(officer):
                round_freeze(actor=officer, round_id=row.pk, now=times["demand_closes_at"], few_firms_reason="试运行")
                _market_quote(officer)
                benchmark_policy_set(actor=officer, round_id=row.pk, draft=PolicyDraft({"trader_quote": 1}))
            _quotations(row, times["quotations_close_at"])
            _award(row, database)
            the_time_is(ZERO)


def _market_quote(officer: Actor) -> None:
    said = SaidPrice(900_000, True, 130, True, 0, 0, 0)
    material = Material.objects.get(code="U2R")
    quote = MarketQuoteDraft(material.pk, "trader_quote", "甲贸易商", ZERO.date(), 20_000, said)
    market_quote_record(actor=officer, draft=quote, now=business_now())


def _quotations(row: Round, closes_at: datetime) -> None:
    """Two suppliers were asked and one has quoted, which was opened."""
    sellers = [a_supplier(code, material="U2R") for code in ("S2", "S3")]
    tender = publish(row, sellers, few_suppliers_reason="只有两家")
    valid_until = (closes_at + timedelta(days=30)).date()
    put(sellers[0], tender, a_draft(valid_until=valid_until, discounts=(DiscountDraft(100_000, 10),)))
    seal(sellers[0], tender)
    the_time_is(closes_at)
    officers = [officer_named(name) for name in ("first-officer", "second-officer")]
    for officer in officers:
        consent(officer, tender)
    open_it(officers[0], tender)


def _award(row: Round, database: TestDatabase) -> None:
    """Searched, put to the firms, confirmed by A's silence, and agreed to by one officer."""
    officer = officer_named("first-officer")
    with logged_in_as_worker(database):
        on_moved({"round_id": str(row.pk), "status": "opened"})
        work_off(SOLVE)
    with actor_wall(officer):
        plan = AwardPlan.objects.get(round=row, kind="optimal")
        award_propose(actor=officer, plan_id=plan.pk, now=business_now())
        closes_at = Round.objects.get(pk=row.pk).confirm_closes_at
    assert closes_at is not None
    the_time_is(closes_at)
    with logged_in_as_worker(database), wall(DatabaseRole.PLANNER):
        award_confirmations_close(actor=system_actor(), round_id=row.pk, now=closes_at)
    with actor_wall(officer):
        award_consent(actor=officer, plan_id=plan.pk, now=closes_at)


def _people(park: SmallPark) -> None:
    with wall(DatabaseRole.STAFF):
        for name, role in (
            ("administrator", Role.ADMINISTRATOR),
            ("dispatcher", Role.DISPATCHER),
            ("barred", Role.DISPATCHER),
            ("round-officer", Role.ROUND_OFFICER),
            ("auditor", Role.AUDITOR),
        ):
            user_create(actor=staff_actor(), username=name, firm=None, roles=[role])
        offices = [Role.ADMINISTRATOR, Role.ROUND_OFFICER]  # who opens each list that there is
        user_create(actor=staff_actor(), username="chair", firm=None, roles=offices)
        for firm in park.firms.values():
            user = user_create(actor=staff_actor(), username="planner", firm=firm, roles=[Role.PLANNER])
            account_code_issue(actor=staff_actor(), user_id=user.pk, now=database_now())
            data_terms_sign(actor=staff_actor(), firm_id=firm.pk, signature=a_signature(), now=database_now())
        ChangeoverRule.objects.create(
            kind="press", attribute="colour_depth", change="to_lighter", group="material", minutes=90
        )
        night = ShiftPattern.objects.create(code="2X8")
        Shift.objects.create(pattern=night, start_min=960, end_min=1500)
        CalendarDay.objects.create(day=at(5), kind="holiday", name_zh="中秋节", name_en="Mid-Autumn", source="国务院")


def _staff_walls(park: SmallPark) -> None:
    """A dispatcher with an interest in A, and a session of the auditor who read a page of B."""
    now = database_now()
    with wall(DatabaseRole.STAFF):
        barred, auditor = (User.objects.get(username=name) for name in ("barred", "auditor"))
        administrator = staff_actor(user_id=User.objects.get(username="administrator").pk)
        interest_declare(actor=administrator, user_id=barred.pk, firm_id=park.firms["A"].pk, now=now)
        reader = staff_actor(Role.AUDITOR, user_id=auditor.pk)
        firm = park.firms["B"]
        session = read_session_open(actor=reader, firm_id=firm.pk, reason="按投诉核对配方与工艺", hours=1, now=now)
        SessionRead.objects.create(session=session, firm=firm, at=now, method="GET", page="/admin/")
        read_session_end(actor=reader, read_session_id=session.pk, now=now)


def _hours(park: SmallPark) -> None:
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        saw = Machine.objects.get(firm=firm, code="SAW-1")
        Downtime.objects.create(firm=firm, machine=saw, starts_at=at(8), ends_at=at(8.5), note="换锯片")
        for model in (Overtime, FrozenBooking):
            model.objects.create(firm=firm, machine=saw, starts_at=at(9), ends_at=at(9.5), note=SECRETS[0])
        FirmApproval.objects.create(firm=firm, code="medical")
        Lot.objects.create(firm=firm, code="L-1", kind="material", material=Material.objects.get(code="U2R"))


def _shared(park: SmallPark) -> None:
    """A mould for a product that the association does not see, and when it is missing."""
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        mould = Pool.objects.create(firm=firm, code="M-30", name=SECRETS[0], kind="mould", size=2)
        PoolNeed.objects.create(
            firm=firm, pool=mould, units=1, process="PRESS", product=Product.objects.get(code="OWN-1")
        )
        PoolDowntime.objects.create(firm=firm, pool=mould, starts_at=at(8), ends_at=at(8.5), note=SECRETS[0])


def _promises(park: SmallPark) -> None:
    """One that holds a press, and one of a product that the association does not see, with a fee."""
    firm = park.firms["A"]
    actor = planner_of(firm)
    with actor_wall(actor):
        held = promise_ask(actor=actor, question=Question(product_id=park.product.pk, pieces=4), now=ZERO)
        promise_reserve(actor=actor, promise_id=held.pk, hours=300, now=ZERO)
        own = Product.objects.get(code="OWN-1")
        promise_ask(actor=actor, question=Question(product_id=own.pk, pieces=2, fee_ceiling_cny_per_t=FEE), now=ZERO)


def _hand(park: SmallPark) -> None:
    """A step that is pinned, a machine that is forbidden, and an order of two lines."""
    firm = park.firms["A"]
    actor = planner_of(firm)
    with actor_wall(actor):
        lines = list(SalesOrderLine.objects.filter(order__number__in=("SO-3", "SO-9")).order_by("order__number"))
        press, saw = (Machine.objects.get(firm=firm, code=code) for code in ("P-1", "SAW-1"))
        Pin.objects.create(firm=firm, line=lines[1], process="PRESS", starts_at=at(30))
        ForbiddenMachine.objects.create(firm=firm, line=lines[1], machine=saw)
        sequence = Sequence.objects.create(firm=firm, machine=press)
        for position, line in enumerate(lines, start=1):
            SequenceLine.objects.create(firm=firm, sequence=sequence, line=line, position=position)


def _troubles(park: SmallPark) -> None:
    """What needs somebody today: a press that stands, material that is gone, a new member whose saw has no hours."""
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        press = Machine.objects.get(firm=firm, code="P-1")
        Downtime.objects.create(firm=firm, machine=press, starts_at=at(-0.1), ends_at=at(0.2), planned=False)
        StockMovement.objects.create(
            firm=firm,
            material=Material.objects.get(code="U2R"),
            mass_g=-(10**9),
            available_at=at(0),
            reason="correction",
        )
    with wall(DatabaseRole.STAFF):
        newcomer = Firm.objects.create(code="D", name_zh="企业D")
        saw = MachineClass.objects.get(code="SAW")
    with wall(DatabaseRole.FIRM, newcomer.pk):
        Machine.objects.create(firm=newcomer, code="SAW-1", machine_class=saw)


def _second_offer(park: SmallPark) -> None:
    """An offer that asks first, for another time."""
    firm = park.firms["B"]
    with wall(DatabaseRole.FIRM, firm.pk):
        offer = CapacityOffer.objects.create(firm=firm, code="OF-2", starts_at=at(40), ends_at=at(50), accept="ask")
        CapacityOfferTerms.objects.create(firm=firm, offer=offer, fee_cny_per_t=Decimal(SECRETS[1]))
        OfferedMachine.objects.create(firm=firm, offer=offer, machine=Machine.objects.get(firm=firm, code="P-1"))


def _own_product(park: SmallPark) -> None:
    """An order line of a product that the association does not see."""
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        product = Product.objects.create(
            firm=firm, code="OWN-1", name_zh=SECRETS[0], form="panel", length_mm=100, width_mm=100, thickness_mm=10,
            unit_mass_g=1000, grade=Grade.objects.get(), colour="white",
        )  # fmt: skip
        ProductEnvelope.objects.create(
            firm=firm, product=product, family="UHMW", mass_g=1000, length_mm=100, width_mm=100, thickness_mm=10
        )
        order = SalesOrder.objects.create(firm=firm, number="SO-9", status="confirmed", ordered_on=ZERO.date())
        SalesOrderTerms.objects.create(firm=firm, order=order, customer_name=SECRETS[0])
        SalesOrderLine.objects.create(firm=firm, order=order, number=1, product=product, pieces=5, due_at=at(9))


def _declined(park: SmallPark) -> None:
    firm = park.firms["A"]
    with wall(DatabaseRole.FIRM, firm.pk):
        order = SalesOrder.objects.create(
            firm=firm, number="SO-8", status="declined", decline_reason="capacity", ordered_on=ZERO.date()
        )
        last_month = database_now().replace(day=1) - timedelta(days=10)
        SalesOrderDecline.objects.create(firm=firm, order=order, weight_kg=Decimal(200_000), created_at=last_month)


def _goods_and_reports() -> None:
    with wall(DatabaseRole.PLANNER):
        order = OutsourceOrder.objects.select_related("giver", "doer").get()
        run = MachineRun.objects.select_related("firm").order_by("period").first()
        line = SalesOrderLine.objects.select_related("firm").get(order__number="SO-1")
    assert run is not None
    goods = {"giver": order.giver, "doer": order.doer, "order": order}
    with wall(DatabaseRole.EXCHANGE):
        OutsourceDispatch.objects.create(pieces=5, dispatched_at=at(2), **goods)
        OutsourceReceipt.objects.create(accepted_pieces=4, refused_pieces=1, received_at=at(2.1), **goods)
    with actor_wall(planner_of(run.firm)):
        ProductionReport.objects.create(firm=run.firm, run=run, good_pieces=4, scrap_pieces=1, reported_at=at(1))
    with actor_wall(planner_of(line.firm)):
        LineCompletion.objects.create(firm=line.firm, line=line, pieces=4, completed_at=at(1))


def _scenarios() -> None:
    """One that makes lines late and adds one, one that failed, and one that waits for a worker."""
    stopped = {"kind": "no_work", "machine": "A:P-1", "from_at": at(1), "until_at": at(4)}
    more = {"kind": "line_more", "line": "C:SO-4:1", "pieces": 30, "due_at": at(0.5), "priority": 3}
    others = ({"kind": "hours_more", "firm": "A", "machine_class": "SAW", "from_at": at(0), "until_at": at(3),
               "minutes_per_day": 90},
              {"kind": "offer_change", "offer": "B:OF-1", "share_percent": 40},
              {"kind": "machine_more", "machine": "B:P-1", "count": 2})  # fmt: skip
    first = computed(stopped, more)
    computed(*others, like_id=first.pk)
    failed = started({"kind": "offer_less", "offer": "B:OF-2"})
    with wall(DatabaseRole.PLANNER):
        Scenario.objects.filter(pk=failed.pk).update(state="failed", fault="key_unknown", fault_at="/0/offer")
    started({"kind": "line_less", "line": "A:SO-1:1"}, like_id=first.pk)


def _locked_out(database: TestDatabase) -> None:
    """The dispatcher's account after ten tries; it has a second factor."""
    with wall(DatabaseRole.STAFF):
        SecondFactor.objects.create(user=User.objects.get(username="dispatcher"), confirmed_at=database_now())
    with psycopg.connect(database.url("DATABASE_OWNER_URL"), autocommit=True) as owner:
        for _turn in range(10):
            owner.execute(
                "SELECT sign_in_try('dispatcher', 'account', id, 10, '15 minutes') FROM firms_user"
                " WHERE username = 'dispatcher'"
            )


def _machinery() -> None:
    now = database_now()
    with wall(DatabaseRole.PLANNER):
        BackgroundJob.objects.create(
            kind="plans.compute", state="failed", queued_at=now, finished_at=now, attempts=5, error="RuntimeError: x"
        )
        OutboxEvent.objects.create(at=now, topic="sales_order.changed", attempts=3, error="RuntimeError: x")
        Routine.objects.create(name="core.sweep", finished_at=now, duration_ms=12)
