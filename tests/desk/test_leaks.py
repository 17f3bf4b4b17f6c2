"""No address, filter, search, sorting, completion or form of the desk tells what its reader may not know.

Addresses and lookups are generated from the site's registry, so a new list or act is tried without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.test import Client, RequestFactory
from django.urls import URLPattern, reverse

from mes.core.actors import DatabaseRole
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.pages import PAGES
from mes.core.wall import wall
from mes.core.walls import walled_models
from mes.firms.access import STAFF_VIEWS
from mes.firms.choices import Role
from mes.firms.models import User
from tests.desk.lively_park import SECRETS
from tests.desk.test_every_page import REGISTERED, name_of, visible_to_staff
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db

HIDDEN = [model for model in walled_models() if model._meta.label_lower not in visible_to_staff()]
"""Models that the association reads nothing of: customers, prices, fees, keys."""
RELATIONS = 3
COMPARISONS = ("", "__gt", "__startswith", "__isnull", "__in")
OPEN_TO_ALL = {"/admin/login/"}
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def ours(model: type[models.Model]) -> DeskAdmin:
    its_admin = admin.site._registry[model]
    assert isinstance(its_admin, DeskAdmin)
    return its_admin


def first_of(model: type[models.Model]) -> object:
    with wall(DatabaseRole.STAFF):
        return model._base_manager.values_list("pk", flat=True).first()


def addresses_of(model: type[models.Model]) -> Iterator[str]:
    """All addresses of a model's list, rows and acts, with its first row filled in."""
    its_admin, key = ours(model), first_of(model)
    acts = {act.name for act in (*its_admin.acts_on_list, *its_admin.acts_on_row)} or {"none"}
    for pattern in its_admin.get_urls():
        for act in acts:
            route = _CONVERTER.sub(lambda match, act=act: act if match[1] == "name" else str(key), str(pattern.pattern))
            yield f"/admin/{model._meta.app_label}/{model._meta.model_name}/{route}"


def addresses_of_site() -> Iterator[str]:
    """The addresses that belong to no model."""
    labels = sorted({model._meta.app_label for model in REGISTERED})
    about = {f"admin:{page.name}": page.about for page in PAGES}
    for pattern in admin.site.get_urls():
        if not isinstance(pattern, URLPattern):
            continue
        route = str(pattern.pattern)
        if pattern.name == "app_list":
            yield from (f"/admin/{label}/" for label in labels)
        elif pattern.name is None:
            yield "/admin/nowhere/"
        else:
            row = about.get(f"admin:{pattern.name}")
            key = "1" if row is None else str(first_of(row))
            yield f"/admin/{_CONVERTER.sub(key, route)}"


def all_addresses() -> list[str]:
    found = set(addresses_of_site())
    for model in REGISTERED:
        found |= set(addresses_of(model))
    return sorted(found - OPEN_TO_ALL)


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


@pytest.fixture
def desk(park: SmallPark) -> Client:
    return signed_in("chair")


def rows_now() -> dict[str, int]:
    with wall(DatabaseRole.STAFF):
        return {model._meta.label: model._base_manager.count() for model in REGISTERED}


def test_there_is_an_address_of_each_kind(park: SmallPark) -> None:
    found = all_addresses()
    assert len(found) > 6 * len(REGISTERED)
    assert {"/admin/", "/admin/autocomplete/", "/admin/search/", "/admin/catalog/"} <= set(found)
    assert any(address.endswith("/act/start/") for address in found)
    assert [address for address in found if "export" in address or "import" in address] == []


def test_who_has_no_role_gets_none_of_the_lists_and_pages(park: SmallPark) -> None:
    """Others without a list are tried in tests/isolation/test_other_doors.py."""
    with wall(DatabaseRole.STAFF):
        User.objects.get_or_create(username="without-a-role", defaults={"password": "!"})
    client = signed_in("without-a-role")
    for model in REGISTERED:
        for address in addresses_of(model):
            answer = client.post(address, {"post": "yes"}) if "/act/" in address else client.get(address)
            elsewhere = answer.status_code == 302 and answer["Location"] == f"{address}change/"
            assert elsewhere or answer.status_code in {403, 404}, address
    for page in PAGES:
        keys = [] if page.about is None else [first_of(page.about)]
        assert client.get(page.address(*keys)).status_code == 403


def test_nothing_is_added_changed_or_deleted_but_by_an_act(desk: Client) -> None:
    before = rows_now()
    for model in REGISTERED:
        key = first_of(model)
        listed = reverse(f"{name_of(model)}_changelist")
        answer = desk.post(listed, {"action": "delete_selected", "_selected_action": key, "post": "yes"})
        assert answer.status_code in {200, 302, 403}
        for name, keys in (("add", []), ("change", [key]), ("delete", [key])):
            answer = desk.post(reverse(f"{name_of(model)}_{name}", args=keys), {"post": "yes", "_save": "1"})
            assert answer.status_code == 403, (model, name)
        assert desk.get(reverse(f"{name_of(model)}_history", args=[key])).status_code == 404
    assert rows_now() == before


