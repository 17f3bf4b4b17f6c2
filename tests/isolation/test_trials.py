"""Two parks that differ only in what the other members have not published answer trial calculations alike."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from orders.sales.models import SalesOrderLine
from production.plans.models import Trial
from tests.api.conftest import Program, as_web  # noqa: F401 - as the web's process
from tests.isolation.test_promises import load_the_others
from tests.plans.conftest import park, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import ZERO, SmallPark
from tests.plans.work import publish_plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)


def bodies(lines: list[SalesOrderLine]) -> list[dict[str, Any]]:
    """Rush orders of several sizes and dates, pins, an order of lines."""
    keys = [str(line.pk) for line in lines]
    orders = [
        {
            "product_code": "PAVE-30",
            "pieces": pieces,
            "due_at": (ZERO + timedelta(hours=hours)).isoformat(),
            "priority": 9,
        }
        for pieces, hours in ((1, 30), (40, 60), (300, 90), (40, 400))
    ]
    start = (ZERO + timedelta(days=2)).isoformat()
    return [
        *({"orders": [order]} for order in orders),
        {"pins": [{"sales_order_line_id": keys[1], "process": "PRESS", "starts_at": start}]},
        {"sequences": [{"machine": "P-1", "sales_order_line_ids": keys[::-1]}]},
        {"lines": [{"sales_order_line_id": keys[2], "priority": 9}]},
    ]


def answers(lines: list[SalesOrderLine], as_web: Any, *, some: int | None = None) -> list[str]:  # noqa: F811
    with as_web():
        program = Program("A")
        asked = [program.post("trials", body) for body in bodies(lines)[:some]]
        assert [answer.status_code for answer in asked] == [202] * len(asked), [answer.content for answer in asked]
    work_off("trial.calculate")
    with as_web():
        told = [program.get(f"trials/{answer.json()['id']}").json() for answer in asked]
    assert {one["status"] for one in told} == {"told"}
    return [json.dumps(one["answer"]) for one in told]


def test_others_unpublished_load_changes_no_byte(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    lines = [park.order("A", f"SO-{n}", pieces=40, due_days=3 + n, consent="never") for n in range(3)]
    publish_plan()
    idle = answers(lines, as_web)
    load_the_others(park)
    assert answers(lines, as_web) == idle
    assert any(json.loads(answer)["moves"] for answer in idle)
    for answer in idle:
        for secret in ("企业B", "OF-1", "P-2", str(park.firms["B"].pk)):
            assert secret not in answer


def test_own_load_does_change_the_answers(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    """The control: the test above would be blind if the firm's own plan were not read at all."""
    lines = [park.order("A", f"SO-{n}", pieces=40, due_days=3 + n, consent="never") for n in range(3)]
    publish_plan()
    before = answers(lines, as_web, some=2)
    with wall(DatabaseRole.FIRM, park.firms["A"].pk):
        SalesOrderLine.objects.filter(pk=lines[0].pk).update(pieces=200)
    publish_plan(is_repair=True)
    assert answers(lines, as_web, some=2) != before


def test_the_association_reads_no_trial(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    lines = [park.order("A", f"SO-{n}", pieces=4, due_days=9, consent="never") for n in range(3)]
    with as_web():
        trial_id = Program("A").post("trials", bodies(lines)[0]).json()["id"]
        rival = Program("B")
        missing = rival.get("trials/0198f000-0000-7000-8000-000000000000")
        found = rival.get(f"trials/{trial_id}")
        assert (found.status_code, found.content) == (404, missing.content)
        for verb in ("accept", "decline"):
            assert rival.post(f"trials/{trial_id}/{verb}").status_code == 404
        assert rival.get("trials").json()["results"] == []
        theirs = rival.post("trials", bodies(lines)[-1])
        nobodys = {"lines": [{"sales_order_line_id": "0198f000-0000-7000-8000-000000000000", "priority": 9}]}
        assert (theirs.status_code, theirs.content) == (404, rival.post("trials", nobodys).content)
    with wall(DatabaseRole.PLANNER):
        assert Trial.objects.count() == 1
