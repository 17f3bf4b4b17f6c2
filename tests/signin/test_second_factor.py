"""The second factor of the association's people: nobody is signed in before it, and no code is taken twice."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from mes.core.actors import Actor, Channel, DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import NotAllowedInState, NotFound, NotPermitted
from mes.core.ids import new_id
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import User
from mes.signin.models import SecondFactor
from mes.signin.one_time import STEP_S, secret_of, step_of
from mes.signin.selectors import FactorState, factor_of
from mes.signin.services import second_factor_confirm, second_factor_reset, second_factor_use
from mes.signin.tries import MOST_OF_ACCOUNT
from tests.core.chain import Owner
from tests.core.people import PASSWORD, make_officer, make_party, staff_actor
from tests.core.work import at_once

SIGN_IN = reverse("account:sign-in")
CODE, SET_UP = reverse("account:second-factor"), reverse("account:second-factor-setup")
OWN = reverse("account:own-second-factor")
DESK = reverse("admin:index")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick_hasher(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.signin.hashers.Counting"]


@pytest.fixture
def officer(quick_hasher: None) -> User:
    return make_officer("dispatcher", Role.DISPATCHER)


def person(user: User) -> Actor:
    roles = frozenset({Role.DISPATCHER})
    return Actor(database_role=DatabaseRole.STAFF, channel=Channel.ADMIN, user_id=user.pk, roles=roles)


def code_at(user: User, steps: int = 0, *, version: int = 1) -> str:
    step = int(database_now().timestamp()) // STEP_S + steps
    return pyotp.TOTP(secret_of(user.pk, version)).generate_otp(step)


def set_up(user: User, *, version: int = 1) -> list[str]:
    """A factor whose last step lies before all that the tests use."""
    with wall(DatabaseRole.STAFF):
        now = database_now()
        codes = second_factor_confirm(
            actor=person(user), code=code_at(user, -1, version=version), version=version, now=now
        )
        SecondFactor.objects.filter(user=user).update(last_step=0)
    return codes


def use(user: User, code: str) -> bool:
    with wall(DatabaseRole.STAFF):
        return second_factor_use(actor=person(user), code=code, version=1, now=database_now())


def password_given(name: str = "dispatcher", **more: str) -> tuple[Client, str]:
    client = Client()
    answer = client.post(SIGN_IN, {"username": name, "password": PASSWORD, **more})
    return client, answer["Location"]


def is_in(client: Client) -> bool:
    return client.get(DESK).status_code == 200


def test_without_a_factor_the_password_is_enough_unless_it_is_required(officer: User, settings: Any) -> None:
    assert settings.STAFF_SECOND_FACTOR == "optional"
    assert password_given()[1] == DESK
    settings.STAFF_SECOND_FACTOR = "required"
    client, led_to = password_given()
    assert led_to == SET_UP
    assert not is_in(client)
    assert client.get(CODE)["Location"] == SIGN_IN
    party = make_party("A")
    assert password_given(party.user.username)[1] == "/account/"


def test_who_has_to_sets_it_up_and_is_signed_in_by_that(officer: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    client, _led_to = password_given()
    page = client.get(SET_UP)
    assert "no-store" in page["Cache-Control"]
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert 'src="data:image/svg+xml' in page.content.decode()
    wrong = client.post(SET_UP, {"code": "00000x"})
    assert (wrong.status_code, wrong.context["codes"]) == (200, [])
    assert not is_in(client)
    done = client.post(SET_UP, {"code": pyotp.TOTP(secret).generate_otp(int(database_now().timestamp()) // STEP_S)})
    codes = done.context["codes"]
    assert len(set(codes)) == 10
    assert all(code in done.content.decode() for code in codes)
    assert secret not in done.content.decode()
    assert is_in(client)
    assert client.get(SET_UP)["Location"] == SIGN_IN
    with wall(DatabaseRole.STAFF):
        assert AuditRow.objects.filter(verb="second_factor.confirm", object_id=officer.pk).count() == 1


def test_who_is_signed_in_may_set_it_up_and_a_firms_person_may_not(officer: User) -> None:
    client, _desk = password_given()
    assert client.get(SET_UP).status_code == 200
    party = make_party("A")
    theirs = Client()
    theirs.force_login(party.user)
    assert theirs.get(SET_UP)["Location"] == SIGN_IN
    assert Client().get(SET_UP)["Location"] == SIGN_IN
    assert Client().post(SET_UP, {"code": "123456"})["Location"] == SIGN_IN


def test_half_signed_in_is_nobody_until_the_code_is_given(officer: User) -> None:
    set_up(officer)
    client, led_to = password_given(next="/admin/plans/planrun/")
    assert led_to == CODE
    assert not is_in(client)
    assert client.get("/api/v1/me").status_code == 401
    assert client.get(SET_UP)["Location"] == SIGN_IN
    before = client.cookies["sessionid"].value
    answer = client.post(CODE, {"code": code_at(officer)})
    assert answer["Location"] == "/admin/plans/planrun/"
    assert is_in(client)
    assert client.cookies["sessionid"].value != before


def test_half_signed_in_ends_after_ten_minutes_and_with_another_password(officer: User, owner: Owner) -> None:
    set_up(officer)
    client, _page = password_given()
    session = client.session
    session["half_signed_in"] |= {"at": "2020-01-01T00:00:00+00:00"}
    session.save()
    assert client.post(CODE, {"code": code_at(officer)})["Location"] == SIGN_IN
    client, _page = password_given()
    owner.execute("UPDATE firms_user SET password = 'x'")
    assert client.post(CODE, {"code": code_at(officer)})["Location"] == SIGN_IN
    assert not is_in(client)


def test_a_code_holds_for_the_step_before_and_after_and_once(officer: User) -> None:
    now = database_now()
    for steps, holds in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        step = int(now.timestamp()) // STEP_S + steps
        code = pyotp.TOTP(secret_of(officer.pk, 1)).generate_otp(step)
        assert step_of(code, user_id=officer.pk, version=1, now=now) == (step if holds else None)
    for text in ("", "12345", "1234567", "12345x", "１２３４５６"):
        assert step_of(text, user_id=officer.pk, version=1, now=now) is None
    set_up(officer)
    code = code_at(officer)
    assert [use(officer, code), use(officer, code), use(officer, code_at(officer, -1))] == [True, False, False]


def test_of_two_who_use_a_code_at_once_one_is_let_in(officer: User) -> None:
    recovery = set_up(officer)
    code = code_at(officer)
    assert sorted(at_once(2, lambda _number: use(officer, code))) == [False, True]
    assert sorted(at_once(2, lambda _number: use(officer, recovery[0]))) == [False, True]


def test_a_recovery_code_is_used_once_however_it_is_typed(officer: User) -> None:
    first, second, *_others = set_up(officer)
    client, _page = password_given()
    assert client.post(CODE, {"code": first.lower().replace("-", " ")})["Location"] == DESK
    assert is_in(client)
    client, _page = password_given()
    assert client.post(CODE, {"code": first}).status_code == 200
    assert client.post(CODE, {"code": second})["Location"] == DESK
    with wall(DatabaseRole.STAFF):
        assert len(SecondFactor.objects.get(user=officer).recovery) == 8
        assert AuditRow.objects.filter(verb="second_factor.recover", object_id=officer.pk).count() == 2


def test_wrong_used_and_old_codes_answer_alike_and_count_like_passwords(officer: User) -> None:
    set_up(officer)
    used = code_at(officer)
    assert use(officer, used)
    client, _page = password_given()
    said = [
        list(client.post(CODE, {"code": code}).context["form"].errors["code"])
        for code in (used, code_at(officer, -9), "000 00x", "AAAAA-AAAAA-AAAAA-AAAAA")
    ]
    assert said == [said[0]] * 4
    for _turn in range(MOST_OF_ACCOUNT - 4):
        client.post(CODE, {"code": "00000x"})
    locked = client.post(CODE, {"code": code_at(officer, 1)})
    assert locked.context["form"].non_field_errors()
    assert not is_in(client)
    again = Client().post(SIGN_IN, {"username": "dispatcher", "password": PASSWORD})
    assert again.status_code == 200


def test_the_administrator_resets_it_and_the_sessions_end(officer: User) -> None:
    set_up(officer)
    client, _page = password_given()
    client.post(CODE, {"code": code_at(officer)})
    half, _page = password_given()
    assert is_in(client)
    desk = Client()
    desk.force_login(make_officer("administrator", Role.ADMINISTRATOR))
    assert desk.get(reverse("admin:signin_secondfactor_changelist")).status_code == 200
    with wall(DatabaseRole.STAFF):
        key = SecondFactor.objects.get(user=officer).pk
    assert desk.post(reverse("admin:signin_secondfactor_act_on_row", args=[key, "reset"])).status_code == 302
    assert not is_in(client)
    assert half.post(CODE, {"code": code_at(officer, 1)})["Location"] == SIGN_IN
    assert not use(officer, code_at(officer, 1))
    assert secret_of(officer.pk, 1) != secret_of(officer.pk, 2)
    set_up(officer, version=2)
    with wall(DatabaseRole.STAFF):
        assert AuditRow.objects.filter(verb="second_factor.reset", object_id=officer.pk).count() == 1


def test_who_may_not_reset(officer: User) -> None:
    set_up(officer)
    with wall(DatabaseRole.STAFF):
        with pytest.raises(NotPermitted):
            second_factor_reset(actor=staff_actor(Role.DISPATCHER), user_id=officer.pk)
        with pytest.raises(NotPermitted):
            second_factor_reset(actor=staff_actor(user_id=officer.pk), user_id=officer.pk)
        with pytest.raises(NotFound):
            second_factor_reset(actor=staff_actor(), user_id=new_id())
    call_command("second_factor_reset", "dispatcher")
    with wall(DatabaseRole.STAFF), pytest.raises(NotAllowedInState):
        second_factor_reset(actor=staff_actor(), user_id=officer.pk)


def test_the_webs_login_asks_for_one_person_and_reads_no_row(officer: User) -> None:
    set_up(officer)
    for column in ("*", "user_id", "recovery", "last_step"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            SecondFactor.objects.raw(f"SELECT {column} FROM signin_secondfactor")[0]
    assert factor_of(officer.pk) == FactorState(version=1, is_set_up=True)
    assert factor_of(make_officer("administrator", Role.ADMINISTRATOR).pk) == FactorState(version=1, is_set_up=False)
    call_command("second_factor_reset", "dispatcher")
    assert factor_of(officer.pk) == FactorState(version=2, is_set_up=False)


def test_somebody_who_is_signed_in_may_sign_in_as_another(officer: User) -> None:
    set_up(officer)
    for first in (make_officer("administrator", Role.ADMINISTRATOR), make_party("A").user):
        client = Client()
        client.force_login(first)
        answer = client.post(SIGN_IN, {"username": "dispatcher", "password": PASSWORD})
        assert answer["Location"] == CODE
        assert not is_in(client)


def test_who_signs_in_otherwise_is_halfway_no_more(officer: User) -> None:
    set_up(officer)
    client, led_to = password_given()
    assert led_to == CODE
    other = make_officer("administrator", Role.ADMINISTRATOR)
    assert client.post(SIGN_IN, {"username": other.username, "password": PASSWORD})["Location"] == DESK
    assert client.post(CODE, {"code": code_at(officer)})["Location"] == SIGN_IN
    assert client.get(DESK).wsgi_request.user == other


def test_where_it_is_required_a_session_without_one_ends(officer: User, settings: Any) -> None:
    client, led_to = password_given()
    assert (led_to, is_in(client)) == (DESK, True)
    settings.STAFF_SECOND_FACTOR = "required"
    assert not is_in(client)
    assert password_given()[1] == SET_UP


def test_the_menu_of_the_desk_leads_to_the_own_factor(officer: User) -> None:
    client, _desk = password_given()
    assert client.get(OWN)["Location"] == SET_UP
    page = client.get(DESK).content.decode()
    assert f'href="{OWN}"' in page
    assert f'href="{reverse("admin:password_change")}"' in page
    first, *_others = set_up(officer)
    assert use(officer, first)
    page = client.get(OWN)
    assert (page.status_code, page.context["left"]) == (200, 9)
    assert secret_of(officer.pk, 1) not in page.content.decode()
    theirs = Client()
    theirs.force_login(make_party("A").user)
    for stranger in (theirs, Client()):
        assert stranger.get(OWN)["Location"] == SIGN_IN


def test_neither_secret_nor_recovery_code_is_stored(officer: User, owner: Owner) -> None:
    codes = set_up(officer)
    row = owner.execute("SELECT string_agg(t::text, ' ') FROM signin_secondfactor t").fetchone()
    assert row is not None
    assert not any(text in str(row[0]) for text in (secret_of(officer.pk, 1), *codes))


def test_while_the_pepper_is_changed_the_old_secret_holds(officer: User, settings: Any) -> None:
    first, second, *_others = set_up(officer)
    code = code_at(officer)
    settings.API_KEY_PEPPER, settings.API_KEY_PEPPER_OLD = "another pepper, long enough it is", settings.API_KEY_PEPPER
    assert use(officer, code)
    assert use(officer, first)
    settings.API_KEY_PEPPER_OLD = ""
    assert not use(officer, second)
