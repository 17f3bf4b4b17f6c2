"""The database holds no session that a cookie could be made of; signing in and out work."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from mes.core.sessions import SessionStore
from tests.core.people import make_officer

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def with_cookie(key: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = key
    return client


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_officer())
    return client


def test_the_cookie_lets_in_and_the_stored_name_does_not(client: Client) -> None:
    cookie, (row,) = client.cookies["sessionid"].value, Session.objects.all()
    assert cookie not in (row.session_key, row.session_data)
    assert with_cookie(cookie).get(HOME).status_code == 200
    assert with_cookie(row.session_key).get(HOME).status_code == 302


def test_signing_out_ends_the_session(client: Client) -> None:
    cookie = client.cookies["sessionid"].value
    client.post("/admin/logout/")
    assert not Session.objects.exists()
    assert with_cookie(cookie).get(HOME).status_code == 302


def test_a_session_is_kept_changed_and_renamed() -> None:
    store = SessionStore()
    store["seen"] = 1
    store.create()
    assert store.exists(store.session_key)
    again = SessionStore(store.session_key)
    again["seen"] += 1 if "seen" in again else 5
    again.save()
    first = again.session_key
    again.cycle_key()
    assert SessionStore(first).load() == {}
    assert SessionStore(again.session_key)["seen"] == again["seen"]
    assert Session.objects.count() == 1


def test_an_expired_session_is_none() -> None:
    store = SessionStore()
    store["seen"] = 1
    store.set_expiry(-1)
    store.create()
    assert SessionStore(store.session_key).load() == {}
