"""Codes on paper: shown once, kept as digests, used once, tried ten times, valid for a week."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import NotFound, NotPermitted
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.firms import services
from mes.firms.choices import FirmStatus, Role
from mes.firms.errors import CannotEnter
from mes.firms.keys import code_as_read, digest_of_code, new_code
from mes.firms.models import AccountCode, Firm, User
from tests.core.people import PASSWORD, Party, firm_actor, make_officer, make_party, staff_actor
from tests.database import as_owner

pytestmark = pytest.mark.django_db
WELCOME = "/account/welcome"
NEW = "another-horse-8-battery"
NOT_VALID = "代码无效"


def code_for(user: User) -> str:
    with wall(DatabaseRole.STAFF):
        issued = services.account_code_issue(actor=staff_actor(), user_id=user.pk, now=database_now())
    return issued.code


def used(client: Client, code: str, password: str = NEW) -> bool:
    """Whether the code let the person in; if not, the page says so in the same words each time."""
    answer = client.post(WELCOME, {"code": code, "password": password, "again": password})
    if answer.status_code == 302:
        assert answer["Location"] == reverse("account:sign-in")
        return True
    assert answer.status_code == 200
    assert NOT_VALID in answer.content.decode()
    return False


def signs_in(client: Client, user: User, password: str) -> bool:
    answer = client.post(reverse("account:sign-in"), {"username": user.username, "password": password})
    return bool(answer.status_code == 302)


def test_a_code_is_kept_as_a_keyed_digest_and_read_from_paper_with_patience(party: Party) -> None:
    code = code_for(party.user)
    with as_owner():
        row = AccountCode.objects.get()
    assert code not in {str(value) for value in vars(row).values()}
    assert (row.digest, row.prefix) == (digest_of_code(code), code[:5])
    assert row.expires_at - row.created_at == timedelta(days=7)
    assert len({new_code() for _ in range(100)}) == 100
    assert code_as_read(" 0Il0a-bcdef ") == "0110A-BCDEF"
    assert code_as_read(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code


def test_a_code_sets_the_password_once(client: Client, party: Party) -> None:
    code = code_for(party.user)
    assert used(client, code)
    assert signs_in(Client(), party.user, NEW)
    assert not used(client, code, "third-horse-9-battery")
    assert not signs_in(Client(), party.user, "third-horse-9-battery")


def test_a_new_person_has_no_password_before_the_code(client: Client, party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        user = services.user_create(actor=party.actor, username="chen", firm=party.firm, roles=[Role.PLANNER])
        issued = services.account_code_issue(actor=party.actor, user_id=user.pk, now=database_now())
        assert not issued.row.by_association
    assert "!" not in issued.code
    assert not signs_in(client, user, "")
    assert used(client, issued.code)
    assert signs_in(client, user, NEW)


def test_a_reset_ends_the_password_the_sessions_and_the_earlier_code_but_no_key(client: Client, party: Party) -> None:
    client.force_login(User.objects.get(pk=party.user.pk))
    assert client.get("/account/").status_code == 200
    first = code_for(party.user)
    assert client.get("/account/").status_code == 302
    assert not signs_in(Client(), party.user, PASSWORD)
    second = code_for(party.user)
    assert not used(Client(), first)
    assert used(Client(), second)
    assert client.get("/api/v1/me", headers=party.headers).status_code == 200
    with wall(DatabaseRole.FIRM, party.firm_id):
        told = list(AuditRow.objects.filter(object_id=party.user.pk).order_by("at").values_list("verb", flat=True))
    assert told == ["user.create", "user.invite", "user.invite", "user.set_password"]


def test_a_wrong_an_expired_and_an_unknown_code_answer_alike(client: Client, party: Party) -> None:
    code = code_for(party.user)
    pages = set()
    for text in (code[:-1] + ("0" if code[-1] != "0" else "1"), code[:5], new_code(), "厂" * 30):
        answer = client.post(WELCOME, {"code": text, "password": NEW, "again": NEW})
        assert answer.status_code == 200
        pages.add(tuple(answer.context["form"].errors["code"]))
    with as_owner():
        AccountCode.objects.update(expires_at=database_now() - timedelta(seconds=1), created_at="2026-01-01T00:00Z")
    assert not used(client, code)
    assert len(pages) == 1
    for text in ("", "\0"):
        assert client.post(WELCOME, {"code": text, "password": NEW, "again": NEW}).status_code == 200


def test_ten_wrong_tries_make_a_code_void(client: Client, party: Party) -> None:
    code = code_for(party.user)
    for _ in range(10):
        assert not used(client, f"{code[:5]}-{new_code()[:17]}")
    assert not used(client, code)
    with as_owner():
        assert AccountCode.objects.get().tries == 10


def test_a_weak_password_does_not_use_the_code_up(client: Client, party: Party) -> None:
    code = code_for(party.user)
    for password, again in (("short", "short"), ("1234567890", "1234567890"), (NEW, NEW + "x"), ("", "")):
        answer = client.post(WELCOME, {"code": code, "password": password, "again": again})
        assert answer.status_code == 200
        assert answer.context["form"].errors.keys() <= {"password", "again"}
    with as_owner():
        assert AccountCode.objects.get().tries == 0
    assert used(client, code)


@pytest.mark.parametrize("status", [FirmStatus.SUSPENDED, FirmStatus.LEFT])
def test_nobody_of_a_firm_that_is_no_member_gets_or_uses_a_code(
    client: Client, party: Party, status: FirmStatus
) -> None:
    code = code_for(party.user)
    with wall(DatabaseRole.STAFF):
        Firm.objects.filter(pk=party.firm_id).update(status=status)
        with pytest.raises(CannotEnter):
            services.account_code_issue(actor=staff_actor(), user_id=party.user.pk, now=database_now())
    assert not used(client, code)


def test_codes_are_issued_by_heads_for_people_of_their_side(party: Party, other: Party) -> None:
    officer = make_officer("officer")
    now = database_now()
    with wall(DatabaseRole.FIRM, party.firm_id):
        for stranger in (other.user.pk, officer.pk):
            with pytest.raises(NotFound):
                services.account_code_issue(actor=party.actor, user_id=stranger, now=now)
        with pytest.raises(NotPermitted):
            services.account_code_issue(actor=firm_actor(party.firm_id, Role.PLANNER), user_id=party.user.pk, now=now)
    with wall(DatabaseRole.STAFF), pytest.raises(NotPermitted):
        services.account_code_issue(actor=staff_actor(Role.DISPATCHER), user_id=officer.pk, now=now)


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_get_no_more_than_ten_and_a_code_is_used_by_one() -> None:
    party = make_party("A")
    code = code_for(party.user)

    def one_try(number: int) -> bool:
        try:
            wrong = number % 4
            return used(Client(), f"{code[:5]}-{new_code()[:17]}" if wrong else code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        let_in = list(pool.map(one_try, range(16)))
    with as_owner():
        row = AccountCode.objects.get()
    assert sum(let_in) == (0 if row.used_at is None else 1)
    assert row.tries <= 10
    assert sum(let_in) == 1 or row.tries == 10
