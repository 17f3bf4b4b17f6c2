"""The round officer's desk: matching, the picture of savings, and what an interest takes from it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from mes.firms.choices import Role
from mes.firms.models import User
from procurement.savings.services import savings_recognise
from tests.factories import user_of
from tests.factories.rounds import an_officer, with_interest
from tests.settlement.work import Settling, a_settling_round, act, benchmarked, settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(db: None) -> Settling:
    return benchmarked(a_settling_round())


def signed_in(name: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.get(pk=user_of(None, Role.ROUND_OFFICER, username=name).pk))
    return client


def test_an_officer_matches_settles_and_closes_at_the_desk(found: Settling) -> None:
    client, invoice = signed_in("matches"), found.invoiced("F01", "S1", net_fen=9_900_000, vat_fen=1_287_000)
    page = client.get(reverse("admin:settlement_invoice_change", args=[invoice.pk])).content.decode()
    assert "another price than was agreed" in page
    address = reverse("admin:settlement_invoice_act_on_row", args=[invoice.pk, "void"])
    assert client.post(address, {"reason": "价格有误"}).status_code == 302
    settled(found)
    fee = reverse("admin:rounds_round_act_on_row", args=[found.pk, "book-fee"])
    assert client.post(fee, {"kind": "bank", "fen": 700, "reference": "B1"}).status_code == 302
    close = reverse("admin:rounds_round_act_on_row", args=[found.pk, "close"])
    assert client.post(close, {}).status_code == 302


def test_the_picture_leaves_out_a_round_in_which_its_reader_has_an_interest(found: Settling) -> None:
    settled(found)
    act(an_officer(), savings_recognise, round_id=found.pk)
    page = signed_in("sees").get(reverse("admin:savings")).content.decode()
    assert "100 % of spend evidenced" in page
    with_interest("barred", found.opened.firms["F03"])
    barred = signed_in("barred").get(reverse("admin:savings")).content.decode()
    assert "of spend evidenced" not in barred
