"""Every address of the API, every method, every kind of object of another firm, every caller who may not have it.

Each is answered as the callers' table says, the answer is that for an id that does not exist, no row changes, and
nothing that the caller may not read stands in an answer or in a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from mes.core.ids import new_id
from mes.files.services import storage
from tests.database import as_owner
from tests.desk.conftest import park  # noqa: F401 - the lively park
from tests.isolation.callers import SPECIFIED, Callers, called, make_callers
from tests.isolation.matrix import (
    DOORS,
    OBJECTS,
    REFERENCES,
    Door,
    Reference,
    firm_columns_of,
    model_of,
    references,
    unknown_fields,
)
from tests.isolation.scoping import take_out, without_walls
from tests.isolation.watch import canaries_of, digests, everything_of, logged, rows_of, shown, state, told
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db

FIRMS = ("other firm", "party of a declined proposal", "supplier")
# Who is let in where there is no object: the caller himself.
OF_ONESELF = {"/me": {"staff", "wrong scope"}, "/changes": {"wrong scope"}}
WITH_OBJECT = [door for door in DOORS if door.is_of_an_object]
# A PUT under a name of the caller's own choice makes his own row, whoever else has one of that name.
OF_ANY_NAME = [door for door in WITH_OBJECT if door.method == "put" and door.column not in {"pk", "tender_id"}]
# Answered to suppliers alone, which none of the callers is; tried as such in tests/quotations, tests/rounds
# and tests/supply.
OF_SUPPLIERS = {"quotations.TenderInvitation", "supply.Delivery", "supply.DeliveryLot"}
ASKED_AS_SUPPLIER = ("/tenders/", "/qualifications/", "/resin-awards/")
FINDING = [door for door in WITH_OBJECT if door not in OF_ANY_NAME]
WITHOUT = [door for door in DOORS if not door.is_of_an_object]


@dataclass
class Matrix:
    callers: Callers
    foreign: dict[tuple[str, str], list[object]]
    """Rows of A or B, by model and by what an address calls them."""
    canaries: dict[str, frozenset[str]]
    """What each caller may not read."""
    of_bystanders: dict[str, str]
    """Digests of the rows of firms that call nothing."""


@pytest.fixture(scope="module")
def matrix(
    park: SmallPark,  # noqa: F811
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Matrix]:
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=str(tmp_path_factory.mktemp("files"))):
        storage.write(b"%PDF-1.7")  # those that the made-up rows name
        callers = make_callers(park.firms)
        kinds = dict.fromkeys([*((label, "pk") for label in OBJECTS.values()), *map(kind_of, WITH_OBJECT)])
        foreign = {kind: _rows_of_others(callers, *kind) for kind in kinds}
        firm_ids = {who: callers.firm_id_of(who) for who in SPECIFIED if who != "staff"}
        of_firms = {firm_id: canaries_of(firm_id) for firm_id in set(firm_ids.values())}
        canaries = {who: of_firms[firm_id] for who, firm_id in firm_ids.items()}
        of_bystanders, before = rows_of(callers.bystanders()), digests()
        yield Matrix(callers, foreign, canaries | {"staff": canaries["anonymous"]}, of_bystanders)
        assert digests() == before  # nothing was committed, by whatever connection


def kind_of(door: Door) -> tuple[str, str]:
    return OBJECTS.get(door.stem, "firms.ApiKey"), door.column


def _rows_of_others(callers: Callers, label: str, column: str) -> list[object]:
    """What rows are called that neither C nor D nor the supplier has a part in, a few of each."""
    model = apps.get_model(label)
    own = {callers.firms[code].pk for code in "CDS"}
    with as_owner():
        rows = model._base_manager.order_by("pk")
        for party in firm_columns_of(label):
            rows = rows.exclude(**{f"{party}__in": own}).exclude(**{party: None})
        if label == "suppliers.SupplierQualification":
            rows = rows.exclude(status="qualified")  # which members read
        if label == "awards.AwardLine":
            rows = rows.filter(supplier__code__in="AB")  # those of suppliers have no caller here
        return list(rows.exclude(**{column: None}).values_list(column, flat=True)[:2])


def test_each_kind_of_object_is_there(matrix: Matrix) -> None:
    """And each address and field has said what it names; the words of a failure say where."""
    assert [kind for kind, keys in matrix.foreign.items() if not keys] == []
    assert {door.label for door in WITH_OBJECT} == set(OBJECTS.values())
    assert list(unknown_fields()) == [], "Say in REFERENCES or NO_REFERENCES of tests/isolation/matrix.py what it names"


def test_the_owner_finds_them(matrix: Matrix) -> None:
    """The control: what is refused below is there for its owner."""
    reading = [door for door in WITH_OBJECT if door.method == "get"]
    found = set()
    for door in reading:
        clients = [matrix.callers.client(who, door) for who in ("owner of A", "owner of B")]
        answers = {called(client, door, key).status_code for client in clients for key in matrix.foreign[kind_of(door)]}
        assert answers <= {200, 404}, (door, answers)
        found |= {door.label} if 200 in answers else set()
    assert {door.label for door in reading} - found == OF_SUPPLIERS


@pytest.mark.parametrize("door", FINDING, ids=str)
def test_anothers_object_is_a_missing_one(matrix: Matrix, door: Door) -> None:
    clients = {who: matrix.callers.client(who, door) for who in SPECIFIED}
    before = state()
    for who, statuses in SPECIFIED.items():
        client = clients[who]
        missing = shown(called(client, door, new_id(), door.body()))
        assert missing[0] in statuses, (who, missing)
        for key in matrix.foreign[kind_of(door)]:
            answer = called(client, door, key, door.body())
            assert shown(answer) == missing, who
            assert told(everything_of(answer), matrix.canaries[who], sent=(str(key),)) == set(), who
    assert state() == before


@pytest.mark.parametrize("door", FINDING, ids=str)
def test_the_key_of_a_row_of_another_kind_is_a_missing_one(matrix: Matrix, door: Door) -> None:
    before = state()
    client = matrix.callers.client("other firm", door)
    missing = shown(called(client, door, new_id(), door.body()))
    by_key = {kind: keys for kind, keys in matrix.foreign.items() if kind[1] == "pk"}
    for kind, keys in by_key.items():
        assert shown(called(client, door, keys[0], door.body())) == missing, kind
    assert state() == before


@pytest.mark.parametrize("door", OF_ANY_NAME, ids=str)
def test_a_name_that_another_has_too_is_free(matrix: Matrix, door: Door) -> None:
    for who, statuses in SPECIFIED.items():
        client = matrix.callers.client(who, door)
        body = door.body() or {}
        missing = called(client, door, str(new_id())[:20], body)
        assert missing.status_code in statuses or (who in FIRMS and missing.status_code in {200, 201}), who
        for key in matrix.foreign[kind_of(door)]:
            answer = called(client, door, key, body)
            assert answer.status_code == missing.status_code, who
            assert told(everything_of(answer), matrix.canaries[who], sent=(str(key),)) == set(), who
    assert rows_of(matrix.callers.bystanders()) == matrix.of_bystanders


@pytest.mark.parametrize("door", WITHOUT, ids=str)
def test_without_an_object_nobody_gets_what_is_anothers(matrix: Matrix, door: Door) -> None:
    clients = {who: matrix.callers.client(who, door) for who in SPECIFIED}
    sent = json.dumps(door.body(), ensure_ascii=False)
    before = state()
    for who, statuses in SPECIFIED.items():
        answer = called(clients[who], door, "", door.body())
        assert told(everything_of(answer), matrix.canaries[who], sent=(sent,)) == set(), who
        if who not in FIRMS and who not in OF_ONESELF.get(door.address, ()):
            assert answer.status_code in statuses, who
        assert answer.status_code < 500
        if who == FIRMS[-1]:
            before = state()
    assert state() == before


@pytest.mark.parametrize("reference", list(references()), ids=str)
def test_a_field_that_names_anothers_row_names_nothing(matrix: Matrix, reference: Reference) -> None:
    """C has a part in nothing of these either; the control shows that the field is looked at."""
    who, door = "party of a declined proposal", reference.door
    client = matrix.callers.client(who, door)
    own = _own_values(matrix.callers, reference)
    key = _own_key(matrix.callers, door) if door.is_of_an_object else ""
    unknown = str(new_id()) if reference.column == "id" else "NOWHERE-1"
    values = _values_of_others(matrix.callers, reference)
    as_it_is = {"If-None-Match" if door.method == "put" else "If-Match": "*"} if door.operation.conditional else {}

    def ask(value: str) -> object:
        sent = reference.filled(value, own)
        body, query = (None, sent) if reference.place == "query" else (sent, None)
        return called(client, door, key, body, query, **as_it_is)

    nothing, before = ask(unknown), state()
    assert nothing.status_code < 500  # type: ignore[attr-defined]
    assert values
    for value in values:
        answer = ask(value)
        assert shown(answer, sent=value) == shown(nothing, sent=unknown)  # type: ignore[arg-type]
        assert told(everything_of(answer), matrix.canaries[who], sent=(value,)) == set()  # type: ignore[arg-type]
    assert state() == before
    mine = own[reference.label] if reference.column in {"id", "code"} else None
    if mine is not None and reference.place == "body":
        assert shown(ask(mine), sent=mine) != shown(nothing, sent=unknown)  # type: ignore[arg-type]


def _own_values(callers: Callers, reference: Reference) -> dict[str, str]:
    """By model, what a caller's own row is named by: its code where the field takes one, else its key."""
    column_of = dict(REFERENCES.values()) | {"sales.SalesOrder": "pk"}
    firm = callers.firms["C"]
    found = {}
    with as_owner():
        for label in dict.fromkeys((*OBJECTS.values(), reference.label)):
            model = model_of(label)
            column = firm_columns_of(label)[0]
            name = column_of.get(label, "pk")
            found[label] = str(model._base_manager.filter(**{column: firm.pk}).values_list(name, flat=True).first())
    return found


