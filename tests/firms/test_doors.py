"""Keys, `GET /api/v1/me` and the admin's door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.errors import InvalidValue
from mes.core.models import BackgroundJob
from mes.core.wall import wall
from mes.core.walls import walled_models
from mes.firms import services
from mes.firms.access import STAFF_VIEWS
from mes.firms.choices import FirmStatus, Role
from mes.firms.models import ApiKey, Firm, User
from tests.core.people import PASSWORD, Party, make_officer
from tests.database import as_owner

pytestmark = pytest.mark.django_db
ME = "/api/v1/me"


def assert_refused(response: object) -> None:
    assert response.status_code == 401  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/problem+json"  # type: ignore[index]
    assert response["WWW-Authenticate"].startswith("Bearer")  # type: ignore[index]
    assert response.json()["code"] == "not_authenticated"  # type: ignore[attr-defined]


def test_a_key_acts_for_its_firm(client: Client, party: Party, other: Party) -> None:
    for caller in (party, other):
        body = client.get(ME, headers=caller.headers).json()
        assert body["firm"] == {
            "id": str(caller.firm_id),
            "code": caller.firm.code,
            "name_zh": caller.firm.name_zh,
            "name_en": caller.firm.name_en,
        }
        assert body["roles"] == ["owner", "planner"]


def test_without_a_key_nobody_comes_in(client: Client, db: None) -> None:
    assert_refused(client.get(ME))


@pytest.mark.parametrize("header", ["Bearer mes_wrong", "Bearer ", "Bearer \\", "Basic b3duZXI6eA==", "mes_x"])
def test_a_wrong_key_is_refused(client: Client, party: Party, header: str) -> None:
    refused = client.get(ME, headers={"Authorization": header, "Accept-Language": "en"})
    assert_refused(refused)
    assert refused.json()["detail"] == "The key is unknown, expired or revoked."


def test_an_address_without_a_door_is_a_problem(client: Client, party: Party) -> None:
    for address in ("/api/v1/", "/api/v1/me/", "/api/v1/sales-orders/abc", "/api/v2/me"):
        answer = client.get(address, headers=party.headers)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), address
        assert answer.json()["code"] == "not_found"
    assert client.get("/nothing-here").headers["Content-Type"].startswith("text/html")


def test_a_part_or_the_digest_of_a_key_is_no_key(client: Client, party: Party) -> None:
    with as_owner():
        digest = ApiKey.objects.get().digest
    for wrong in (party.key[:-1], party.key + "x", digest, party.key.lower()):
        assert_refused(client.get(ME, headers={"Authorization": f"Bearer {wrong}"}))


def test_an_expired_key_is_refused(client: Client, party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        expires_at = database_now() + timedelta(hours=1)
        key = services.api_key_issue(actor=party.actor, user=party.user, label="ERP", expires_at=expires_at)
    headers = {"Authorization": f"Bearer {key}"}
    assert client.get(ME, headers=headers).status_code == 200
    with as_owner():
        earlier = timedelta(hours=2)
        ApiKey.objects.update(created_at=F("created_at") - earlier, expires_at=F("expires_at") - earlier)
    assert_refused(client.get(ME, headers=headers))


def test_a_key_that_is_over_before_it_begins_is_not_made(party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id), pytest.raises(InvalidValue) as refused:
        expires_at = database_now() - timedelta(hours=1)
        services.api_key_issue(actor=party.actor, user=party.user, label="ERP", expires_at=expires_at)
    assert refused.value.pointer == "/expires_at"


def test_a_revoked_key_is_refused(client: Client, party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        services.api_key_revoke(actor=party.actor, api_key_id=ApiKey.objects.get().pk, now=database_now())
    assert_refused(client.get(ME, headers=party.headers))


def test_the_key_of_a_person_who_left_is_refused(client: Client, party: Party) -> None:
    with wall(DatabaseRole.FIRM, party.firm_id):
        User.objects.filter(pk=party.user.pk).update(is_active=False)
    assert_refused(client.get(ME, headers=party.headers))


@pytest.mark.parametrize("status", [FirmStatus.SUSPENDED, FirmStatus.LEFT])
def test_a_firm_that_is_no_member_now_has_neither_key_nor_session(
    client: Client, party: Party, status: FirmStatus
) -> None:
    client.force_login(party.user)
    assert client.get(ME).status_code == 200
    with wall(DatabaseRole.STAFF):
        Firm.objects.filter(pk=party.firm_id).update(status=status)
    assert_refused(client.get(ME))
    client.logout()
    assert_refused(client.get(ME, headers=party.headers))


def test_one_of_the_association_has_no_firm(client: Client) -> None:
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    body = client.get(ME).json()
    assert (body["firm"], body["roles"], body["scopes"], body["key"]) == (None, ["dispatcher"], [], None)


def test_a_session_writes_only_with_its_csrf_token(party: Party) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(party.user)
    assert strict.post(ME).status_code == 403
    assert strict.post(ME, headers=party.headers).status_code == 405


@pytest.fixture
def officer_client(client: Client) -> Client:
    make_officer("officer", Role.ADMINISTRATOR, Role.ROUND_OFFICER)
    with wall(DatabaseRole.STAFF):
        BackgroundJob.objects.create(kind="test.work", queued_at=database_now())
    response = client.post(reverse("account:sign-in"), {"username": "officer", "password": PASSWORD})
    assert response.status_code == 302
    return client


def test_an_officer_signs_in_and_out(officer_client: Client) -> None:
    with as_owner():
        assert User.objects.get(username="officer").last_login is not None
    assert officer_client.get("/admin/").status_code == 200
    assert officer_client.post(reverse("admin:logout")).status_code == 200
    assert officer_client.get("/admin/").status_code == 302


def test_a_wrong_password_is_refused(client: Client) -> None:
    make_officer("officer")
    response = client.post(reverse("account:sign-in"), {"username": "officer", "password": "wrong"})
    assert response.status_code == 200
    assert client.get("/admin/").status_code == 302


def test_the_index_reads_no_log_of_the_library(officer_client: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert officer_client.get("/admin/").status_code == 200
    assert not [query for query in queries.captured_queries if "django_admin_log" in query["sql"]]


def test_every_list_and_every_page_behind_it_opens_for_an_officer(officer_client: Client, party: Party) -> None:
    ours = {model: entry for model, entry in admin.site._registry.items() if model in walled_models()}
    assert {model._meta.label_lower for model in ours} <= set(STAFF_VIEWS)
    for model, model_admin in ours.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = officer_client.get(reverse(f"{name}_changelist"))
        assert listed.status_code == 200, model
        if model_admin.search_fields:
            assert officer_client.get(reverse(f"{name}_changelist"), {"q": "A"}).status_code == 200, model
        for first in listed.context["cl"].result_list[:1]:
            assert officer_client.get(reverse(f"{name}_change", args=[first.pk])).status_code == 200, model


def test_nothing_is_added_changed_or_deleted_in_the_admin(officer_client: Client, party: Party) -> None:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert officer_client.get(reverse(f"{name}_add")).status_code == 403, model
        assert officer_client.post(reverse(f"{name}_add"), {}).status_code == 403, model
    name, key = "admin:firms_firm", [party.firm_id]
    assert officer_client.post(reverse(f"{name}_change", args=key), {"code": "Z"}).status_code == 403
    assert officer_client.post(reverse(f"{name}_delete", args=key), {"post": "yes"}).status_code == 403
    assert officer_client.get(reverse(f"{name}_history", args=key)).status_code == 404
    bulk = {"action": "delete_selected", "_selected_action": str(party.firm_id)}
    officer_client.post(reverse(f"{name}_changelist"), bulk)
    assert Firm.objects.get(pk=party.firm_id).code == "A"


def test_an_officer_without_a_role_sees_nothing(client: Client, party: Party) -> None:
    officer = make_officer("newcomer")
    with wall(DatabaseRole.STAFF):
        officer.memberships.all().delete()
    client.force_login(officer)
    assert client.get(reverse("admin:firms_firm_changelist")).status_code == 403


def test_a_firms_person_is_sent_away_from_the_admin(client: Client, party: Party) -> None:
    client.force_login(party.user)
    for address in ("/admin/", reverse("admin:firms_firm_changelist")):
        refused = client.get(address)
        assert refused.status_code == 302
        assert refused["Location"].startswith("/admin/login/")


def test_the_admin_with_a_firms_key_shows_nothing(client: Client, party: Party) -> None:
    assert client.get("/admin/", headers=party.headers).status_code == 302
