"""A firm's way into the park on the desk, in Chromium: terms, application, owner; then interests and read sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from mes.firms.choices import Role
from tests.browser.journey import Journey, press, travel
from tests.core.people import make_officer, make_party
from tests.database import TestDatabase
from tests.web_server import serving

FIRMS = reverse("admin:firms_firm_changelist")
TERMS = reverse("admin:firms_dataterms_changelist")
INTERESTS = reverse("admin:firms_declaredinterest_changelist")
KNOWN = {"administrator", "auditor", "owner", "chen", "A", "Ltd", "localhost"}
SUBMIT = ".desk-form button[type=submit]"


@pytest.fixture
def address(transactional_db: None, test_database: TestDatabase) -> Iterator[str]:
    with serving(test_database, WEB_PROCESSES="1") as (_process, address):
        yield address


def session_of(name: str, role: Role) -> str:
    client = Client()
    client.force_login(make_officer(name, role))
    return client.cookies["sessionid"].value


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#id_{name}", value)
    press(page, SUBMIT)


def act(page: Page, name: str) -> None:
    """Opens an act of the page, whose menu may hide it."""
    page.goto(str(page.evaluate("name => document.querySelector(`a[href$='/act/${name}/']`).href", name)))


def test_a_firm_applies_is_admitted_and_its_owner_gets_a_sheet(address: str) -> None:
    session = session_of("administrator", Role.ADMINISTRATOR)

    def way(journey: Journey) -> None:
        with journey.person(session) as page:
            journey.open(page, TERMS)
            journey.look(page, "terms-none")
            act(page, "publish")
            fill(page, version="2026-1", text="数据条款：企业数据归企业所有。")
            journey.look(page, "terms-published")
            journey.open(page, FIRMS)
            journey.look(page, "firms-none")
            act(page, "add")
            press(page, SUBMIT)
            journey.look(page, "firm-add-refused", refused=True)
            fill(page, code="F77", name_zh="新企业", sort_key="xinqiye", gate_east_m="120", gate_north_m="-5")
            journey.look(page, "firm-added")
            press(page, "#result_list a:has-text('F77')")
            journey.look(page, "firm-applied")
            act(page, "admit")
            journey.look(page, "firm-admit")
            fill(page, signed_by="王总", signed_on="2026-01-05")
            journey.look(page, "firm-admitted")
            act(page, "add-person")
            page.check("input[name=roles][value=owner]")
            fill(page, username="chen", full_name="陈工")
            expect(page.locator(".desk-sheet .desk-secret")).to_be_visible()
            journey.look(page, "sheet")
            press(page, ".desk-buttons a")
            act(page, "suspend")
            journey.look(page, "firm-suspend")
            press(page, SUBMIT)
            journey.look(page, "firm-suspended")

    assert travel(address, KNOWN, way) == []


def test_an_auditor_reads_under_a_session_and_declares_an_interest(address: str) -> None:
    make_party("A")
    session = session_of("auditor", Role.AUDITOR)

    def way(journey: Journey) -> None:
        with journey.person(session) as page:
            journey.open(page, FIRMS)
            journey.look(page, "firms")
            press(page, "#result_list tbody th a")
            journey.look(page, "firm")
            act(page, "open-session")
            fill(page, reason="短", hours="1")
            journey.look(page, "session-refused", refused=True)
            fill(page, reason="按投诉核对配方与工艺", hours="2")
            journey.look(page, "session-open")
            journey.open(page, reverse("admin:catalog_product_changelist"))
            page.go_back()
            page.reload()
            journey.look(page, "session-read")
            act(page, "end")
            journey.look(page, "session-end")
            press(page, SUBMIT)
            journey.look(page, "session-ended")
            journey.open(page, INTERESTS)
            journey.look(page, "interests-none")
            act(page, "declare")
            journey.look(page, "interest-declare")
            page.select_option("#id_firm", index=1)
            press(page, SUBMIT)
            journey.look(page, "interest-declared")
            journey.open(page, FIRMS)
            expect(page.locator("#changelist")).not_to_contain_text("A企业")
            journey.look(page, "firms-barred")

    assert travel(address, KNOWN, way) == []
