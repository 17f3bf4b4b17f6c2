"""The examples in the schema are what the API answers: a story through all operations, recorded; and how many
statements each of these calls costs, so that nobody adds one unseen.

With RECORD_EXAMPLES=1, as `make openapi` runs it, both files are written anew; else they must equal what was recorded.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.api.schema import EXAMPLES_FILE
from mes.core.clock import database_now
from mes.core.wall import actor_wall, wall
from mes.firms.authentication import actor_of_user
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import Firm
from mes.firms.services import read_session_open
from procurement.rounds.services import use_allowance_grant
from production.machines.models import CapacityOffer
from tests.api.awarding import awarded
from tests.api.quoting import a_request_to, quoted
from tests.api.recording import RecordedProgram, Recorder
from tests.api.settling import settled
from tests.api.supplying import supplied
from tests.api.test_schema import IN_JSON
from tests.architecture.source import CHECKOUT
from tests.core.people import make_officer
from tests.factories import a_firm, an_api_key
from tests.plans.conftest import park, sql, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import ZERO, SmallPark
from tests.plans.work import publish_plan, start_plan, work_off
from tests.rounds.work import a_supplier, an_officer, an_open_round

SCENARIO = [
    {"kind": "machine_more", "machine": "P-1"},
    {"kind": "hours_more", "machine_class": "SAW", "from_at": "2026-07-06T22:00:00+08:00",
     "until_at": "2026-07-11T00:00:00+08:00", "minutes_per_day": 480},
]  # fmt: skip
OWN = {
    "code": "OWN-20", "name_zh": "自有板", "form": "panel", "length_mm": 1000, "width_mm": 1000, "thickness_mm": 20,
    "unit_mass_g": 19_000, "grade_code": "U2R", "colour": "white",
    "routings": [{"variant": "press", "steps": [
        {"process": "PRESS", "options": [{"class_code": "PRESS-M", "pieces_per_cycle": 4, "cycle_s": 3600}]},
        {"process": "REST", "fixed_min": 1440, "clock": "elapsed"},
    ]}],
}  # fmt: skip
FILE = CHECKOUT / EXAMPLES_FILE
CALL_COUNTS = CHECKOUT / "tests" / "api" / "call_counts.json"


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.mark.django_db(transaction=True)
def test_the_examples_are_what_the_api_answers(park: SmallPark, as_web: Any, recorder: Recorder) -> None:  # noqa: F811
    def program(code: str, role: Role = Role.PLANNER) -> RecordedProgram:
        return RecordedProgram(recorder, Client(headers=an_api_key(park.firms[code], role)))

    with wall(DatabaseRole.FIRM, park.firms["B"].pk):
        CapacityOffer.objects.update(accept="ask")
    with as_web():
        giver, doer = program("A"), program("B")
        keys_and_catalogue(program("A", Role.OWNER), giver)
        oversight(program("A", Role.OWNER), park)
        machines_and_hours(doer)
        orders(giver)
    publish_plan()
    with as_web():
        proposals(giver, doer)
        planners_hand(giver)
        plan_rows(giver, doer)
        goods(giver, doer)
        promises(giver)
        standing_yes(giver)
        run = giver.post("plan-runs", {"scope": "firm_alone"}, 202)
        scenario = giver.post("scenarios", {"name": "第二台压机", "overrides": SCENARIO}, 202)
        tried = trial(giver)
    start_plan(publishes_itself=False, is_advisory=True)
    work_off()
    with as_web():
        decided(giver, tried)
        (advice,) = giver.get("advice")["results"]
        giver.get(f"advice/{advice['id']}")
        giver.get(f"advice/{advice['id']}/runs?limit=2")
        giver.get(f"advice/{advice['id']}/lines")
        assert giver.get(f"plan-runs/{run['id']}")["state"] == "candidate"
        giver.get("plan-runs")
        assert giver.get(f"scenarios/{scenario['id']}")["state"] == "computed"
        giver.get("scenarios")
        giver.call("DELETE", f"scenarios/{scenario['id']}")
        people(program("A", Role.OWNER))
    a_supplier("S01", material="U2R")
    newcomer, round_id = a_firm("S02", status=FirmStatus.SUPPLIER), a_round_for(park.firms["A"])
    with as_web():
        pooled(program("A", Role.OWNER), round_id)
        qualified(RecordedProgram(recorder, Client(headers=an_api_key(newcomer, Role.SUPPLIER))))
    tender_id = a_request_to(newcomer, park.firms["A"])
    with as_web():
        quoted(RecordedProgram(recorder, Client(headers=an_api_key(newcomer, Role.SUPPLIER))), tender_id)
        supplier = RecordedProgram(recorder, Client(headers=an_api_key(newcomer, Role.SUPPLIER)))
    opened = awarded(as_web, program("A", Role.OWNER), supplier)
    with as_web():
        supplied(opened, program("A", Role.OWNER), supplier)
        settled(opened, program("A", Role.OWNER), supplier)
    text = json.dumps(dict(sorted(recorder.found.items())), ensure_ascii=False, indent=2) + "\n"
    counts = json.dumps(recorder.statements, indent=1, sort_keys=True) + "\n"
    if os.environ.get("RECORD_EXAMPLES"):
        FILE.write_text(text, encoding="utf-8")
        CALL_COUNTS.write_text(counts, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text
    told = "make openapi writes tests/api/call_counts.json"
    assert json.loads(CALL_COUNTS.read_text(encoding="utf-8")) == recorder.statements, told


def a_round_for(firm: Firm) -> str:
    """An open round in which the firm may commit to a truck."""
    days = {"firming_at": 5, "demand_closes_at": 7, "quotations_close_at": 14}
    times = {name: ZERO + timedelta(days=number) for name, number in days.items()}
    row, officer = an_open_round(material="U2R", **times), an_officer()
    with actor_wall(officer):
        use_allowance_grant(actor=officer, round_id=row.pk, number=1, firm_id=firm.pk, most_kg=32_000, reason="新厂")
    return str(row.pk)


def test_each_operation_has_an_example() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")).keys() == IN_JSON


def keys_and_catalogue(owner: RecordedProgram, program: RecordedProgram) -> None:
    key = owner.post("api-keys", {"label": "ERP", "scopes": ["orders:read", "orders:write"]}, 201)
    owner.get(f"api-keys/{key['id']}")
    owner.get("api-keys")
    owner.call("PATCH", f"api-keys/{key['id']}", {"networks": ["192.0.2.0/24"]})
    new = owner.post(f"api-keys/{key['id']}/rotate", {"expires_at": "2037-01-01T00:00:00+08:00"}, 201)
    owner.call("DELETE", f"api-keys/{new['id']}")
    webhooks(owner)
    program.get("me")
    program.get("changes?start=now")
    program.get("machine-classes")
    made = program.post("products", OWN, 201)
    program.get(f"products/{made['id']}")
    program.get("products?limit=2")


def people(owner: RecordedProgram) -> None:
    person = owner.post("people", {"username": "chen", "full_name": "陈工", "roles": ["operator"]}, 201)
    owner.get("people?limit=2")
    owner.get(f"people/{person['id']}")
    owner.call("PATCH", f"people/{person['id']}", {"roles": ["operator", "planner"]})
    owner.post(f"people/{person['id']}/code")


def oversight(owner: RecordedProgram, park: SmallPark) -> None:  # noqa: F811
    """One of the association's people reads under a session; the firm reads that he did."""
    officer = make_officer("dispatcher", Role.DISPATCHER)
    actor = actor_of_user(officer)
    with actor_wall(actor):
        read_session_open(
            actor=actor, firm_id=park.firms["A"].pk, reason="客户对配方的投诉第 17 号", hours=2, now=database_now()
        )
    desk = Client()
    desk.force_login(officer)
    assert desk.get(reverse("admin:catalog_product_changelist")).status_code == 200
    (session,) = owner.get("read-sessions")["results"]
    owner.get(f"read-sessions/{session['id']}")
    owner.get(f"read-sessions/{session['id']}/reads")


