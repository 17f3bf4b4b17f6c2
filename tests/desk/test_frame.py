"""The desk's frame: language, sidebar, sign-in, what the browser may load, and pages of our own."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse

from mes.core.desk.pages import DeskPage
from mes.core.desk.sections import Section
from mes.firms.choices import Role
from tests.core.people import make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_officer("administrator", Role.ADMINISTRATOR))
    return client


def text_of(page: str) -> str:
    return re.sub(r"<(script|style)[\s\S]*?</\1>|<[^>]+>", " ", page)


def test_the_root_leads_to_the_desk(client: Client) -> None:
    assert client.get("/")["Location"] == "/admin/"


def test_the_sign_in_page_speaks_chinese_and_offers_english(client: Client) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/account/sign-in?next=/admin/"
    page = client.get(reverse("account:sign-in")).content.decode()
    assert "登录" in page
    assert "用户名" in page
    assert 'name="language" value="en"' in page


def test_the_language_is_switched_and_stays(desk: Client) -> None:
    assert "今日待办" in desk.get("/admin/").content.decode()
    switched = desk.post(reverse("set_language"), {"language": "en", "next": "/admin/"})
    assert switched["Location"] == "/admin/"
    page = desk.get("/admin/").content.decode()
    assert "What needs me today" in page
    assert 'lang="en"' in page


def test_a_wrong_password_is_told_in_words(client: Client) -> None:
    make_officer("officer")
    page = client.post(reverse("account:sign-in"), {"username": "officer", "password": "wrong"}).content.decode()
    assert "请输入一个正确的" in text_of(page)


def test_a_browser_may_load_nothing_from_elsewhere(desk: Client) -> None:
    answer = desk.get("/admin/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', answer.content.decode())
    assert [link for link in links if link.startswith(("http:", "https:", "//"))] == []


def test_the_sidebar_shows_each_role_its_lists(client: Client) -> None:
    client.force_login(make_officer("auditor", Role.AUDITOR))
    page = client.get("/admin/")
    groups = {
        group["title"]: [str(item["link"]) for item in group["items"]] for group in page.context["sidebar_navigation"]
    }
    assert list(groups) == [label for label in Section.labels if label in groups]
    assert reverse("admin:firms_firm_changelist") in groups[Section.MEMBERS.label]


class Sample(DeskPage):
    name = "sample"
    path = "sample/"
    title = "Sample"
    key_element = "#content"
    template_name = "admin/base_site.html"


def test_a_page_that_the_access_table_does_not_name_is_refused() -> None:
    request = RequestFactory().get("/admin/sample/")
    request.user = make_officer("administrator", Role.ADMINISTRATOR)
    with pytest.raises(PermissionDenied):
        Sample.as_view()(request)


def test_a_page_has_the_frame_and_its_title(desk: Client) -> None:
    page = Sample()
    page.setup(desk.get("/admin/").wsgi_request)
    context = page.get_context_data()
    assert context["title"] == "Sample"
    assert context["sidebar_navigation"] == admin.site.each_context(page.request)["sidebar_navigation"]
