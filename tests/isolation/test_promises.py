"""Two parks that differ only in what the other members have not published answer promises alike, to the byte."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F

from mes.catalog.models import ChangeoverFamily, Material
from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from orders.sales.models import SalesOrderLine
from production.machines.models import (
    CapacityOffer,
    CapacityOfferTerms,
    Downtime,
    FrozenBooking,
    Machine,
    Overtime,
    StockMovement,
)
from production.plans.models import MachineRun, PlannedLot, PlanRun, Proposal, ProposalTerms, RunPart
from tests.api.conftest import Program, as_web  # noqa: F401 - as the web's process
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import ZERO, SmallPark
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)
CALLS = int(os.environ.get("PROMISE_CALLS", "40"))
"""`make full` asks more often: `make promises`."""

CALLS_OF_CONTROL = 12

OF_ONE_CALL = ("id", "created_at")


def questions(calls: int) -> Iterator[dict[str, Any]]:
    """Orders of many sizes, dates and terms."""
    chance = random.Random(5)
    for _number in range(calls):
        wanted_at = ZERO + timedelta(hours=chance.randrange(12, 900))
        yield {
            "product_code": "PAVE-30",
            "pieces": chance.choice((1, 7, 40, 150, 600, 2000)),
            "wanted_at": chance.choice((None, wanted_at.isoformat())),
            "priority": chance.choice((1, 3, 9)),
            "consent": chance.choice(("allowed", "allowed", "ask", "never")),
            "fee_ceiling_cny_per_t": chance.choice((None, None, "2500.00", "100.00")),
        }


def answers(program: Program, calls: int = CALLS) -> list[bytes]:
    found = []
    for body in questions(calls):
        answer = program.post("promises", body)
        assert answer.status_code == 201, answer.content
        shown = answer.json()
        found.append(json.dumps({name: value for name, value in shown.items() if name not in OF_ONE_CALL}).encode())
    return found


def load_the_others(park: SmallPark) -> None:  # noqa: F811
    """All that B and C do not publish: orders, runs, placements of C at B, stops, bookings, stock, set-ups, paces."""
    park.order("B", "SO-7", pieces=900, due_days=8)
    park.order("C", "SO-8", pieces=700, due_days=6)
    _runs_at_b(park)
    for code in "BC":
        firm = park.firms[code]
        with wall(DatabaseRole.FIRM, firm.pk):
            for machine in Machine.objects.filter(firm=firm):
                _hours(machine)
            StockMovement.objects.create(
                firm=firm, material=Material.objects.get(), mass_g=-199_000_000, available_at=ZERO, reason="correction"
            )
            Machine.objects.filter(firm=firm).update(
                efficiency_permille=500, family=ChangeoverFamily.objects.get(), external_ref=None
            )
            Machine.objects.filter(firm=firm, code__in=("SAW-1", "MIXER-1")).update(status="owned_not_installed")


def _hours(machine: Machine) -> None:
    window = {"firm": machine.firm, "machine": machine}
    Downtime.objects.create(starts_at=ZERO, ends_at=ZERO + timedelta(days=4), **window)
    Overtime.objects.create(starts_at=ZERO + timedelta(days=20), ends_at=ZERO + timedelta(days=21), **window)
    FrozenBooking.objects.create(starts_at=ZERO + timedelta(days=5), ends_at=ZERO + timedelta(days=25), **window)


def _runs_at_b(park: SmallPark) -> None:  # noqa: F811
    """A confirmed run on each press of B for an order of C, placed on B's offer, and C's signed proposal."""
    b, c = park.firms["B"], park.firms["C"]
    with wall(DatabaseRole.PLANNER):
        run = PlanRun.objects.latest("created_at")
        line = SalesOrderLine.objects.get(order__number="SO-8", firm=c)
        proposal = Proposal.objects.create(
            giver=c, doer=b, line=line, offer=park.offer, plan_run=run, product=park.product, pieces=700,
            weight_g=35_000_000, starts_at=ZERO, finish_at=ZERO + timedelta(days=30), material_from="doer",
            expires_at=ZERO + timedelta(days=1),
        )  # fmt: skip
        ProposalTerms.objects.create(giver=c, doer=b, proposal=proposal, fee_cny_per_t=2500, fee_cny=87_500)
        lot = PlannedLot.objects.create(
            firm=b, plan_run=run, proposal=proposal, key="B:x:1", routing_variant="press", pieces=700, batches=[700],
            finish_at=ZERO + timedelta(days=30),
        )  # fmt: skip
        for number, press in enumerate(Machine.objects.filter(firm=b, code__startswith="P-").order_by("code")):
            made = MachineRun.objects.create(
                firm=b, machine=press, plan_run=run, key=f"x{number}", process="PRESS", family_code="U2R/black/30",
                period=DateTimeTZRange(ZERO, ZERO + timedelta(days=29)), work_starts_at=ZERO, cycles=175, pieces=350,
                status="confirmed",
            )  # fmt: skip
            RunPart.objects.create(firm=b, run=made, lot=lot, step=1, first_batch=0, batches=1, pieces=350)


def test_others_unpublished_load_changes_no_byte(park: SmallPark, as_web: Any, settings: Any) -> None:  # noqa: F811
    settings.PROMISES_PER_HOUR = 10 * CALLS
    for number in range(4):
        park.order("A", f"SO-{number}", pieces=60, due_days=3 + 2 * number, consent="never")
    publish_plan()
    with as_web():
        idle = answers(Program("A"))
    load_the_others(park)
    with as_web():
        busy = answers(Program("A"))
    differing = sum(one != other for one, other in zip(idle, busy, strict=True))
    digests = [sha256(b"\n".join(its)).hexdigest() for its in (idle, busy)]
    size = sum(map(len, idle))
    sys.stdout.write(f"{CALLS} promises, {size} bytes: {differing} differ; sha256 {' and '.join(digests)}\n")
    assert busy == idle
    told = [json.loads(answer) for answer in idle]
    assert any(
        part["machine_code"] is None for one in told if one["with_offers"] for part in one["with_offers"]["parts"]
    )
    assert any(one["with_displacement"] for one in told)


def test_what_is_published_does_change_the_answers(park: SmallPark, as_web: Any, settings: Any) -> None:  # noqa: F811
    """The control: the test above would be blind if the offers were not read at all."""
    settings.PROMISES_PER_HOUR = 10 * CALLS_OF_CONTROL
    with as_web():
        before = answers(Program("A"), CALLS_OF_CONTROL)
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        CapacityOfferTerms.objects.update(fee_cny_per_t=2600)
    with as_web():
        dearer = answers(Program("A"), CALLS_OF_CONTROL)
    assert before != dearer
    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        CapacityOffer.objects.update(status="withdrawn", withdrawn_at=F("published_at"))
    with as_web():
        assert answers(Program("A"), CALLS_OF_CONTROL) not in (before, dearer)


def test_no_answer_names_another_member_or_its_machines(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    with as_web():
        body = {"product_code": "PAVE-30", "pieces": 600, "consent": "allowed"}
        answer = Program("A").post("promises", body).content.decode()
    for secret in ("企业B", "OF-1", "P-2", str(park.firms["B"].pk), str(park.offer.pk)):
        assert secret not in answer
