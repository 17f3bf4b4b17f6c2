"""Order promising over HTTP: the good call, a rival's 404, each bad value with its pointer, the limit."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mes.firms.choices import Role
from tests.api.conftest import Program
from tests.factories import an_api_key
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"product_code": "PAVE-30", "pieces": 24}


def asked(program: Program, **fields: Any) -> dict[str, Any]:
    answer = program.post("promises", BODY | fields)
    assert answer.status_code == 201, answer.content
    promise: dict[str, Any] = answer.json()
    assert answer["Location"] == f"/api/v1/promises/{promise['id']}"
    return promise


def test_ask_reserve_release(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    with as_web():
        program = Program("A")
        promise = asked(program, wanted_at="2026-07-12T00:00:00+08:00", consent="allowed")
        assert (promise["status"], promise["in_house"]["is_in_time"]) == ("told", True)
        assert promise["in_house"]["finish_at"].endswith("+08:00")
        assert promise["with_offers"]["fee_cny"] == "0.00"
        address = f"promises/{promise['id']}"
        assert program.get(address).json() == promise
        assert program.get("promises").json()["results"] == [promise]
        reserved = program.post(f"{address}/reserve", {"hours": 48}).json()
        assert (reserved["status"], reserved["reserved_until"]) == ("reserved", "2026-07-08T00:00:00+08:00")
        assert program.post(f"{address}/reserve", {"hours": 48}).status_code == 409
        assert program.get("promises", status="reserved").json()["results"] == [reserved]
        assert program.get("promises", status="told").json()["results"] == []
        assert program.post(f"{address}/release").json()["status"] == "released"


def test_a_rival_finds_nothing(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    with as_web():
        address, rival = f"promises/{asked(Program('A'))['id']}", Program("B")
        missing = rival.get("promises/0198f000-0000-7000-8000-000000000000")
        found = rival.get(address)
        assert (found.status_code, found.content) == (404, missing.content)
        assert rival.post(f"{address}/reserve", {"hours": 1}).status_code == 404
        assert rival.post(f"{address}/release").status_code == 404
        assert rival.get("promises").json()["results"] == []


def test_the_same_call_under_a_key_is_one_promise(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    with as_web():
        program = Program("A")
        first = program.post("promises", BODY, **{"Idempotency-Key": "p-1"})
        again = program.post("promises", BODY, **{"Idempotency-Key": "p-1"})
        assert again["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()
        assert len(program.get("promises").json()["results"]) == 1


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"pieces": 0}, 400, "/pieces"),
        ({"pieces": "24"}, 400, "/pieces"),
        ({"pieces": 10**12}, 400, "/pieces"),
        ({"product_code": "NONE"}, 400, "/product_code"),
        ({"wanted_at": "2026-07-01T00:00:00+08:00"}, 422, "/wanted_at"),
        ({"wanted_at": "tomorrow"}, 400, "/wanted_at"),
        ({"release_at": "2026-07-12"}, 400, "/release_at"),
        ({"priority": 2}, 422, "/priority"),
        ({"consent": "perhaps"}, 400, "/consent"),
        ({"fee_ceiling_cny_per_t": "-1"}, 400, "/fee_ceiling_cny_per_t"),
        ({"excluded_firms": ["ZZZ"]}, 400, "/excluded_firms"),
        ({"customer": "x"}, 400, "/customer"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_values_are_named(
    park: SmallPark,  # noqa: F811
    as_web: Any,
    fields: dict[str, Any],
    status: int,
    pointer: str,
) -> None:
    with as_web():
        refused = Program("A").post("promises", BODY | fields)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer)


@pytest.mark.parametrize("hours", [0, -1, 1.5, "1", None, 10**6])
def test_hours_that_cannot_be_are_refused(park: SmallPark, as_web: Any, hours: Any) -> None:  # noqa: F811
    with as_web():
        program = Program("A")
        refused = program.post(f"promises/{asked(program)['id']}/reserve", {"hours": hours})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/hours")


def test_dates_far_away_are_answered(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    with as_web():
        program = Program("A")
        far = "2099-12-31T00:00:00+08:00"
        assert asked(program, wanted_at=far, consent="allowed", priority=9)["in_house"]["is_in_time"] is True
        never = asked(program, release_at=far)
        assert (never["in_house"], never["lacking"]["code"]) == (None, "horizon")
        refused = program.post("promises", BODY | {"pieces": 10_000_000})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/pieces")


def test_too_many_questions_get_429_and_a_time_to_wait(park: SmallPark, as_web: Any, settings: Any) -> None:  # noqa: F811
    settings.PROMISES_PER_HOUR = 1
    with as_web():
        program = Program("A")
        asked(program)
        refused = program.post("promises", BODY)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_promises")
        assert int(refused["Retry-After"]) > 0
        assert refused["Content-Type"] == "application/problem+json"


def test_scopes_and_roles_hold(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    with as_web():
        client = Client(headers=an_api_key(park.firms["A"], Role.OPERATOR))
        refused = client.post("/api/v1/promises", BODY, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        assert Client().get("/api/v1/promises").status_code == 401
