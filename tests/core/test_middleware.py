"""One request, one transaction: what a failed request has written is gone, in every kind of failure."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from mes.core.actors import DatabaseRole
from mes.core.models import NumberSeries
from mes.core.wall import WallBreached, wall
from tests.core.doors import SERIES
from tests.core.people import Party, make_party
from tests.database import as_owner

pytestmark = [pytest.mark.urls("tests.core.doors")]


def written(party: Party) -> int:
    with wall(DatabaseRole.FIRM, party.firm_id):
        return sum(NumberSeries.objects.filter(name=SERIES).values_list("last", flat=True))


@pytest.fixture
def web() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/django/200", 200),
        ("/django/302", 302),
        ("/django/caught", 200),
        ("/api/created", 201),
    ],
)
def test_a_request_that_succeeds_commits(web: Client, standing_party: Party, address: str, status: int) -> None:
    response = web.post(address, headers=standing_party.headers)
    assert response.status_code == status
    assert written(standing_party) == 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/django/400", 400),
        ("/django/404", 404),
        ("/django/503", 503),
        ("/django/raise", 500),
        ("/django/rendering", 500),
        ("/django/deadlock", 503),
        ("/django/lost", 503),
        ("/api/raise", 500),
        ("/api/invalid", 400),
        ("/api/domain", 422),
        ("/api/stale", 409),
        ("/api/denied", 403),
    ],
)
def test_a_request_that_fails_leaves_nothing(web: Client, standing_party: Party, address: str, status: int) -> None:
    response = web.post(address, headers=standing_party.headers)
    assert response.status_code == status
    assert written(standing_party) == 0


def test_a_broken_reference_that_shows_at_commit_is_a_conflict(web: Client, standing_party: Party) -> None:
    response = web.post("/broken-at-commit", headers=standing_party.headers)
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "conflict"
    assert written(standing_party) == 0


def test_a_connection_lost_before_commit_is_told_as_unavailable(web: Client, standing_party: Party) -> None:
    response = web.post("/cut-off", headers=standing_party.headers)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0
    connection.close()
    assert written(standing_party) == 0
    assert web.get("/who", headers=standing_party.headers).status_code == 200


def test_a_firm_left_set_on_a_connection_stops_the_next_request_and_the_connection_is_thrown_away(
    web: Client, standing_party: Party
) -> None:
    assert web.get("/leaking", headers=standing_party.headers).status_code == 200
    with pytest.raises(WallBreached):
        Client().get("/who")
    assert web.get("/who").content == b"mes_web "


def test_an_anonymous_request_keeps_the_logins_own_rights(web: Client, standing_party: Party) -> None:
    assert web.get("/who").content == b"mes_web "
    assert web.get("/reading").status_code == 500


def test_role_and_firm_are_set_for_the_request_alone(web: Client, standing_party: Party) -> None:
    assert web.get("/who", headers=standing_party.headers).content == f"mes_firm {standing_party.firm_id}".encode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, coalesce(current_setting('app.firm', true), '')")
        assert cursor.fetchone() == ("mes_web", "")


def test_one_ordinary_test_may_send_two_requests_of_two_firms(web: Client, party: Party) -> None:
    other = make_party("B")
    for caller in (party, other, party):
        assert web.get("/who", headers=caller.headers).content == f"mes_firm {caller.firm_id}".encode()
    assert web.get("/who").content == b"mes_web "


def test_a_failed_request_in_an_ordinary_test_leaves_the_test_usable(web: Client, party: Party) -> None:
    assert web.post("/django/raise", headers=party.headers).status_code == 500
    assert web.post("/django/200", headers=party.headers).status_code == 200
    assert written(party) == 1


def test_a_stream_of_gathered_rows_reaches_the_caller(web: Client, standing_party: Party) -> None:
    response = web.get("/streaming", headers=standing_party.headers)
    assert response.getvalue() == b"A"


def test_readyz_says_yes_to_anybody(web: Client, db: None) -> None:
    response = web.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "broker": True})


def test_readyz_says_no_when_a_migration_is_missing(web: Client, db: None) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'core' AND name = '0002_business_clock'")
    response = web.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["code"], response["Retry-After"]) == ("not_ready", "2")


def test_a_refusal_names_its_code_and_its_fields(web: Client, party: Party) -> None:
    refused = web.post("/api/domain", headers=party.headers)
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "invalid_value"
    assert refused.json()["errors"] == [{"pointer": "/grade", "detail": "No such grade."}]
    invalid = web.post("/api/invalid", headers=party.headers).json()
    assert invalid["errors"] == [{"pointer": "/lines/1/pieces", "detail": "Too few.", "code": "invalid"}]