def paths_to_hidden(model: type[models.Model]) -> Iterator[str]:
    """Lookups over at most three relations, either way, that end at a field of a model that is hidden."""
    reached: list[tuple[type[models.Model], str]] = [(model, "")]
    for _step in range(RELATIONS):
        reached = [
            (field.related_model, f"{prefix}{field.name}__")
            for at, prefix in reached
            if at not in HIDDEN
            for field in at._meta.get_fields()
            if field.is_relation and isinstance(field.related_model, type)
        ]
        for at, prefix in reached:
            if at in HIDDEN:
                yield from (f"{prefix}{field.name}" for field in at._meta.concrete_fields)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_no_lookup_reaches_what_the_association_does_not_read(desk: Client, model: type[models.Model]) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="chair")
    listed = reverse(f"{name_of(model)}_changelist")
    asked = 0
    for path in paths_to_hidden(model):
        for comparison in COMPARISONS:
            assert not ours(model).lookup_allowed(f"{path}{comparison}", "1", request), path
        if path.count("__") == 1:
            asked += 1
            for value in (SECRETS[0], "no such customer"):
                answer = desk.get(f"{listed}?{urlencode({f'{path}__startswith': value})}")
                assert answer.status_code == 400, path
    references = [field for hidden in HIDDEN for field in hidden._meta.fields if isinstance(field, models.ForeignKey)]
    assert asked or model not in {field.related_model for field in references if not field.remote_field.hidden}


def crossed(model: type[models.Model], path: str) -> Iterator[type[models.Model]]:
    """The models whose rows a path of field names reads, the last part perhaps being a comparison."""
    at = model
    for part in path.lstrip("-").split("__"):
        try:
            field = at._meta.get_field(part)
        except FieldDoesNotExist:
            return
        if field.is_relation and isinstance(field.related_model, type):
            at = field.related_model
            yield at


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_list_shows_sorts_and_searches_by_what_all_its_readers_may_see(model: type[models.Model]) -> None:
    its_admin = ours(model)
    joined = its_admin.list_select_related
    named = [
        *(item for item in (*its_admin.list_display, *flatten(its_admin.page_fields))),
        *(item[0] if isinstance(item, tuple) else item for item in its_admin.list_filter),
        *its_admin.search_fields,
        *(its_admin.ordering or ()),
        *(() if isinstance(joined, bool) else joined),
        *its_admin.prefetched,
        *its_admin.also_asked,
    ]
    paths = [getattr(item, "admin_order_field", None) if callable(item) else item for item in named]
    readers = STAFF_VIEWS[model._meta.label_lower]
    for path in paths:
        for read in crossed(model, path) if isinstance(path, str) else ():
            assert readers <= STAFF_VIEWS[read._meta.label_lower], path


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_searching_and_sorting_tell_no_secret(desk: Client, model: type[models.Model]) -> None:
    listed = reverse(f"{name_of(model)}_changelist")
    if ours(model).search_fields:
        for secret in SECRETS:
            assert list(desk.get(listed, {"q": secret}).context["cl"].result_list) == []
    columns = range(len(ours(model).list_display))
    for order in (".".join(str(number) for number in columns), ".".join(f"-{number}" for number in columns), "99", "x"):
        answer = desk.get(listed, {"o": order}, follow=True)
        assert answer.status_code == 200
        assert not any(secret in answer.content.decode() for secret in SECRETS)


def test_completions_are_those_of_lists_that_the_reader_sees(desk: Client) -> None:
    officer = signed_in("round-officer")
    tried = 0
    for model in [*REGISTERED, *HIDDEN]:
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey):
                continue
            tried += 1
            target = field.related_model
            asked = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
                "term": "",
            }
            for client, roles in ((desk, {Role.ADMINISTRATOR, Role.ROUND_OFFICER}), (officer, {Role.ROUND_OFFICER})):
                answer = client.get(reverse("admin:autocomplete"), asked)
                label = target._meta.label_lower
                if not STAFF_VIEWS.get(label, frozenset()) & roles:
                    assert answer.status_code in {403, 404}, (model, field)
                assert answer.status_code in {200, 403, 404}
                assert not any(secret in answer.content.decode() for secret in SECRETS)
    assert tried > len(REGISTERED)


def test_the_search_over_all_names_lists_alone(desk: Client) -> None:
    officer = signed_in("round-officer")
    for term in (*SECRETS, "SO-1", "A"):
        for asked in ({"s": term}, {"s": term, "extended": "1"}):
            assert "SO-1" not in desk.get(reverse("admin:search"), asked).content.decode().replace(f'"{term}"', "")
    assert "/admin/sales/" in desk.get(reverse("admin:search"), {"s": "订单"}).content.decode()
    assert "/admin/sales/" not in officer.get(reverse("admin:search"), {"s": "订单"}).content.decode()


@pytest.mark.parametrize("page", ["x", "0", "-1", "99", "9" * 400, "²"])
def test_a_page_of_the_search_that_there_is_not_is_not_found(desk: Client, page: str) -> None:
    assert desk.get(reverse("admin:search"), {"s": "订单", "page": page}).status_code == 404


@pytest.mark.parametrize("key", ["1", "x", "01890000-0000-7000-8000-000000000000"])
def test_no_address_leads_from_the_key_of_any_row_to_its_page(desk: Client, key: str) -> None:
    assert desk.get(f"/admin/r/1/{key}/").status_code == 404


def test_the_forms_of_acts_tell_no_secret(desk: Client) -> None:
    """Their choices stand in the page, as those of filters do on each list, which test_every_page reads."""
    for model in REGISTERED:
        for address in addresses_of(model):
            if "/act/" in address:
                page = desk.get(address)
                assert page.status_code in {200, 404}, address
                assert not any(secret in page.content.decode() for secret in SECRETS), address


def test_what_is_hidden_has_no_list() -> None:
    assert {model._meta.label for model in HIDDEN} >= {"sales.SalesOrderTerms", "plans.ProposalTerms", "firms.ApiKey"}
    assert not set(HIDDEN) & set(REGISTERED)