def webhooks(owner: RecordedProgram) -> None:
    body = {"url": "https://erp.example.com/hooks", "kinds": ["plan_row", "sales_order"]}
    endpoint = owner.post("webhook-endpoints", body, 201)
    owner.get("webhook-endpoints")
    address = f"webhook-endpoints/{endpoint['id']}"
    owner.get(address)
    owner.call("PATCH", address, {"kinds": ["sales_order"]})
    delivery = owner.post(f"{address}/test", status=202)
    owner.get(f"webhook-deliveries/{delivery['id']}")
    owner.post(f"webhook-deliveries/{delivery['id']}/replay", status=202)
    owner.get(f"{address}/deliveries?limit=1")
    owner.post(f"{address}/rotate")
    owner.call("DELETE", address)


def machines_and_hours(program: RecordedProgram) -> None:
    machine = program.post("machines", {"code": "P-9", "class_code": "PRESS-M", "external_ref": "EQ-9"}, 201)
    program.get(f"machines/{machine['id']}")
    program.call("PATCH", f"machines/{machine['id']}", {"status": "owned_not_installed"})
    program.get("machines?status=installed&limit=2")
    program.call("PUT", "calendar-rules", {"pattern_code": "always", "weekdays": "1234567", "keeps_holidays": False})
    program.get("calendar-rules")
    window = {"starts_at": "2026-09-01T08:00:00+08:00", "ends_at": "2026-09-01T20:00:00+08:00"}
    downtime = program.post("downtimes", window | {"machine": "P-1", "note": "油泵检修"}, 201)
    program.get("downtimes")
    address = f"downtimes/{downtime['id']}"
    program.get(address)
    program.call("PATCH", address, {"ends_at": "2026-09-01T14:00:00+08:00"})
    program.call("DELETE", address)
    program.post("overtime", window | {"machine": "P-2"}, 201)
    shared_resources(program, window)
    program.get("overtime")
    window = {"starts_at": "2026-09-01T00:00:00+08:00", "ends_at": "2026-10-01T00:00:00+08:00"}
    offer = program.post("capacity-offers", window | {"machines": ["P-1"], "fee_cny_per_t": "2600.00"}, 201)
    program.post(f"capacity-offers/{offer['id']}/withdraw")
    program.get("capacity-offers")
    program.get("capacity-bands")