def _own_key(callers: Callers, door: Door) -> object:
    with as_owner():
        rows = model_of(door.label)._base_manager.filter(**{firm_columns_of(door.label)[0]: callers.firms["C"].pk})
        return rows.values_list(door.column, flat=True)[0]


def _values_of_others(callers: Callers, reference: Reference) -> list[str]:
    """What rows of A and B are named by, and none of C's is."""
    model = model_of(reference.label)
    firms = [callers.firms[code].pk for code in "AB"]
    with as_owner():
        column = firm_columns_of(reference.label)[0]
        rows = model._base_manager.exclude(**{reference.column: None})
        others = set(rows.filter(**{f"{column}__in": firms}).values_list(reference.column, flat=True))
        own = set(rows.filter(**{column: callers.firms["C"].pk}).values_list(reference.column, flat=True))
    return sorted(str(value) for value in others - own)[:2]


def test_no_log_line_tells_what_is_anothers(matrix: Matrix, client: Client) -> None:
    """Keys that a caller sent itself stand in the addresses that are logged; texts of rows must not."""
    texts = {canary for canary in matrix.canaries["other firm"] if "-" not in canary or len(canary) != 36}
    with logged() as lines:
        for door in DOORS:
            key = matrix.foreign[kind_of(door)][0] if door.is_of_an_object else ""
            called(matrix.callers.client("other firm", door), door, key, door.body())
    assert lines
    sent = tuple(str(keys[0]) for keys in matrix.foreign.values())
    assert told("\n".join(lines), texts, sent=sent) == set()


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_without_the_applications_scoping_no_row_of_another_is_reached(
    matrix: Matrix, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status may be another; what is told and what is changed may not."""
    keys = matrix.foreign[kind_of(door)] if door.is_of_an_object else [None]
    sent = json.dumps(door.body(), ensure_ascii=False)
    take_out(monkeypatch)
    before = state()
    for who in FIRMS:
        client = matrix.callers.client(who, door)
        for key in keys:
            answer = called(client, door, key, door.body())
            assert answer.status_code < 500, who
            assert told(everything_of(answer), matrix.canaries[who], sent=(str(key), sent)) == set(), who
    if state() != before:
        assert rows_of(matrix.callers.bystanders()) == matrix.of_bystanders


def test_the_scoping_is_taken_out_of_all_doors(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the walls too, a rival reads what is another's at every address."""
    take_out(monkeypatch)
    without_walls(monkeypatch)
    reading = [door for door in WITH_OBJECT if door.method == "get"]
    shut = set()
    for door in reading:
        client = matrix.callers.client("other firm", door)
        if all(called(client, door, key).status_code != 200 for key in matrix.foreign[kind_of(door)]):
            shut.add(door.address)
    assert {address for address in shut if not address.startswith(ASKED_AS_SUPPLIER)} == set()
