"""Tries to sign in are counted before they are checked, whatever becomes of the request. With real transactions."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import OperationalError, connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.errors import NotFound, NotPermitted
from mes.core.ids import new_id
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import User
from mes.signin.backends import TooManyTries
from mes.signin.models import TryCount
from mes.signin.services import account_unlock
from mes.signin.tries import MOST_OF_ACCOUNT, MOST_OF_ADDRESS
from tests.core.chain import Owner
from tests.core.people import PASSWORD, make_officer, make_party, staff_actor
from tests.core.work import at_once
from tests.signin.hashers import Counting

GUESSES, ADDRESSES = 1000, 200
THREADS = 6  # less than the pool has connections

pytestmark = pytest.mark.django_db(transaction=True)


class _TakenBack(Exception):
    """Ends a request's transaction as the middleware does at 400 and above."""


def answer_to(username: str, password: str, address: str = "192.0.2.1") -> str:
    """What a page would tell; the request's own transaction is taken back."""
    request = RequestFactory(REMOTE_ADDR=address).post("/")
    said = ""
    try:
        with transaction.atomic():
            try:
                user = authenticate(request, username=username, password=password)
                said = "wrong" if user is None else "right"
            except TooManyTries as refused:
                said = refused.messages[0]
            raise _TakenBack
    except _TakenBack:
        return said


@pytest.fixture(autouse=True)
def quick_hasher(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.signin.hashers.Counting"]


@pytest.fixture
def officer(quick_hasher: None) -> User:
    return make_officer("dispatcher", Role.DISPATCHER)


def test_of_a_thousand_parallel_guesses_ten_are_checked_and_nothing_else_is_locked(officer: User) -> None:
    party = make_party("A")
    session = Client()
    session.force_login(officer)

    def guess(number: int) -> list[str]:
        turns = range(number, GUESSES, THREADS)
        return [answer_to("dispatcher", f"guess {turn}", f"198.51.100.{turn % ADDRESSES}") for turn in turns]

    said = [answer for answers in at_once(THREADS, guess) for answer in answers]
    assert len(said) == GUESSES
    assert said.count("wrong") == MOST_OF_ACCOUNT
    assert "right" not in said
    assert "wrong" not in answer_to("dispatcher", PASSWORD, "203.0.113.9")
    assert session.get(reverse("admin:index")).status_code == 200
    key = {"Authorization": f"Bearer {party.key}"}
    assert Client().get("/api/v1/me", headers=key).status_code == 200
    assert answer_to(party.user.username, PASSWORD, "203.0.113.9") == "right"


def test_the_control_reading_first_and_writing_then_lets_more_through(officer: User, owner: Owner) -> None:
    """What the count would be worth without its one statement: all who read before the first write are let through."""

    def careless(_number: int) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', 'mes_staff', true)")
            tries = TryCount.objects.filter(user_id=officer.pk).count()
            cursor.execute("SELECT pg_sleep(0.2)")
        return tries < 1

    assert at_once(4, careless) == [True] * 4


def test_a_name_that_nobody_has_counts_and_is_answered_like_one_that_there_is(officer: User) -> None:
    for name in ("dispatcher", "nobody"):
        said = [answer_to(name, f"guess {number}") for number in range(MOST_OF_ACCOUNT + 2)]
        assert said[:MOST_OF_ACCOUNT] == ["wrong"] * MOST_OF_ACCOUNT
        assert said[MOST_OF_ACCOUNT] == said[MOST_OF_ACCOUNT + 1] != "wrong"
    pages = [
        Client().post(reverse("account:sign-in"), {"username": name, "password": "x"}, REMOTE_ADDR="203.0.113.7")
        for name in ("dispatcher", "nobody")
    ]
    errors = [list(page.context["form"].non_field_errors()) for page in pages]
    assert errors[0] == errors[1]
    assert len(errors[0]) == 1
    assert {page.status_code for page in pages} == {200}


def test_the_hasher_runs_once_for_every_name(officer: User) -> None:
    for name in ("dispatcher", "nobody", "\x00", "x" * 500):
        before = Counting.runs
        assert answer_to(name, "guess") == "wrong"
        assert Counting.runs == before + 1


def test_right_passwords_use_nothing_up(officer: User) -> None:
    assert [answer_to("dispatcher", PASSWORD) for _turn in range(MOST_OF_ACCOUNT + 3)].count("right") == 13
    assert answer_to("dispatcher", "wrong") == "wrong"


def test_the_window_slides(officer: User, owner: Owner) -> None:
    for number in range(MOST_OF_ACCOUNT):
        answer_to("dispatcher", f"guess {number}")
    assert "wrong" not in answer_to("dispatcher", PASSWORD)
    owner.execute("UPDATE signin_trycount SET tries[1] = tries[1] - interval '15 minutes'")
    assert answer_to("dispatcher", "guess") == "wrong"
    assert "wrong" not in answer_to("dispatcher", "guess")
    owner.execute("UPDATE signin_trycount SET tries = ARRAY(SELECT t - interval '15 minutes' FROM unnest(tries) t)")
    assert answer_to("dispatcher", PASSWORD) == "right"


def test_an_address_has_a_limit_of_its_own_and_then_uses_up_no_accounts_tries(officer: User) -> None:
    names = [f"name {number}" for number in range(MOST_OF_ADDRESS)]
    networks = [f"2001:db8::{number:x}" for number in range(MOST_OF_ADDRESS)]
    answers = [answer_to(name, "x", address) for name, address in zip(names, networks, strict=True)]
    assert set(answers) == {"wrong"}
    for _turn in range(MOST_OF_ACCOUNT):
        assert answer_to("dispatcher", "x", "2001:db8::ffff") != "wrong"  # the same network
    assert answer_to("dispatcher", PASSWORD, "2001:db8:1::1") == "right"


def test_a_try_that_cannot_be_counted_is_not_checked(officer: User) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "PORT", "1")
        with pytest.raises(OperationalError), transaction.atomic():
            authenticate(RequestFactory().post("/"), username="dispatcher", password=PASSWORD)