def shared_resources(program: RecordedProgram, window: dict[str, str]) -> None:
    pool = program.post("pools", {"code": "M-30", "name": "30 mm 铺路板模", "kind": "mould", "size": 2}, 201)
    address = f"pools/{pool['id']}"
    need = program.post(f"{address}/needs", {"process": "PRESS", "product_code": "PAVE-30"}, 201)
    program.get(f"pool-needs/{need['id']}")
    program.get(address)
    program.call("PATCH", address, {"size": 3, "pattern_code": "always"})
    program.get("pools?status=in_service")
    downtime = program.post("pool-downtimes", window | {"pool": "M-30", "units": 1, "note": "修模"}, 201)
    program.get("pool-downtimes")
    missing = f"pool-downtimes/{downtime['id']}"
    program.get(missing)
    program.call("PATCH", missing, {"ends_at": "2026-09-01T12:00:00+08:00"})
    program.call("DELETE", missing)
    program.call("DELETE", f"pool-needs/{need['id']}")


def orders(program: RecordedProgram) -> None:
    line = {"product_code": "PAVE-30", "pieces": 200, "due_at": "2026-07-09T12:00:00+08:00", "consent": "ask"}
    body = {"customer_name": "客户甲", "external_ref": "ERP-1", "lines": [line | {"price_cny_per_t": "15800.00"}]}
    order = program.post("sales-orders", body, 201)
    program.post(f"sales-orders/{order['id']}/confirm")
    line_id = order["lines"][0]["id"]
    program.call("PATCH", f"sales-order-lines/{line_id}", {"pieces": 220, "due_at": "2026-07-09T12:00:00+08:00"})
    second = program.post("sales-orders", body | {"external_ref": "ERP-2", "number": "A-2"}, 201)
    program.post(f"sales-orders/{second['id']}/confirm")
    draft = program.post("sales-orders", body | {"external_ref": "ERP-3", "number": "A-3"}, 201)
    program.post(f"sales-orders/{draft['id']}/lines", line | {"pieces": 5}, 201)
    program.get(f"sales-orders/{draft['id']}")
    lost = {"reason": "capacity", "machine_class": "PRESS-M", "offerable_at": "2026-08-01T08:00:00+08:00"}
    program.post(f"sales-orders/{draft['id']}/decline", lost | {"weight_kg": "10250.000"})
    small = line | {"pieces": 8, "due_at": "2026-07-20T12:00:00+08:00", "consent": "never"}
    alone = program.post("sales-orders", {"customer_name": "客户乙", "number": "A-7", "lines": [small]}, 201)
    program.post(f"sales-orders/{alone['id']}/confirm")
    third = program.post("sales-orders", body | {"external_ref": "ERP-4", "number": "A-4"}, 201)
    program.post(f"sales-orders/{third['id']}/cancel")
    program.get("sales-orders?status=confirmed&limit=1")
    own_numbers_and_many(program, {"customer_name": "客户甲", "lines": [small]})


