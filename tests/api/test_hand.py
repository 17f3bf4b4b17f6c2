"""The planner's hand over HTTP: set, read, lift; a rival's 404; each bad value with its pointer."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from mes.firms.choices import Role
from tests.api.conftest import Program
from tests.factories import an_api_key
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark
from tests.plans.work import publish_plan

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "0198f000-0000-7000-8000-000000000000"
SOON, PAST = "2026-07-08T00:00:00+08:00", "2026-07-01T00:00:00+08:00"


def put(program: Program, address: str, body: Any) -> HttpResponse:
    """Sets it, whether there is one already or not."""
    first = program.put(address, body, **{"If-None-Match": "*"})
    return program.put(address, body, **{"If-Match": "*"}) if first.status_code == 412 else first


def lift(program: Program, address: str) -> HttpResponse:
    return program.client.delete(f"/api/v1/{address}")


def test_set_read_and_lift(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    first, second = (park.order("B", f"SO-{n}", pieces=8, due_days=9, consent="never") for n in (1, 2))
    publish_plan()
    with as_web():
        program = Program("B")
        line = {"sales_order_line_id": str(first.pk)}
        made = program.post("pins", line | {"process": "PRESS", "machine": "P-2", "starts_at": SOON})
        pin = made.json()
        assert (made.status_code, made["Location"]) == (201, f"/api/v1/pins/{pin['id']}")
        assert (pin["machine"], pin["starts_at"], pin["sales_order_number"]) == ("P-2", SOON, "SO-1")
        assert pin["is_in_force"] is True
        forbidden = program.post("forbidden-machines", line | {"machine": "P-1"}).json()
        order = [str(second.pk), str(first.pk)]
        sequence = put(program, "sequences", {"machine": "P-2", "sales_order_line_ids": order}).json()
        assert [row["sales_order_line_id"] for row in sequence["lines"]] == order
        (row,) = program.get("plan-rows", sales_order_line_id=str(second.pk), machine="SAW-1").json()["results"]
        stays = program.post(f"plan-rows/{row['id']}/pin")
        assert (stays.status_code, stays.json()["starts_at"]) == (201, row["starts_at"])
        for address, one in (("pins", pin), ("forbidden-machines", forbidden), ("sequences", sequence)):
            assert one in program.get(address).json()["results"]
            assert program.get(f"{address}/{one['id']}").json() == one
            lifted = lift(program, f"{address}/{one['id']}")
            assert (lifted.status_code, lifted.json()) == (200, one)
            assert lift(program, f"{address}/{one['id']}").status_code == 404
        assert [row["id"] for row in program.get("pins").json()["results"]] == [stays.json()["id"]]


def test_a_rival_finds_nothing_and_learns_nothing(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    lines = [park.order("B", f"SO-{n}", pieces=8, due_days=9, consent="never") for n in (1, 2)]
    publish_plan()
    with as_web():
        program, rival = Program("B"), Program("A")
        line = {"sales_order_line_id": str(lines[0].pk)}
        made = {
            "pins": program.post("pins", line | {"process": "PRESS", "machine": "P-2"}).json(),
            "forbidden-machines": program.post("forbidden-machines", line | {"machine": "P-1"}).json(),
            "sequences": put(
                program, "sequences", {"machine": "P-2", "sales_order_line_ids": [str(one.pk) for one in lines]}
            ).json(),
        }
        for address, one in made.items():
            missing = rival.get(f"{address}/{NOBODY}")
            found = rival.get(f"{address}/{one['id']}")
            assert (found.status_code, found.content) == (404, missing.content)
            assert lift(rival, f"{address}/{one['id']}").content == lift(rival, f"{address}/{NOBODY}").content
            assert rival.get(address).json()["results"] == []
        bodies = (
            ("pins", {"process": "PRESS", "machine": "P-1"}),
            ("forbidden-machines", {"machine": "P-1"}),
        )
        for address, body in bodies:
            real = rival.post(address, body | line)
            assert (real.status_code, real.content) == (404, rival.post(address, body | {LINE: NOBODY}).content)
        real, none = (
            put(rival, "sequences", {"machine": "P-1", "sales_order_line_ids": [key, NOBODY]})
            for key in (str(lines[0].pk), NOBODY)
        )
        assert (real.status_code, real.content) == (404, none.content)
        row = program.get("plan-rows").json()["results"][0]
        assert rival.post(f"plan-rows/{row['id']}/pin").content == rival.post(f"plan-rows/{NOBODY}/pin").content


LINE = "sales_order_line_id"
BAD_PINS: list[tuple[dict[str, Any], int, str]] = [
    ({"machine": "P-9"}, 400, "/machine"),
    ({"machine": 7}, 400, "/machine"),
    ({"machine": "SAW-1"}, 422, "/machine"),
    ({"process": "BAKE"}, 400, "/process"),
    ({"process": "REST"}, 422, "/process"),
    ({"process": "MILL"}, 422, "/process"),
    ({"starts_at": PAST}, 422, "/starts_at"),
    ({"starts_at": "tomorrow"}, 400, "/starts_at"),
    ({LINE: "x"}, 400, f"/{LINE}"),
    ({"firm": "A"}, 400, "/firm"),
]


def test_bad_values_are_named(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    lines = [str(park.order("B", f"SO-{n}", pieces=8, due_days=9, consent="never").pk) for n in (1, 2, 3)]
    draft = {"customer_name": "客户甲", "lines": [{"product_code": "PAVE-30", "pieces": 5, "due_at": SOON}]}
    with as_web():
        program = Program("B")
        unconfirmed = program.post("sales-orders", draft).json()["lines"][0]["id"]

        def refused(answer: HttpResponse) -> tuple[int, str]:
            assert answer["Content-Type"] == "application/problem+json"
            return answer.status_code, answer.json()["errors"][0]["pointer"]

        pin = {LINE: lines[0], "process": "PRESS", "machine": "P-1"}
        for fields, status, pointer in BAD_PINS:
            assert refused(program.post("pins", pin | fields)) == (status, pointer), fields
        assert refused(program.post("pins", {LINE: lines[0], "process": "PRESS"})) == (422, "/machine")
        assert refused(program.post("pins", pin | {LINE: unconfirmed})) == (422, f"/{LINE}")
        assert program.post("pins", pin).status_code == 201
        assert refused(program.post("pins", pin | {"machine": "P-2"})) == (422, "/process")
        forbidden = {LINE: lines[0], "machine": "P-1"}
        assert program.post("forbidden-machines", forbidden).status_code == 201
        assert refused(program.post("forbidden-machines", forbidden)) == (422, "/machine")
        assert refused(program.post("forbidden-machines", forbidden | {"machine": None})) == (400, "/machine")

        def sequence(machine: str, *keys: Any) -> HttpResponse:
            return put(program, "sequences", {"machine": machine, "sales_order_line_ids": keys})

        where = "/sales_order_line_ids"
        assert refused(sequence("P-1", lines[0])) == (400, where)
        assert refused(sequence("P-1", lines[0], "x"))[1].startswith(where)
        assert refused(sequence("P-1", lines[0], lines[1], lines[0])) == (422, f"{where}/2")
        assert refused(sequence("P-1", lines[0], unconfirmed)) == (422, f"{where}/1")
        assert sequence("P-1", *lines).status_code == 200
        assert refused(sequence("P-2", lines[2], lines[0])) == (422, f"{where}/0")
        assert sequence("P-1", *lines[::-1]).status_code == 200
        assert sequence("P-2", lines[2], lines[0]).status_code == 200
        assert program.client.patch("/api/v1/machines/x", {}).status_code == 404
        retired = next(row for row in program.get("machines").json()["results"] if row["code"] == "P-2")
        assert program.patch(f"machines/{retired['id']}", {"status": "retired"}).status_code == 200
        assert refused(program.post("forbidden-machines", {LINE: lines[1], "machine": "P-2"})) == (422, "/machine")
        assert program.get("sequences").json()["results"] != []


def test_scopes_and_roles_hold(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    line = park.order("B", "SO-1", pieces=8, due_days=9, consent="never")
    with as_web():
        client = Client(headers=an_api_key(park.firms["B"], Role.OPERATOR))
        body = {LINE: str(line.pk), "process": "PRESS", "machine": "P-1"}
        refused = client.post("/api/v1/pins", body, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        assert Client().get("/api/v1/pins").status_code == 401