def test_an_ended_account_does_not_sign_in(officer: User, owner: Owner) -> None:
    owner.execute("UPDATE firms_user SET is_active = false")
    assert answer_to("dispatcher", PASSWORD) == "wrong"


def test_the_administrator_unlocks_an_account(officer: User, owner: Owner) -> None:
    for number in range(MOST_OF_ACCOUNT):
        answer_to("dispatcher", f"guess {number}")
    desk = Client()
    desk.force_login(make_officer("administrator", Role.ADMINISTRATOR))
    page = desk.get(reverse("admin:signin_trycount_changelist"))
    [row] = page.context["cl"].result_list
    assert row.username == "dispatcher"
    assert desk.post(reverse("admin:signin_trycount_act_on_row", args=[row.pk, "unlock"])).status_code == 302
    assert answer_to("dispatcher", PASSWORD) == "right"
    with wall(DatabaseRole.STAFF):
        assert AuditRow.objects.filter(verb="account.unlock", object_id=officer.pk).count() == 1
        with pytest.raises(NotFound):
            account_unlock(actor=staff_actor(Role.ADMINISTRATOR), count_id=new_id())
        with pytest.raises(NotPermitted):
            account_unlock(actor=staff_actor(Role.DISPATCHER), count_id=new_id())


def test_what_was_typed_is_not_kept(officer: User, owner: Owner) -> None:
    answer_to("my password by mistake", "x", "192.0.2.77")
    row = owner.execute("SELECT string_agg(t::text, ' ') FROM signin_trycount t").fetchone()
    assert row is not None
    assert "mistake" not in str(row[0])
    assert "192.0.2.77" not in str(row[0])
