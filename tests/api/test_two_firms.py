"""Two programs share one order: proposed, accepted, made, dispatched, received. A third firm finds nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from production.plans.models import Proposal
from tests.api.conftest import Program
from tests.exchange.conftest import asked  # noqa: F401 - the same unanswered placement
from tests.plans.conftest import park, sql, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark
from tests.plans.work import work_off

pytestmark = pytest.mark.django_db(transaction=True)


def ok(answer: HttpResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def make(program: Program) -> None:
    """All live runs of the firm through the floor, all pieces good."""
    for row in ok(program.get("plan-rows", limit="200"))["results"]:
        address = f"plan-rows/{row['id']}"
        if row["status"] == "proposed":
            ok(program.post(f"{address}/approve"))
            ok(program.post(f"{address}/confirm"))
        ok(program.post(f"{address}/start"))
        ok(program.post(f"{address}/report", {"good_pieces": row["pieces"]}), 201)
        assert ok(program.post(f"{address}/finish"))["status"] == "completed"


def test_from_proposal_to_receipt(park: SmallPark, asked: Proposal, as_web: Any) -> None:  # noqa: F811
    with as_web():
        giver, doer, third = Program("A"), Program("B"), Program("C")
        (seen,) = ok(doer.get("proposals", status="proposed"))["results"]
        assert (seen["side"], seen["other_firm"]) == ("doer", "A")
        assert seen["sales_order_line_id"] is None
        (own,) = ok(giver.get("proposals"))["results"]
        assert (own["side"], own["other_firm"]) == ("giver", "B")
        assert own["starts_at"] is None
        address = f"proposals/{asked.pk}"
        assert third.get(address).status_code == third.post(f"{address}/accept").status_code == 404
        assert ok(third.get("proposals"))["results"] == []
        assert ok(giver.agree(f"{address}/accept"))["agreed"] == {"giver": True, "doer": False}
        assert ok(doer.agree(f"{address}/accept"))["status"] == "accepted"
        assert giver.agree(f"{address}/decline").status_code == 409

        make(giver)
        make(doer)
        (order,) = ok(doer.get("outsource-orders"))["results"]
        assert order["side"] == "doer"
        assert order["number"] is None
        address = f"outsource-orders/{order['id']}"
        assert third.get(address).status_code == third.post(f"{address}/dispatch", {"pieces": 1}).status_code == 404
        assert giver.agree(f"{address}/dispatch", {"pieces": 1}).status_code == 403
        too_many = doer.agree(f"{address}/dispatch", {"pieces": order["pieces"] + 1})
        assert (too_many.status_code, too_many.json()["errors"][0]["pointer"]) == (422, "/pieces")
        assert ok(doer.agree(f"{address}/dispatch", {"pieces": order["pieces"]}))["status"] == "dispatched"
        received = ok(giver.agree(f"{address}/receive", {"accepted_pieces": order["pieces"]}))
        assert (received["status"], received["accepted_pieces"]) == ("received", order["pieces"])
        (sold,) = ok(giver.get("sales-orders"))["results"]
        assert sold["status"] == "completed"
        assert ok(doer.get("sales-orders"))["results"][0]["status"] == "delivered"


def test_a_firm_plans_itself_and_reads_why_a_line_is_late(park: SmallPark, as_web: Any) -> None:  # noqa: F811
    line = park.order("A", "SO-1", pieces=400, due_days=1, consent="never")
    with as_web():
        program, rival = Program("A"), Program("B")
        started = program.post("plan-runs", {"scope": "firm_alone"})
        run = ok(started, 202)
        assert (run["state"], started["Location"]) == ("queued", f"/api/v1/plan-runs/{run['id']}")
        assert program.post("plan-runs", {"scope": "park"}).status_code == 400
        assert rival.get(f"plan-runs/{run['id']}").status_code == 404
    work_off()
    with as_web():
        done = ok(program.get(f"plan-runs/{run['id']}"))
        assert (done["state"], done["orders_total"]) == ("candidate", 1)
        assert "cost_fen" not in done["tiers"]
        assert [row["id"] for row in ok(program.get("plan-runs"))["results"]] == [run["id"]]
        assert ok(rival.get("plan-runs"))["results"] == []
        assert rival.get(f"sales-order-lines/{line.pk}/reasons").status_code == 404


@pytest.mark.parametrize("pieces", [-1, 1.5, "1", None, 10**12, True])
def test_reports_that_cannot_be_are_refused(
    park: SmallPark,  # noqa: F811
    as_web: Any,
    asked: Proposal,  # noqa: F811
    pieces: Any,
) -> None:
    with as_web():
        program = Program("A")
        row = ok(program.get("plan-rows", limit="1"))["results"][0]
        refused = program.post(f"plan-rows/{row['id']}/report", {"good_pieces": pieces})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/good_pieces")
        assert Program("C").post(f"plan-rows/{row['id']}/report", {"good_pieces": 1}).status_code == 404
