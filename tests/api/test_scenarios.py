"""Scenarios over HTTP: the good call, a rival's 404, each bad value with its pointer, the limit."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mes.firms.choices import Role
from tests.api.conftest import Program
from tests.factories import an_api_key
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark
from tests.plans.work import work_off

pytestmark = pytest.mark.django_db(transaction=True)
MORE = {"kind": "machine_more", "machine": "P-1", "count": 3}
HOURS = {
    "kind": "hours_more", "machine_class": "SAW", "from_at": "2026-07-06T22:00:00+08:00",
    "until_at": "2026-07-09T00:00:00+08:00", "minutes_per_day": 480,
}  # fmt: skip
BODY = {"name": "三台压机", "overrides": [MORE]}


@pytest.fixture
def late(park: SmallPark) -> SmallPark:  # noqa: F811
    """More than A's one press can make in time, and another firm's order."""
    park.order("A", "SO-1", pieces=150, due_days=3.5)
    park.order("B", "SO-7", pieces=10, due_days=5)
    return park


def asked(program: Program, **fields: Any) -> dict[str, Any]:
    answer = program.post("scenarios", BODY | fields)
    assert answer.status_code == 202, answer.content
    scenario: dict[str, Any] = answer.json()
    assert answer["Location"] == f"/api/v1/scenarios/{scenario['id']}"
    return scenario


def test_start_read_and_drop(late: SmallPark, as_web: Any) -> None:
    with as_web():
        queued = asked(Program("A"), overrides=[MORE, HOURS])
        assert (queued["state"], queued["figures"], queued["snapshot_figures"]) == ("queued", None, None)
        assert queued["zero_at"] == "2026-07-06T00:00:00+08:00"
        shown = {name: value for name, value in queued["overrides"][1].items() if value is not None}
        assert shown == HOURS
    work_off()
    with as_web():
        program, address = Program("A"), f"scenarios/{queued['id']}"
        done = program.get(address).json()
        assert done["state"] == "computed"
        assert (done["snapshot_figures"]["late"], done["figures"]["late"]) == (1, 0)
        assert [(line["line"], line["state_before"], line["state"]) for line in done["lines"]] == [
            ("SO-1-1", "late", "on_time")
        ]
        assert program.get("scenarios").json()["results"] == [done]
        again = asked(program, like=done["id"])
        assert again["snapshot_id"] == done["snapshot_id"]
        assert again["snapshot_figures"] == done["snapshot_figures"]
        dropped = program.client.delete(f"/api/v1/{address}")
        assert (dropped.status_code, dropped.json()["state"]) == (200, "discarded")
        assert program.get(address).status_code == 404
        assert [row["id"] for row in program.get("scenarios").json()["results"]] == [again["id"]]


def test_a_rival_finds_nothing(late: SmallPark, as_web: Any) -> None:
    with as_web():
        made = asked(Program("A"))
        address, rival = f"scenarios/{made['id']}", Program("B")
        missing = rival.get("scenarios/0198f000-0000-7000-8000-000000000000")
        found = rival.get(address)
        assert (found.status_code, found.content) == (404, missing.content)
        assert rival.client.delete(f"/api/v1/{address}").status_code == 404
        assert rival.get("scenarios").json()["results"] == []
        assert rival.post("scenarios", BODY | {"like": made["id"]}).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": ""}, 400, "/name"),
        ({"name": "x" * 81}, 400, "/name"),
        ({"overrides": []}, 400, "/overrides"),
        ({"overrides": {}}, 400, "/overrides"),
        ({"overrides": [MORE | {"kind": "offer_less"}]}, 400, "/overrides/0/kind"),
        ({"overrides": [MORE | {"offer": "B:OF-1"}]}, 400, "/overrides/0/offer"),
        ({"overrides": [MORE | {"count": "3"}]}, 400, "/overrides/0/count"),
        ({"overrides": [MORE, HOURS | {"until_at": "later"}]}, 400, "/overrides/1/until_at"),
        ({"overrides": [MORE | {"machine": "P-9"}]}, 422, "/overrides/0/machine"),
        ({"overrides": [MORE | {"pieces": 3}]}, 422, "/overrides/0/pieces"),
        ({"overrides": [HOURS | {"machine": "SAW-1"}]}, 422, "/overrides/0/machine"),
        ({"overrides": [HOURS | {"until_at": HOURS["from_at"]}]}, 422, "/overrides/0/until_at"),
        ({"overrides": [{"kind": "line_less", "line": "SO-7-1"}]}, 422, "/overrides/0/line"),
        ({"overrides": [{"kind": "line_change", "line": "SO-1-1"}]}, 422, "/overrides/0"),
        ({"overrides": [{"kind": "line_change", "line": "SO-1-1", "priority": 2}]}, 422, "/overrides/0/priority"),
        ({"like": "x"}, 400, "/like"),
        ({"customer": "x"}, 400, "/customer"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_bad_values_are_named(late: SmallPark, as_web: Any, body: dict[str, Any], status: int, pointer: str) -> None:
    with as_web():
        refused = Program("A").post("scenarios", BODY | body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer)


def test_too_many_get_429_and_a_time_to_wait(late: SmallPark, as_web: Any, settings: Any) -> None:
    settings.SCENARIOS_PER_HOUR = 1
    with as_web():
        asked(Program("A"))
        refused = Program("A").post("scenarios", BODY)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_scenarios")
        assert int(refused["Retry-After"]) > 0


def test_scopes_and_roles_hold(late: SmallPark, as_web: Any) -> None:
    with as_web():
        client = Client(headers=an_api_key(late.firms["A"], Role.OPERATOR))
        refused = client.post("/api/v1/scenarios", BODY, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        assert Client().get("/api/v1/scenarios").status_code == 401
