"""Every route that is not the API's, every kind of row that the caller may not have, every caller: pages of the desk
and of the account. Each is answered as the tables of pages.py say, and as about a row that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from mes.core.actors import DatabaseRole, Sight
from mes.core.clock import database_now
from mes.core.desk.pages import PAGES
from mes.core.ids import new_id
from mes.core.tenancy import Office
from mes.core.wall import wall
from mes.core.walls import firm_columns, tenancy_of
from mes.firms.access import STAFF_VIEWS
from mes.firms.choices import Role
from mes.firms.models import ApiKey, Firm, User
from mes.firms.services import read_session_end, read_session_open
from tests.core.people import staff_actor
from tests.database import as_owner
from tests.desk.conftest import park  # noqa: F401 - the lively park
from tests.factories import an_api_key, user_of
from tests.isolation.callers import called, ended_key
from tests.isolation.matrix import DOORS
from tests.isolation.pages import (
    ACCOUNT,
    DESK,
    OF_A_ROW,
    OF_AN_OBJECT,
    OF_NO_OBJECT,
    OUTSIDERS,
    STAFF,
    Page,
    has_list,
    is_opened,
    pages_of,
    routes,
    sign_in,
    unlisted,
)
from tests.isolation.rows import RowMaker
from tests.isolation.watch import digests, everything_of, is_telling, shown, state, told, values_seen
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
METHODS = ("get", "post")
WITHOUT_LIST = [model for model in REGISTERED if not has_list("round officer", model)]
OPENED = [model for model in REGISTERED if is_opened(model)]
PROGRESS = [f"admin/plans/{name}/{{id}}/progress/" for name in ("planrun", "scenario", "scenariobase")]
CLOSED_PAGES = {page.address() for page in PAGES if Role.ROUND_OFFICER not in STAFF_VIEWS[f"desk.{page.name}"]}
# What stands in the source, with the examples that the lively park looks like.
OF_THE_SOURCE = {"api/v1/schema", "api/v1/docs"}
# Rows that name firms, and that every office of the association reads.
OF_EVERY_OFFICE = {model for model in REGISTERED if tenancy_of(model).office is Office.EVERY}
OF_ROUNDS = {model for model in REGISTERED if tenancy_of(model).office is Office.ROUND}


@dataclass
class Doors:
    firms: dict[str, Firm]
    clients: dict[str, Client]
    rows: dict[type[models.Model], dict[str, object]]
    """A row of A, one of B and any row, by model."""
    canaries: dict[str, frozenset[str]]
    """What somebody with an interest in A does not read, and what firm C and nobody do not."""

    def foreign(self, who: str, model: type[models.Model]) -> object | None:
        """A row that the caller may not have."""
        rows = self.rows[model]
        if who in OUTSIDERS:
            return rows["any"]
        if who == "staff without session":
            return rows.get("A") if is_opened(model) else None
        if not has_list(who, model):
            return rows["any"]
        if who == "round officer" and model in OF_ROUNDS:
            return None
        return None if model in OF_EVERY_OFFICE and who != "barred staff" else rows.get("A")


@pytest.fixture(scope="module")
def doors(park: SmallPark, django_db_blocker: DjangoDbBlocker) -> Iterator[Doors]:  # noqa: F811
    with django_db_blocker.unblock():
        with wall(DatabaseRole.STAFF):
            firms = {firm.code: firm for firm in Firm.objects.all()}
        clients = _clients(firms)
        with as_owner():
            rows = {model: _rows_of(model, firms) for model in REGISTERED}
            ApiKey.objects.filter(firm=firms["A"]).exists() or RowMaker(firms["A"].pk, firms["B"].pk).make(ApiKey)
            everything = values_seen()
        with wall(DatabaseRole.STAFF, sight=Sight(barred_firms=frozenset({firms["A"].pk}))):
            hidden = {"barred staff": everything - values_seen()}
        with wall(DatabaseRole.FIRM, firms["C"].pk):
            hidden["other firm"] = everything - values_seen()
        hidden |= dict.fromkeys((who for who in OUTSIDERS if who != "other firm"), everything)
        canaries = {who: frozenset(filter(is_telling, values)) for who, values in hidden.items()}
        before = digests()
        yield Doors(firms, clients, rows, canaries)
        assert digests() == before  # nothing was committed, by whatever connection


def _clients(firms: dict[str, Firm]) -> dict[str, Client]:
    keys = {
        "key of another firm": an_api_key(firms["C"], Role.OWNER),
        "expired key": ended_key(firms["C"], is_expired=True),
        "revoked key": ended_key(firms["C"], is_expired=False),
    }
    people = {
        "other firm": user_of(firms["C"], Role.OWNER),
        "barred staff": User.objects.get(username="barred"),
        "staff without session": User.objects.get(username="administrator"),
        "round officer": User.objects.get(username="round-officer"),
        "auditor": User.objects.get(username="auditor"),
    }
    clients = {"anonymous": Client(), **{who: Client(headers=headers) for who, headers in keys.items()}}
    for who, user in people.items():
        clients[who] = Client()
        clients[who].force_login(user)
    return clients


def _rows_of(model: type[models.Model], firms: dict[str, Firm]) -> dict[str, object]:
    columns = [column for column, _empty in firm_columns(model)]
    found: dict[str, object] = {}
    for code, other in (("A", "B"), ("B", "A")) if columns else ():
        named = Q()
        for column in columns:
            named |= Q(**{column: firms[code].pk})
        if not model._base_manager.filter(named).exists():
            RowMaker(firms[code].pk, firms[other].pk).make(model)
        found[code] = model._base_manager.filter(named).values_list("pk", flat=True).first()
    return {"any": model._base_manager.values_list("pk", flat=True).first()} | found


def ask(client: Client, method: str, path: str) -> HttpResponse:
    return getattr(client, method)(path, {"post": "yes"} if method == "post" else {})  # type: ignore[no-any-return]


def test_each_route_says_what_it_names() -> None:
    assert unlisted() == [], "Say in tests/isolation/pages.py what these routes name"
    assert OF_NO_OBJECT.keys() | OF_AN_OBJECT.keys() <= routes()
    assert all(reason for _whose, reason in OF_NO_OBJECT.values())


def test_a_route_without_an_entry_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.delitem(OF_NO_OBJECT, "livez")
    monkeypatch.delitem(OF_A_ROW, "{id}/progress/")
    pages_of.cache_clear()
    found = unlisted()
    pages_of.cache_clear()
    assert found == [*PROGRESS, "livez"]


def test_each_kind_of_row_is_there(doors: Doors) -> None:
    lacking = {model._meta.label for model, rows in doors.rows.items() if None in rows.values()}
    assert lacking == set()
    assert len(OPENED) == 5


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_row_that_is_anothers_is_a_missing_one(doors: Doors, model: type[models.Model]) -> None:
    missing_key, pages, answers, before = str(new_id()), pages_of(model), list[str](), state()
    for who in STAFF:
        key = doors.foreign(who, model)
        for page in pages if key is not None else ():
            for method in METHODS if page.is_of_a_row else ():
                answers.append(_as_missing(doors, who, page, method, str(key), missing_key))
        if who == "barred staff" and key is not None:
            assert (
                told("\n".join(answers), doors.canaries[who], sent=(str(key), f"{model._meta.model_name}/{key}"))
                == set()
            )
    assert state() == before


def _as_missing(doors: Doors, who: str, page: Page, method: str, key: str, missing_key: str) -> str:
    """All that the answer says, which is that about a row that does not exist."""
    answer = ask(doors.clients[who], method, page.path(key))
    status, headers, body = shown(ask(doors.clients[who], method, page.path(missing_key)))
    assert status == page.status(who, method), (who, method, page)
    headers = {name: value.replace(missing_key, key) for name, value in headers.items()}
    assert shown(answer) == (status, headers, body.replace(missing_key, key)), (who, method, page)
    return everything_of(answer)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_the_desk_leads_outsiders_to_the_page_of_signing_in(doors: Doors, model: type[models.Model]) -> None:
    key, before = doors.rows[model]["any"], state()
    for page in pages_of(model):
        path = page.path(key)
        for who in OUTSIDERS if page.is_of_a_row else OUTSIDERS[:2]:
            for method in METHODS if page.act or who == "anonymous" else METHODS[:1]:
                answer = ask(doors.clients[who], method, path)
                found = (answer.status_code, answer["Location"], answer.content)
                assert found == (302, sign_in(path), b""), (who, method, path)
    assert state() == before


@pytest.mark.parametrize("model", WITHOUT_LIST, ids=lambda model: model._meta.label)
def test_who_has_no_list_has_none_of_its_pages(doors: Doors, model: type[models.Model]) -> None:
    for page in pages_of(model):
        for method in METHODS if not page.is_of_a_row else ():
            answer = ask(doors.clients["round officer"], method, page.path())
            assert answer.status_code == 403, (method, page)


@pytest.mark.parametrize("model", OPENED, ids=lambda model: model._meta.label)
def test_a_read_session_opens_one_firms_rows_until_it_ends(doors: Doors, model: type[models.Model]) -> None:
    client, rows = doors.clients["auditor"], doors.rows[model]
    auditor = User.objects.get(username="auditor")
    reader = staff_actor(Role.AUDITOR, user_id=auditor.pk)
    listed = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    def found() -> tuple[int, int, set[object]]:
        pages = [client.get(f"{listed}{rows[code]}/change/").status_code for code in "AB"]
        shown_rows = {row.pk for row in client.get(listed).context["cl"].result_list}
        return (*pages, shown_rows & {rows["A"], rows["B"]})  # type: ignore[return-value]

    assert found() == (404, 404, set())
    with wall(DatabaseRole.STAFF):
        firm = doors.firms["A"]
        session = read_session_open(
            actor=reader, firm_id=firm.pk, reason="按投诉核对配方与工艺", hours=1, now=database_now()
        )
    assert found() == (200, 404, {rows["A"]})
    for page in pages_of(model):
        if page.is_of_a_row:
            assert ask(client, "post", page.path(rows["A"])).status_code in {302, 403, 404}, page
    with wall(DatabaseRole.STAFF):
        read_session_end(actor=reader, read_session_id=session.pk, now=database_now())
    assert found() == (404, 404, set())


def test_a_read_session_opens_no_door_of_the_api(doors: Doors) -> None:
    reader = staff_actor(Role.AUDITOR, user_id=User.objects.get(username="auditor").pk)
    with wall(DatabaseRole.STAFF):
        read_session_open(
            actor=reader, firm_id=doors.firms["A"].pk, reason="按投诉核对配方与工艺", hours=1, now=database_now()
        )
    row = doors.rows[OPENED[0]]["A"]
    for door in DOORS:
        key = row if door.is_of_an_object else ""
        answer = called(doors.clients["auditor"], door, key, door.body())
        assert answer.status_code == (200 if door.address == "/me" else 403), door


def test_a_key_of_another_firm_is_a_missing_one_on_the_account(doors: Doors) -> None:
    with as_owner():
        foreign = str(ApiKey.objects.filter(firm=doors.firms["A"]).values_list("pk", flat=True)[0])
    missing_key, before = str(new_id()), state()
    for (route,) in zip(OF_AN_OBJECT, strict=True):
        for who, client in doors.clients.items():
            for method in METHODS:
                path, missing = (f"/{route}".replace("{id}", key) for key in (foreign, missing_key))
                answer, other = ask(client, method, path), shown(ask(client, method, missing))
                if who == "other firm":
                    assert answer.status_code == (405 if method == "get" else 404)
                    assert shown(answer) == other
                else:
                    wanted = sign_in(path, ACCOUNT) if who in OUTSIDERS else "/admin/"
                    assert (answer.status_code, answer["Location"], answer.content) == (302, wanted, b""), who
    assert state() == before


@pytest.mark.parametrize("route", sorted(OF_NO_OBJECT))
def test_what_names_no_object_tells_nothing_of_the_firm(doors: Doors, route: str) -> None:
    """Each is asked for by everybody; whose page it is not is led to the page of signing in."""
    path = f"/{route}".replace("{app_label}", "sales").replace("{url}", "nowhere/")
    whose, _why = OF_NO_OBJECT[route]
    for who in (*OUTSIDERS, *STAFF):
        for method in METHODS:
            client = Client() if who == "anonymous" else doors.clients[who]
            signed_in = copy(client.cookies)
            answer = ask(client, method, path)
            client.cookies = signed_in
            assert answer.status_code in {200, 302, 401, 403, 404, 405, 422}, (who, method)
            if who in doors.canaries and route not in OF_THE_SOURCE:
                assert told(everything_of(answer), doors.canaries[who], sent=(path, "/admin/")) == set(), (who, method)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # closes what is sent
            if who == "round officer" and path in CLOSED_PAGES:
                assert answer.status_code == 403, method
            if whose == DESK and who in OUTSIDERS:
                assert (answer.status_code, answer["Location"]) == (302, sign_in(path)), (who, method)
            if whose == ACCOUNT and who != "other firm":
                wanted = sign_in(path, ACCOUNT) if who in OUTSIDERS else "/admin/"
                assert (answer.status_code, answer["Location"]) == (302, wanted), (who, method)
