"""ETag and If-Match: nobody changes an object in another state than the one that was read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.api.conftest import Program, order_body
from tests.factories import a_firm, a_machine, a_pattern

pytestmark = pytest.mark.django_db
WINDOW = {"machine": "P-9", "starts_at": "2036-03-01T00:00:00+08:00", "ends_at": "2036-04-01T00:00:00+08:00"}
OTHER = {"If-Match": '"0123456789abcdef0123456789abcdef"'}


@pytest.fixture
def stop(program: Program) -> str:
    """The address of a downtime."""
    a_machine(a_firm("F01"), code="P-9")
    return f"downtimes/{program.post('downtimes', WINDOW).json()['id']}"


def test_an_answer_that_the_reader_has_is_not_sent_again(program: Program, stop: str) -> None:
    first = program.get(stop)
    tag = first["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = program.client.get(f"/api/v1/{stop}", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    told = {"If-None-Match": '"x"', "Accept": "application/json; indent=2"}
    again = program.client.get(f"/api/v1/{stop}", headers=told)
    assert (again.status_code, again["ETag"]) == (200, tag)


def test_a_change_says_which_state_it_means(program: Program, stop: str) -> None:
    tag = program.get(stop)["ETag"]
    silent = program.client.patch(f"/api/v1/{stop}", {"note": "a"}, content_type="application/json")
    assert (silent.status_code, silent.json()["code"]) == (428, "precondition_required")
    wrong = program.patch(stop, {"note": "a"}, **OTHER)
    assert (wrong.status_code, wrong.json()["code"]) == (412, "precondition_failed")
    assert set(wrong.json()) == {"type", "title", "status", "code", "detail", "request_id"}
    assert program.patch(stop, {"note": "a"}, **{"If-Match": f"W/{tag}"}).status_code == 412
    changed = program.patch(stop, {"note": "a"}, **{"If-Match": tag})
    assert (changed.status_code, changed["ETag"]) == (200, program.get(stop)["ETag"])
    assert program.patch(stop, {"note": "b"}, **{"If-Match": tag}).status_code == 412
    assert program.get(stop).json()["note"] == "a"
    assert program.patch(stop, {"note": "c"}, **{"If-Match": f'"x", {changed["ETag"]}'}).status_code == 200
    assert program.patch(stop, {"note": "d"}, **{"If-Match": "*"}).status_code == 200


def test_it_is_compared_wherever_it_is_sent(program: Program, stop: str) -> None:
    assert program.delete(stop, **OTHER).status_code == 412
    assert program.delete(stop, **program.seen(stop)).status_code == 200
    order = program.post("sales-orders", order_body())
    address = f"sales-orders/{order.json()['id']}"
    assert order["ETag"] == program.get(address)["ETag"]
    assert program.post(f"{address}/confirm", **OTHER).status_code == 412
    confirmed = program.post(f"{address}/confirm", **{"If-Match": order["ETag"]})
    assert (confirmed.status_code, confirmed["ETag"]) == (200, program.get(address)["ETag"])


def test_a_line_is_changed_in_the_state_of_its_order(program: Program) -> None:
    order = program.post("sales-orders", order_body())
    line = f"sales-order-lines/{order.json()['lines'][0]['id']}"
    changed = program.patch(line, {"pieces": 11}, **{"If-Match": order["ETag"]})
    assert (changed.status_code, changed["ETag"]) == (200, program.get(f"sales-orders/{order.json()['id']}")["ETag"])
    assert program.patch(line, {"pieces": 12}, **{"If-Match": order["ETag"]}).status_code == 412


def test_what_is_put_is_replaced_in_the_state_that_was_read(program: Program) -> None:
    rule = {"pattern_code": a_pattern().code, "weekdays": "12345"}
    assert program.client.put("/api/v1/calendar-rules", rule, content_type="application/json").status_code == 428
    tag = program.get("calendar-rules")["ETag"]
    assert program.put("calendar-rules", rule, **{"If-Match": tag}).status_code == 200
    assert program.put("calendar-rules", rule, **{"If-Match": tag}).status_code == 412
    assert program.put("calendar-rules", rule, **{"If-None-Match": "*"}).status_code == 412


def test_a_rival_learns_nothing_from_it(program: Program, rival: Program, stop: str) -> None:
    nobody = "downtimes/0198f000-0000-7000-8000-000000000000"
    for told in (program.seen(stop), OTHER, {"If-Match": "*"}, {"X-Nothing": "1"}):
        theirs, missing = (rival.patch(address, {"note": "x"}, **told) for address in (stop, nobody))
        assert (theirs.status_code, theirs.content) == (404, missing.content)


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_told_that_it_is_late(as_web: Any) -> None:
    program = Program("F01")
    a_machine(a_firm("F01"), code="P-9")
    with as_web():
        made = program.post("downtimes", WINDOW)
        address, told, start = f"downtimes/{made.json()['id']}", {"If-Match": made["ETag"]}, Barrier(2)

        def change(note: str) -> int:
            start.wait(20)
            status = program.patch(address, {"note": note}, **told).status_code
            connection.close()
            return status

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(change, ("a", "b"))) == [200, 412]
