"""The pages on which people sign in, and those of a firm's people."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import wall
from mes.firms import services
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import ApiKey, Firm, User
from tests.core.people import PASSWORD, Party, give_password, make_officer

pytestmark = pytest.mark.django_db
SIGN_IN = reverse("account:sign-in")
KEYS = reverse("account:keys")


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> str:
    """Where it leads, empty for a refusal."""
    answer = client.post(SIGN_IN, {"username": username, "password": password, **more})
    return str(answer.headers.get("Location", ""))


@pytest.fixture
def owner(client: Client, party: Party) -> Client:
    assert sign_in(client, party.user.username) == "/account/"
    return client


def planner_of(party: Party) -> User:
    with wall(DatabaseRole.FIRM, party.firm_id):
        user = services.user_create(actor=party.actor, username="planner", firm=party.firm, roles=[Role.PLANNER])
        return give_password(user)


def text_of(answer: object) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())  # type: ignore[attr-defined]


def test_each_side_is_led_to_its_own_pages(client: Client, party: Party) -> None:
    officer = make_officer("officer")
    for user, home, wrong in ((party.user, "/account/", "/admin/"), (officer, "/admin/", "/account/")):
        one = Client()
        assert sign_in(one, user.username, next=wrong) == home
        assert one.get(wrong, follow=True).redirect_chain[-1][0] == home
        assert one.get(SIGN_IN)["Location"] == home
    assert sign_in(client, party.user.username, next=KEYS) == KEYS
    assert sign_in(Client(), party.user.username, next="//evil.example/account/") == "/account/"
    assert sign_in(Client(), officer.username, next="/admin/firms/firm/") == "/admin/firms/firm/"


def test_a_wrong_name_and_a_wrong_password_answer_alike(client: Client, party: Party) -> None:
    tries = (("nobody@A", PASSWORD), (party.user.username, "wrong"), ("owner", PASSWORD), ("", ""))
    said = [client.post(SIGN_IN, {"username": name, "password": password}) for name, password in tries]
    assert {answer.status_code for answer in said} == {200}
    assert len({str(answer.context["form"].errors) for answer in said[:3]}) == 1


def test_somebody_of_a_suspended_firm_is_told_why(client: Client, party: Party) -> None:
    with wall(DatabaseRole.STAFF):
        Firm.objects.filter(pk=party.firm_id).update(status=FirmStatus.SUSPENDED)
    answer = client.post(SIGN_IN, {"username": party.user.username, "password": PASSWORD})
    assert "目前不是会员" in text_of(answer)
    client.force_login(party.user)
    assert client.get("/account/")["Location"].startswith(SIGN_IN)
    assert client.get(SIGN_IN).status_code == 200


def test_nobody_comes_to_the_account_without_a_session(client: Client, party: Party) -> None:
    for name in ("index", "password", "keys"):
        address = reverse(f"account:{name}")
        for headers in ({}, party.headers):
            assert client.get(address, headers=headers)["Location"] == f"{SIGN_IN}?next={address}"
    assert client.post(KEYS, {"label": "x"}, headers=party.headers)["Location"].startswith(SIGN_IN)


def test_the_pages_are_never_kept_and_load_nothing_from_elsewhere(owner: Client) -> None:
    for name in ("index", "password", "keys", "welcome"):
        answer = owner.get(reverse(f"account:{name}"))
        assert answer.status_code == 200, name
        assert "no-store" in answer["Cache-Control"]
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "<script" not in answer.content.decode()


def test_the_account_speaks_both_languages(owner: Client) -> None:
    assert "我的账户" in text_of(owner.get("/account/"))
    owner.post(reverse("set_language"), {"language": "en", "next": "/account/"})
    assert "Your account" in text_of(owner.get("/account/"))


def test_signing_out_ends_the_session(owner: Client) -> None:
    assert owner.get(reverse("account:sign-out")).status_code == 405
    assert owner.post(reverse("account:sign-out"))["Location"] == SIGN_IN
    assert owner.get("/account/")["Location"].startswith(SIGN_IN)


def test_a_password_is_changed_by_whoever_knows_it_and_other_sessions_end(owner: Client, party: Party) -> None:
    elsewhere = Client()
    sign_in(elsewhere, party.user.username)
    address, new = reverse("account:password"), "another-horse-8-battery"
    wrong = (("wrong", new, new), (PASSWORD, "short", "short"), (PASSWORD, new, new + "x"), (PASSWORD, "", ""))
    for current, password, again in wrong:
        answer = owner.post(address, {"current": current, "password": password, "again": again})
        assert answer.status_code == 200
        assert answer.context["form"].errors
    assert owner.post(address, {"current": PASSWORD, "password": new, "again": new})["Location"] == "/account/"
    assert owner.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert sign_in(Client(), party.user.username) == ""
    assert sign_in(Client(), party.user.username, new) == "/account/"


def test_an_owner_reaches_a_first_key_and_ends_it(owner: Client, party: Party) -> None:
    asked = {
        "label": "ERP 2",
        "expires_at": str(localdate(database_now()) + timedelta(days=30)),
        "scopes": "orders:read",
    }
    page = owner.post(KEYS, asked).content.decode()
    (key,) = re.findall(r'<code class="desk-secret">(mes_[\w-]+)</code>', page)
    assert key not in owner.get(KEYS).content.decode()
    assert key not in str(dict(owner.session.items()))
    headers = {"Authorization": f"Bearer {key}"}
    me = Client().get("/api/v1/me", headers=headers).json()
    assert (me["firm"]["code"], me["scopes"], me["key"]["label"]) == ("A", ["orders:read"], "ERP 2")
    assert me["key"]["expires_at"].endswith("T00:00:00+08:00")
    with wall(DatabaseRole.FIRM, party.firm_id):
        row = ApiKey.objects.get(label="ERP 2")
    assert owner.post(reverse("account:revoke-key", args=[row.pk]))["Location"] == KEYS
    assert Client().get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [("label", ""), ("label", "x" * 61), ("expires_at", "2020-01-01"), ("expires_at", "9999-12-31"),
     ("expires_at", "x"),      ("scopes", "everything:write")],
)  # fmt: skip
def test_a_bad_value_of_a_key_is_told(owner: Client, party: Party, field: str, value: str) -> None:
    answer = owner.post(KEYS, {"label": "ERP", field: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {field}
    with wall(DatabaseRole.FIRM, party.firm_id):
        assert ApiKey.objects.count() == 1


def test_keys_are_the_owners_affair_and_stay_in_the_firm(client: Client, party: Party, other: Party) -> None:
    with wall(DatabaseRole.FIRM, other.firm_id):
        theirs = ApiKey.objects.get()
    client.force_login(party.user)
    assert client.post(reverse("account:revoke-key", args=[theirs.pk])).status_code == 404
    page = client.get(KEYS).content.decode()
    assert theirs.prefix not in page
    client.force_login(planner_of(party))
    assert KEYS not in client.get("/account/").content.decode()
    assert client.get(KEYS).status_code == 403
    assert client.post(KEYS, {"label": "x"}).status_code == 403


def test_a_form_without_its_csrf_token_is_refused(party: Party) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SIGN_IN, {"username": party.user.username, "password": PASSWORD}).status_code == 403
    assert strict.post(reverse("account:welcome"), {}).status_code == 403
    strict.force_login(party.user)
    assert strict.post(KEYS, {"label": "x"}).status_code == 403
