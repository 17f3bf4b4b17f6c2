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
from tests.core.people import make_officer
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


def test_a_persons_password_is_shown_once_and_lets_in_nobody_else(desk: Client) -> None:
    firm = a_firm()
    answer = desk.post(act_on("firms_firm", "add-person", firm.pk), PERSON)
    page = answer.content.decode()
    (password,) = re.findall(r'<code class="desk-secret">([\w-]{16})</code>', page)
    assert "no-store" in answer["Cache-Control"]
    assert password not in str(answer.cookies) + str(dict(desk.session.items()))
    assert list(get_messages(answer.wsgi_request)) == []
    with wall(DatabaseRole.STAFF):
        user = User.objects.get(username="chen@F01")
        told = list(AuditRow.objects.filter(object_id=user.pk).values_list("changes", flat=True))
        assert (user.firm, user.roles) == (firm, {Role.OWNER, Role.PLANNER})
    assert user.check_password(password)
    assert told == [{"roles": [None, ["owner", "planner"]]}]
    assert desk.post(act_on("firms_firm", "add-person", firm.pk), PERSON).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", ""), ("username", "chen@F02"), ("username", "x" * 57), ("roles", []), ("roles", ["auditor"])],
)
def test_a_bad_value_of_a_person_is_told_at_its_field(desk: Client, field: str, value: object) -> None:
    address = act_on("firms_firm", "add-person", a_firm().pk)
    assert errors_of(desk, address, {**PERSON, field: value}).keys() == {field}


def test_a_person_of_the_association_signs_in_with_the_shown_password(desk: Client, client: Client) -> None:
    page = desk.post(act_on("firms_user", "add-officer"), {"username": "auditor-2", "roles": ["auditor"]})
    (password,) = re.findall(r'desk-secret">([\w-]+)<', page.content.decode())
    other = Client()
    signed_in = other.post(reverse("admin:login"), {"username": "auditor-2", "password": password, "next": "/admin/"})
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
