"""A client generated from the committed schema works with the server: the schema says what the doors do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from production.plans.models import Proposal
from tests.api.server import served
from tests.architecture.source import CHECKOUT
from tests.exchange.conftest import asked  # noqa: F401 - the same unanswered placement
from tests.factories import a_firm, a_product, an_api_key
from tests.plans.conftest import park, sql, standing_clock  # noqa: F401 - the same small park
from tests.plans.small_park import SmallPark

DUE = datetime(2036, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package."""
    folder = tmp_path_factory.mktemp("client")
    tools = str(Path(sys.executable).parent)
    done = subprocess.run(
        [f"{tools}/openapi-python-client", "generate", "--path", CHECKOUT / "docs/openapi/v1.yaml", "--meta", "none",
         "--output-path", folder / "park_mes_client", "--config", CHECKOUT / "docs/openapi/client.yaml",
         "--fail-on-warning"],
        env=os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"},
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield "park_mes_client"


def part(package: str, name: str) -> ModuleType:
    return import_module(f"{package}.{name}")


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_takes_an_order(generated: str, web_url: str) -> None:
    a_product()
    keys = [an_api_key(a_firm(code))["Authorization"].removeprefix("Bearer ") for code in ("F01", "F02")]
    with served(web_url) as address:
        client, rival = (part(generated, "client").AuthenticatedClient(address, key) for key in keys)
        with client, rival:
            story(generated, client, rival)


def story(generated: str, client: Any, rival: Any) -> None:
    """Listed, created, repeated, confirmed, refused with its pointer, hidden from the rival."""
    models, orders = part(generated, "models"), f"{generated}.api.orders"
    me = import_module(f"{generated}.api.me.me_get").sync(client=client)
    assert (me.firm.code, me.limits.page) == ("F01", 200)
    listing = import_module(f"{orders}.sales_orders_list")
    assert listing.sync(client=client).results == []

    line = models.LineRequest(product_code="PANEL-30", due_at=DUE, pieces=10)
    body = models.OrderRequest(customer_name="客户甲", lines=[line])
    create = import_module(f"{orders}.sales_orders_create")
    first, again = (create.sync_detailed(client=client, body=body, idempotency_key="k-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    order = first.parsed
    assert (order.status, order.lines[0].pieces, order.lines[0].due_at) == ("draft", 10, DUE)

    confirmed = import_module(f"{orders}.sales_orders_confirm").sync(order.id, client=client)
    assert confirmed.status is models.OrderStatus.CONFIRMED
    (listed,) = listing.sync(client=client, status=models.SalesOrdersListStatus.CONFIRMED).results
    assert listed == confirmed

    line.pieces = 0
    assert pointers(create.sync(client=client, body=body)) == ["/lines/0/pieces"]
    hidden = import_module(f"{orders}.sales_orders_get").sync(order.id, client=rival)
    assert (hidden.status, hidden.code) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_generated_clients_share_an_order_from_proposal_to_receipt(
    generated: str,
    web_url: str,
    park: SmallPark,  # noqa: F811
    asked: Proposal,  # noqa: F811
    as_web: Any,
) -> None:
    with as_web():
        keys = [an_api_key(a_firm(code))["Authorization"].removeprefix("Bearer ") for code in "AB"]
    with served(web_url) as address:
        giver, doer = (part(generated, "client").AuthenticatedClient(address, key) for key in keys)
        with giver, doer:
            shared_story(generated, giver, doer)


def shared_story(generated: str, giver: Any, doer: Any) -> None:
    """Accepted by both, made, dispatched, received; each word on a shared document names the state that was read."""
    models = part(generated, "models")

    def call(operation: str) -> ModuleType:
        return part(generated, f"api.{operation}")

    for client, agreed in ((giver, (True, False)), (doer, (True, True))):
        (proposal,) = call("exchange.proposals_list").sync(client=client).results
        stale = call("exchange.proposals_accept").sync(proposal.id, client=client, if_match='"older"')
        assert (stale.status, stale.code) == (412, "precondition_failed")
        answer = call("exchange.proposals_accept").sync(
            proposal.id, client=client, if_match=etag(call, proposal, client)
        )
        assert (answer.agreed.giver, answer.agreed.doer) == agreed
    for client in (giver, doer):
        for row in call("plans.plan_rows_list").sync(client=client, limit=200).results:
            make(call, models, client, row)

    (order,) = call("exchange.outsource_orders_list").sync(client=doer).results
    read = call("exchange.outsource_orders_get")
    parcel = models.DispatchRequest(pieces=order.pieces)
    sent = call("exchange.outsource_orders_dispatch").sync(
        order.id, client=doer, body=parcel, if_match=read.sync_detailed(order.id, client=doer).headers["ETag"]
    )
    assert sent.status == "dispatched"
    counted = models.ReceiveRequest(accepted_pieces=order.pieces)
    seen = read.sync_detailed(order.id, client=giver).headers["ETag"]
    received = call("exchange.outsource_orders_receive").sync(order.id, client=giver, body=counted, if_match=seen)
    assert (received.status, received.accepted_pieces) == ("received", order.pieces)
    late = call("exchange.outsource_orders_receive").sync(order.id, client=giver, body=counted, if_match=seen)
    assert (late.status, late.code) == (412, "precondition_failed")
    (sold,) = call("orders.sales_orders_list").sync(client=giver).results
    assert sold.status == "completed"


def etag(call: Any, proposal: Any, client: Any) -> str:
    """The state of the proposal that its reader sees."""
    found: str = call("exchange.proposals_get").sync_detailed(proposal.id, client=client).headers["ETag"]
    return found


def make(call: Any, models: Any, client: Any, row: Any) -> None:
    """The run through the floor, all pieces good."""
    if row.status == "proposed":
        call("plans.plan_rows_approve").sync(row.id, client=client)
        call("plans.plan_rows_confirm").sync(row.id, client=client)
    call("floor.plan_rows_start").sync(row.id, client=client)
    report = models.ReportRequest(good_pieces=row.pieces)
    assert call("floor.plan_rows_report").sync(row.id, client=client, body=report).good_pieces == row.pieces
    assert call("floor.plan_rows_finish").sync(row.id, client=client).status == "completed"


def pointers(problem: Any) -> list[str]:
    return [error.pointer for error in problem.errors]
