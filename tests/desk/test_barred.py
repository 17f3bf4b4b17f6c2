"""A dispatcher with an interest in firm A finds nothing of it on the desk: no row, page, count, choice or name.

Addresses come from the site's registry, and what is A's from the database, so that a new list is tried by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from mes.core.desk.pages import PAGES
from mes.core.walls import firm_columns, walled_models
from mes.firms import access
from mes.firms.access import STAFF_VIEWS
from mes.firms.choices import Role
from mes.firms.models import Firm, User
from tests.database import as_owner
from tests.desk.test_every_page import REGISTERED, name_of
from tests.desk.test_leaks import addresses_of, all_addresses, signed_in
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LISTED = [model for model in REGISTERED if Role.DISPATCHER in STAFF_VIEWS[model._meta.label_lower]]
WORDS = ("企业A", "A:P-1", "A:SAW-1", "A:SO-")
"""How A and what is A's are named in texts."""


def rows_naming(firm_id: UUID) -> dict[type[models.Model], set[str]]:
    """The keys of the rows that name a firm, read by the owner."""
    found = {}
    with as_owner(), connection.cursor() as cursor:
        for model in walled_models():
            columns = [column for column, _empty in firm_columns(model)]
            if columns:
                named = " OR ".join(f'"{column}" = %s' for column in columns)
                cursor.execute(f'SELECT id FROM "{model._meta.db_table}" WHERE {named}', [firm_id] * len(columns))
                found[model] = {str(key) for (key,) in cursor.fetchall()}
    return found


@pytest.fixture(scope="module")
def hidden(park: SmallPark) -> dict[type[models.Model], set[str]]:
    return {}


@pytest.fixture
def of_a(park: SmallPark, hidden: dict[type[models.Model], set[str]]) -> dict[type[models.Model], set[str]]:
    hidden.update(hidden or rows_naming(park.firms["A"].pk))
    return hidden


@pytest.fixture(params=["as it is", "without scoping"])
def barred(park: SmallPark, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Once more with what a slip in the code would leave: everybody may everything of everyone."""
    if request.param == "without scoping":
        monkeypatch.setattr(access, "_owners", lambda _obj: ())
        monkeypatch.setattr(User, "has_perm", lambda *_arguments, **_keywords: True)
        monkeypatch.setattr(User, "may", lambda *_arguments: True)
    return signed_in("barred")


def told(client: Client, address: str, keys: set[str]) -> Iterator[str]:
    """What an answer tells of A. What was asked for and is repeated tells nothing."""
    text = client.get(address, follow=True).content.decode()
    asked = set(UUIDS.findall(address))
    yield from ({*UUIDS.findall(text)} - asked) & keys
    yield from (word for word in WORDS if word in text)


def test_there_is_much_to_hide(of_a: dict[type[models.Model], set[str]]) -> None:
    assert sum(bool(of_a.get(model)) for model in LISTED) > 30


def test_somebody_without_the_interest_is_told(of_a: dict[type[models.Model], set[str]]) -> None:
    assert {*told(signed_in("administrator"), reverse(f"{name_of(Firm)}_changelist"), of_a[Firm])} == {
        *of_a[Firm],
        "企业A",
    }


def test_no_address_of_the_desk_tells_of_the_firm(barred: Client, of_a: dict[type[models.Model], set[str]]) -> None:
    keys = set().union(*of_a.values())
    leaks = {address: found for address in all_addresses() if (found := list(told(barred, address, keys)))}
    assert leaks == {}


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.label)
def test_no_list_shows_or_counts_a_row_of_the_firm(
    barred: Client, of_a: dict[type[models.Model], set[str]], model: type[models.Model]
) -> None:
    listed = reverse(f"{name_of(model)}_changelist")
    rows = of_a.get(model, set())
    assert not {str(row.pk) for row in barred.get(listed).context["cl"].result_list} & rows
    firm = next(iter(of_a[Firm]))
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.related_model is Firm:
            answer = barred.get(f"{listed}?{urlencode({f'{field.name}__id__exact': firm})}")
            assert answer.status_code != 200 or not answer.context["cl"].result_list


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.label)
def test_no_page_act_or_history_of_a_row_of_the_firm_opens(
    barred: Client, of_a: dict[type[models.Model], set[str]], model: type[models.Model]
) -> None:
    for key in sorted(of_a.get(model, set()))[:3]:
        for name in ("change", "history"):
            answer = barred.get(reverse(f"{name_of(model)}_{name}", args=[key]))
            assert answer.status_code in {302, 404}, (model, name)
        for address in addresses_of(model):
            if "/act/" in address and (asked := UUIDS.search(address)):
                answer = barred.post(address.replace(asked[0], key), {"post": "yes"})
                assert answer.status_code in {302, 403, 404}, address


def test_no_completion_offers_a_row_of_the_firm(barred: Client, of_a: dict[type[models.Model], set[str]]) -> None:
    for model in LISTED:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name,
                         "field_name": field.name, "term": ""}  # fmt: skip
                answer = barred.get(reverse("admin:autocomplete"), asked)
                offered = {row["id"] for row in answer.json()["results"]} if answer.status_code == 200 else set()
                assert not offered & of_a.get(field.related_model, set()), (model, field)  # type: ignore[arg-type]


def test_no_page_about_a_row_of_the_firm_opens(barred: Client, of_a: dict[type[models.Model], set[str]]) -> None:
    for page in PAGES:
        for key in sorted(of_a.get(page.about, set()))[:3] if page.about else ():
            assert barred.get(page.address(key)).status_code == 404, page