def own_numbers_and_many(program: RecordedProgram, body: dict[str, Any]) -> None:
    program.call("PUT", "item-numbers/30-001", {"product_code": "PAVE-30"})
    program.get("item-numbers/30-001")
    program.get("item-numbers")
    program.call("DELETE", "item-numbers/30-001")
    program.call("PUT", "sales-orders/by-ref/ERP-9", body, 201)
    program.get("sales-orders/by-ref/ERP-9")
    program.post("sales-orders/bulk", {"items": [body | {"external_ref": "ERP-9"}]})
    program.post("products/bulk", {"items": [OWN | {"code": "OWN-21"}]})
    many = program.post("products/bulk?dry_run=true", {"items": [OWN | {"code": "OWN-9"}] * 501}, 202)
    program.get("jobs?limit=1")
    program.get(f"jobs/{many['id']}")
    program.get(f"jobs/{many['id']}/items?limit=1")


def proposals(giver: RecordedProgram, doer: RecordedProgram) -> None:
    first, second = giver.get("proposals")["results"]
    giver.get(f"proposals/{first['id']}")
    giver.post(f"proposals/{first['id']}/accept")
    assert doer.post(f"proposals/{first['id']}/accept")["status"] == "accepted"
    doer.post(f"proposals/{second['id']}/decline")
    late = [line for order in giver.get("sales-orders")["results"] for line in order["lines"]]
    for line in late:
        giver.get(f"sales-order-lines/{line['id']}/reasons")


def promises(program: RecordedProgram) -> None:
    question = {"product_code": "PAVE-30", "pieces": 300, "wanted_at": "2026-07-11T12:00:00+08:00", "priority": 9}
    promise = program.post("promises", question | {"consent": "allowed", "fee_ceiling_cny_per_t": "3000.00"}, 201)
    program.get(f"promises/{promise['id']}")
    program.post(f"promises/{promise['id']}/reserve", {"hours": 48})
    program.get("promises?status=reserved&limit=1")
    program.post(f"promises/{promise['id']}/release")


