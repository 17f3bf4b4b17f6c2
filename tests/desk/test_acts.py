"""What the association does from the desk: firms, people, standard products. Each is one service; bad input is told."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from mes.catalog.models import Product
from mes.core.actors import DatabaseRole
from mes.core.models import AuditRow
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import Firm, User
from tests.core.people import make_officer, make_party
from tests.factories import a_firm, a_product

pytestmark = pytest.mark.django_db

FIRM = {
    "code": "F77",
    "name_zh": "新企业",
    "name_en": "",
    "sort_key": "xinqiye",
    "gate_east_m": "120",
    "gate_north_m": "-5",
}
PERSON = {"username": "chen", "full_name": "陈工", "roles": ["owner", "planner"]}


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_officer("administrator", Role.ADMINISTRATOR))
    return client


def act_on(model: str, name: str, row: object = None) -> str:
    if row is None:
        return reverse(f"admin:{model}_act_on_list", args=[name])
    return reverse(f"admin:{model}_act_on_row", args=[row, name])


def errors_of(desk: Client, address: str, values: Mapping[str, object]) -> dict[str, list[str]]:
    answer = desk.post(address, values)
    assert answer.status_code in {409, 422}
    return dict(answer.context["form"].errors)


def test_the_administrator_adds_a_firm(desk: Client) -> None:
    answer = desk.post(act_on("firms_firm", "add"), FIRM)
    assert answer["Location"] == reverse("admin:firms_firm_changelist")
    with wall(DatabaseRole.STAFF):
        firm = Firm.objects.get(code="F77")
        assert AuditRow.objects.filter(verb="firm.create", object_id=firm.pk).count() == 1
    history = desk.get(reverse("admin:firms_firm_change", args=[firm.pk]), headers={"Accept-Language": "en"})
    assert "member firm added" in history.content.decode()
    assert (firm.name_zh, firm.sort_key, firm.gate_east_m, firm.gate_north_m) == ("新企业", "xinqiye", 120, -5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""), ("code", "F1234567890123"), ("code", "F01"), ("code", "F\0"), ("name_zh", "  "),
        ("name_en", "x" * 81), ("gate_east_m", "1.5"), ("gate_east_m", "1e9"), ("gate_north_m", "9" * 400),
    ],
)  # fmt: skip
def test_a_bad_value_of_a_firm_is_told_at_its_field(desk: Client, field: str, value: str) -> None:
    a_firm("F01")
    assert errors_of(desk, act_on("firms_firm", "add"), {**FIRM, field: value}).keys() == {field}
    with wall(DatabaseRole.STAFF):
        assert Firm.objects.count() == 1


def test_a_persons_code_is_shown_once_on_a_sheet_and_kept_nowhere(desk: Client) -> None:
    firm = a_firm()
    answer = desk.post(act_on("firms_firm", "add-person", firm.pk), PERSON)
    page = answer.content.decode()
    (code,) = re.findall(r'<code class="desk-secret">([\w-]{23})</code>', page)
    assert "http://testserver/account/welcome" in page
    assert "window.print()" in page
    assert "no-store" in answer["Cache-Control"]
    assert code not in str(answer.cookies) + str(dict(desk.session.items()))
    assert list(get_messages(answer.wsgi_request)) == []
    with wall(DatabaseRole.STAFF):
        user = User.objects.get(username="chen@F01")
        told = list(AuditRow.objects.filter(object_id=user.pk).order_by("at").values_list("changes", flat=True))
        assert (user.firm, user.roles) == (firm, {Role.OWNER, Role.PLANNER})
    assert not user.has_usable_password()
    assert told[0] == {"roles": [None, ["owner", "planner"]]}
    assert code not in str(told)
    assert desk.post(act_on("firms_firm", "add-person", firm.pk), PERSON).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", ""), ("username", "chen@F02"), ("username", "x" * 57), ("roles", []), ("roles", ["auditor"])],
)
def test_a_bad_value_of_a_person_is_told_at_its_field(desk: Client, field: str, value: object) -> None:
    address = act_on("firms_firm", "add-person", a_firm().pk)
    assert errors_of(desk, address, {**PERSON, field: value}).keys() == {field}


def test_a_person_of_the_association_signs_in_after_using_the_code(desk: Client) -> None:
    page = desk.post(act_on("firms_user", "add-officer"), {"username": "auditor-2", "roles": ["auditor"]})
    (code,) = re.findall(r'desk-secret">([\w-]+)<', page.content.decode())
    other, password = Client(), "another-horse-8-battery"
    other.post(reverse("account:welcome"), {"code": code, "password": password, "again": password})
    signed_in = other.post(reverse("account:sign-in"), {"username": "auditor-2", "password": password})
    assert signed_in["Location"] == "/admin/"
    assert other.get(act_on("firms_user", "add-officer")).status_code == 403


def test_a_standard_product_is_changed_retired_and_restored(desk: Client) -> None:
    product = a_product()
    address = act_on("catalog_product", "change", product.pk)
    shown = desk.get(address).context["form"]
    asked = {name: shown[name].value() for name in shown.fields}
    assert desk.post(address, {**asked, "name_zh": "改名板"}).status_code == 302
    assert errors_of(desk, address, {**asked, "unit_mass_g": "0"}).keys() == {"unit_mass_g"}
    assert errors_of(desk, address, {**asked, "needs": "kosher"}).keys() == {"needs"}
    retire, restore = (act_on("catalog_product", name, product.pk) for name in ("retire", "restore"))
    assert desk.post(retire).status_code == 302
    assert desk.post(retire).status_code == 409
    buttons = desk.get(reverse("admin:catalog_product_change", args=[product.pk])).context["actions_detail"]
    assert [button["path"] for button in buttons] == [address, restore]
    assert desk.post(restore).status_code == 302
    with wall(DatabaseRole.STAFF):
        stored = Product.objects.get(pk=product.pk)
    assert (stored.name_zh, stored.retired_at) == ("改名板", None)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ROUND_OFFICER])
def test_who_lacks_the_verb_is_offered_nothing_and_refused(client: Client, role: Role) -> None:
    product, firm = a_product(), a_firm()
    client.force_login(make_officer("officer", role))
    for model, row, names in (
        ("catalog_product", product.pk, ("change", "retire")),
        ("firms_firm", firm.pk, ("add-person",)),
    ):
        page = client.get(reverse(f"admin:{model}_change", args=[row]))
        offered = {button["path"] for button in page.context["actions_detail"]}
        assert offered.isdisjoint(act_on(model, name, row) for name in names)
        for name in names:
            assert client.post(act_on(model, name, row), {}).status_code == 403
    assert client.post(act_on("firms_firm", "add"), FIRM).status_code == 403


def test_a_lost_password_is_reset_by_a_code_and_the_firm_can_see_it(desk: Client) -> None:
    party = make_party("A")
    address = act_on("firms_user", "code", party.user.pk)
    page = desk.post(address).content.decode()
    (code,) = re.findall(r'desk-secret">([\w-]{23})<', page)
    assert "owner@A" in page
    assert code not in desk.get(reverse("admin:firms_user_change", args=[party.user.pk])).content.decode()
    with wall(DatabaseRole.FIRM, party.firm_id):
        told = AuditRow.objects.get(verb="user.invite")
        assert (told.actor_firm_id, told.channel) == (None, "admin")


def test_roles_and_the_end_of_an_account_are_set_on_the_persons_page(desk: Client) -> None:
    party = make_party("A")
    address = act_on("firms_user", "roles", party.user.pk)
    assert sorted(desk.get(address).context["form"]["roles"].value()) == ["owner", "planner"]
    assert desk.post(address, {"roles": ["owner", "buyer"], "is_active": "on"}).status_code == 302
    with wall(DatabaseRole.STAFF):
        assert User.objects.get(pk=party.user.pk).roles == {"owner", "buyer"}
    assert desk.post(address, {"roles": ["owner"]}).status_code == 409
    assert desk.post(address, {"roles": ["buyer"], "is_active": "on"}).status_code == 409
    assert errors_of(desk, address, {"roles": ["auditor"], "is_active": "on"}).keys() == {"roles"}
