"""Each list, each row's page and each page of our own: complete, in few queries, and behind the wall."""

from __future__ import annotations

from html import unescape

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mes.core.actors import DatabaseRole
from mes.core.desk.lists import DeskAdmin
from mes.core.desk.pages import PAGES
from mes.core.walls import tenancy_of, walled_models
from mes.firms.access import STAFF_VIEWS
from mes.firms.models import User
from tests.desk.lively_park import SECRETS
from tests.plans.small_park import SmallPark

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30

# What the association may read and finds in no list of the desk.
IN_NO_LIST = {
    "core.installation": "one row that tells how the clock runs; the frame of each page shows what it says",
    "rounds.lineprogress": "for firms; the officer reads the commitments themselves",
}
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


def name_of(model: type[models.Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"


def visible_to_staff() -> set[str]:
    return {
        model._meta.label_lower
        for model in walled_models()
        for right in tenancy_of(model).rights
        if right.role == DatabaseRole.STAFF and ("SELECT" in right.privileges or right.read_columns)
    }


@pytest.fixture
def desk(park: SmallPark, client: Client) -> Client:
    """Signed in; the session's first request, which notes when it began, is over."""
    client.force_login(User.objects.get(username="chair"))
    assert client.get(reverse("admin:firms_firm_changelist")).status_code == 200
    return client


def test_what_the_association_may_read_has_a_list_or_a_reason_for_none() -> None:
    listed = {model._meta.label_lower for model in REGISTERED}
    assert listed | IN_NO_LIST.keys() == visible_to_staff()
    assert listed | {f"desk.{page.name}" for page in PAGES} == STAFF_VIEWS.keys()
    assert [model for model in REGISTERED if not isinstance(admin.site._registry[model], DeskAdmin)] == []


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_list_and_a_page_open_in_few_queries_and_tell_no_secret(desk: Client, model: type[models.Model]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        listed = desk.get(reverse(f"{name_of(model)}_changelist"))
    assert (listed.status_code, len(queries) <= MOST_QUERIES) == (200, True), len(queries)
    assert listed.context["cl"].result_list
    for row in listed.context["cl"].result_list:
        with CaptureQueriesContext(connection) as queries:
            page = desk.get(reverse(f"{name_of(model)}_change", args=[row.pk]))
        assert (page.status_code, len(queries) <= MOST_QUERIES) == (200, True), len(queries)
        for secret in SECRETS:
            assert secret not in page.content.decode()
    for secret in SECRETS:
        assert secret not in listed.content.decode()


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_list_does_not_take_more_queries_with_more_rows(desk: Client, model: type[models.Model]) -> None:
    address = reverse(f"{name_of(model)}_changelist")
    its_admin = admin.site._registry[model]
    counts = []
    for rows in (1, 50):
        with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as queries:
            patch.setattr(its_admin, "list_per_page", rows)
            desk.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_first_page_counts_what_waits_and_each_count_is_its_lists(desk: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = desk.get("/admin/")
    assert len(queries) <= MOST_QUERIES
    cards = {card["address"]: card["count"] for card in page.context["cards"]}
    assert len(cards) == 10
    for address, count in cards.items():
        assert 0 < len(desk.get(address).context["cl"].result_list) == count, address


def test_the_first_page_names_material_that_is_short_and_what_was_declined(desk: Client) -> None:
    short, by_reason, by_class = desk.get("/admin/").context["related_tables"]
    for table in (short, by_reason, by_class):
        for first, *_others in table.rows:
            behind = unescape(str(first).split('"')[3])
            assert desk.get(behind).context["cl"].result_list, behind
    assert [row[1:3] for row in by_reason.rows] == [["不公布", "不公布"]]
    assert "只有此处显示的数字可以对外通报" in by_reason.note
    assert "SO-8" in desk.get(reverse("admin:sales_salesorderdecline_changelist")).content.decode()


def test_the_first_page_shows_each_role_its_own(park: SmallPark, client: Client) -> None:
    client.force_login(User.objects.get(username="round-officer"))
    page = client.get("/admin/")
    assert [card["address"].split("?")[0] for card in page.context["cards"]] == [
        reverse("admin:firms_firm_changelist"),
        reverse("admin:core_backgroundjob_changelist"),
    ]
    assert page.context["related_tables"] == []
