"""The API with its own scoping taken out: the second wall holds alone."""

from __future__ import annotations

import pytest
from django.test import Client

from mes.core.actors import Actor, DatabaseRole
from mes.core.postgres import prepared
from mes.core.wall import wall
from mes.firms import access
from orders.sales import selectors
from orders.sales.models import SalesOrder, SalesOrderLineTerms, SalesOrderTerms
from tests.core.people import Party, make_party
from tests.database import as_owner
from tests.isolation.rows import RowMaker

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/sales-orders"
CUSTOMER = "Nordic Ice Arena"


@pytest.fixture
def parties() -> tuple[Party, Party, Party]:
    """Three firms; A has an order of a named customer, B one of its own."""
    a, b, c = (make_party(code) for code in "ABC")
    with as_owner():
        for owner, other in ((a, b), (b, a)):
            rows = RowMaker(owner.firm_id, other.firm_id)
            order = rows.make(SalesOrder)
            rows.make(SalesOrderTerms, order_id=order, customer_name=f"{CUSTOMER} {owner.firm.code}")
            rows.make(SalesOrderLineTerms)
    return a, b, c


@pytest.fixture
def without_scoping(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a programmer's slip in the one place that scopes orders, and in the one that authorises, would leave."""
    monkeypatch.setattr(prepared, "_kept", {})  # those that were put together with the scoping in them
    monkeypatch.setattr(selectors, "visible_to", lambda _actor: SalesOrder.objects.all())
    monkeypatch.setattr(access, "can", lambda *_arguments, **_keywords: True)


def numbers(client: Client, caller: Party) -> set[str]:
    response = client.get(ADDRESS, headers=caller.headers)
    assert response.status_code == 200
    return {order["number"] for order in response.json()["results"]}


def own_numbers(caller: Party) -> set[str]:
    with as_owner():
        return set(SalesOrder.objects.filter(firm_id=caller.firm_id).values_list("number", flat=True))


def test_the_patch_does_take_the_scoping_out(parties: tuple[Party, Party, Party], without_scoping: None) -> None:
    """The control: under the owner, who has no wall, the patched selector hands A's and B's orders to C."""
    rival = parties[2].actor
    with as_owner():
        leaked = [order.id for order in selectors.sales_orders_page(actor=rival, limit=50)]
        owners = set(SalesOrder.objects.filter(pk__in=leaked).values_list("firm_id", flat=True))
    assert owners == {parties[0].firm_id, parties[1].firm_id}


def test_without_scoping_each_firm_still_sees_its_own_orders_alone(
    client: Client, parties: tuple[Party, Party, Party], without_scoping: None
) -> None:
    a, b, c = parties
    assert numbers(client, a) == own_numbers(a) != set()
    assert numbers(client, b) == own_numbers(b) != set()
    assert numbers(client, c) == set()


def test_without_scoping_no_customer_of_another_firm_appears(
    client: Client, parties: tuple[Party, Party, Party], without_scoping: None
) -> None:
    a, b, c = parties
    assert f"{CUSTOMER} A" in client.get(ADDRESS, headers=a.headers).content.decode()
    for caller in (b, c):
        assert f"{CUSTOMER} A" not in client.get(ADDRESS, headers=caller.headers).content.decode()


def test_without_scoping_the_selector_finds_nothing_of_others(
    parties: tuple[Party, Party, Party], without_scoping: None
) -> None:
    rival: Actor = parties[2].actor
    with wall(DatabaseRole.FIRM, parties[2].firm_id):
        assert selectors.sales_orders_page(actor=rival, limit=50) == []