def planners_hand(program: RecordedProgram) -> None:
    """Of two new orders, which are cancelled again: the first example of an order is another."""
    line = {"product_code": "PAVE-30", "pieces": 20, "due_at": "2026-07-20T12:00:00+08:00"}
    found = []
    for number in ("A-5", "A-6"):
        order = program.post("sales-orders", {"customer_name": "客户乙", "number": number, "lines": [line]}, 201)
        program.post(f"sales-orders/{order['id']}/confirm")
        found.append(order)
    lines = [order["lines"][0]["id"] for order in found]
    step = {"sales_order_line_id": lines[0], "process": "PRESS"}
    pin = program.post("pins", step | {"machine": "P-1", "starts_at": "2026-07-12T08:00:00+08:00"}, 201)
    program.get(f"pins/{pin['id']}")
    program.get("pins?limit=1")
    program.call("DELETE", f"pins/{pin['id']}")
    forbidden = program.post("forbidden-machines", {"sales_order_line_id": lines[0], "machine": "SAW-1"}, 201)
    program.get(f"forbidden-machines/{forbidden['id']}")
    program.get("forbidden-machines?limit=1")
    program.call("DELETE", f"forbidden-machines/{forbidden['id']}")
    sequence = program.call("PUT", "sequences", {"machine": "P-1", "sales_order_line_ids": lines})
    program.get(f"sequences/{sequence['id']}")
    program.get("sequences?limit=1")
    program.call("DELETE", f"sequences/{sequence['id']}")
    alone = next(order for order in program.get("sales-orders")["results"] if order["number"] == "A-7")
    row = program.get(f"plan-rows?machine=SAW-1&sales_order_line_id={alone['lines'][0]['id']}")["results"][0]
    stays = program.post(f"plan-rows/{row['id']}/pin", status=201)
    program.call("DELETE", f"pins/{stays['id']}")
    for order in found:
        program.post(f"sales-orders/{order['id']}/cancel")


def pooled(program: RecordedProgram, round_id: str) -> None:
    program.get("rounds?limit=1")
    program.get(f"rounds/{round_id}")
    address = f"rounds/{round_id}/lines/1/commitment"
    wanted = {"least_kg": 0, "wanted_kg": 20_000, "most_kg": 32_000, "priority": 1, "silence": "opt_out"}
    whom = {"approved_suppliers": ["S01"], "reserve_fen_per_t": 790_000}
    program.get(f"{address}/proposal")
    row = program.call("PUT", address, wanted | whom, 201)
    program.get(address)
    program.get("commitments?limit=1")
    program.get(f"commitments/{row['id']}")
    program.call("DELETE", address)


def qualified(program: RecordedProgram) -> None:
    row = program.post("qualifications", {"material_code": "U2R", "valid_until": "2028-07-06"}, 201)
    program.get(f"qualifications/{row['id']}")
    program.get("qualifications?limit=1")


def trial(program: RecordedProgram) -> str:
    """A rush order that is tried; its answer is there when the jobs are done."""
    order = {"product_code": "PAVE-30", "pieces": 60, "due_at": "2026-07-10T12:00:00+08:00", "priority": 9}
    asked = program.post("trials", {"orders": [order]}, 202)
    other = program.post("trials", {"orders": [order | {"pieces": 600}]}, 202)
    program.post(f"trials/{other['id']}/decline")
    return str(asked["id"])


def decided(program: RecordedProgram, trial_id: str) -> None:
    program.get(f"trials/{trial_id}")
    program.get("trials?status=told&limit=1")
    program.post(f"trials/{trial_id}/accept", {"customer_name": "客户丙"})


def standing_yes(program: RecordedProgram) -> None:
    program.call("PATCH", "auto-approval", {"is_on": True, "within_h": 24})
    program.get("auto-approval")


def plan_rows(*programs: RecordedProgram) -> None:
    for program in programs:
        program.get("plan-rows?limit=2&status=proposed")
        for row in program.get("plan-rows?limit=200")["results"]:
            address = f"plan-rows/{row['id']}"
            program.get(address)
            if row["status"] == "proposed":
                program.post(f"{address}/approve")
                program.post(f"{address}/confirm")
            if row["status"] == "cancelled":
                continue
            program.post(f"{address}/start")
            program.post(f"{address}/report", {"good_pieces": row["pieces"], "scrap_pieces": 0}, 201)
            program.post(f"{address}/finish")


def goods(giver: RecordedProgram, doer: RecordedProgram) -> None:
    (order,) = doer.get("outsource-orders")["results"]
    address = f"outsource-orders/{order['id']}"
    doer.get(address)
    doer.post(f"{address}/dispatch", {"pieces": order["pieces"]})
    giver.post(f"{address}/receive", {"accepted_pieces": order["pieces"], "refused_pieces": 0})
    for sold in giver.get("sales-orders?status=completed")["results"]:
        giver.post(f"sales-orders/{sold['id']}/deliver")
        giver.post(f"sales-orders/{sold['id']}/close")
