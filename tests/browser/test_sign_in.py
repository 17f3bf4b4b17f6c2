"""How people come in, in Chromium: from the printed code to keys and data of a firm, and an officer's second factor."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from mes.core.actors import DatabaseRole
from mes.core.clock import database_now
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.services import account_code_issue, user_create
from mes.signin.one_time import STEP_S
from tests.browser.journey import Journey, press, travel
from tests.core.people import PASSWORD, make_officer, make_party, staff_actor
from tests.database import TestDatabase
from tests.web_server import serving

OWN_PASSWORD = "一间安静的车间-12"
KNOWN = {"owner", "chen", "dispatcher", "A", "ERP", "Ltd"}


@pytest.fixture
def address(transactional_db: None, test_database: TestDatabase) -> Iterator[str]:
    """Of a server that asks the association's people for a second factor, as production does."""
    with serving(test_database, WEB_PROCESSES="1", STAFF_SECOND_FACTOR="required") as (_process, address):
        yield address


def sign_in(page: Page, username: str, password: str) -> None:
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    press(page, "#sign-in button[type=submit]")


def test_somebody_of_a_firm_comes_in_by_a_printed_code_and_goes_round(address: str) -> None:
    firm = make_party("A").firm
    with wall(DatabaseRole.STAFF):
        user = user_create(actor=staff_actor(), username="chen", firm=firm, roles=[Role.OWNER], full_name="陈工")
        code = account_code_issue(actor=staff_actor(), user_id=user.pk, now=database_now()).code

    def way(journey: Journey) -> None:
        with journey.person() as page:
            journey.open(page, "/account/sign-in")
            journey.look(page, "sign-in")
            press(page, "a[href='/account/welcome']")
            journey.look(page, "welcome")
            _set_password(journey, page, code)
            sign_in(page, user.username, "falsch")
            expect(page.locator("[role=alert]")).to_have_count(1)
            journey.look(page, "sign-in-refused")
            sign_in(page, user.username, OWN_PASSWORD)
            expect(page.locator(".account-facts")).to_contain_text(user.username)
            journey.look(page, "account")
            _keys(journey, page)
            _password_and_data(journey, page)
            press(page, "header button[type=submit]")
            expect(page.locator("#sign-in")).to_be_visible()

    assert travel(address, KNOWN, way) == []


def _set_password(journey: Journey, page: Page, code: str) -> None:
    press(page, "#welcome button[type=submit]")
    expect(page.locator("[role=alert]")).to_have_count(3)
    journey.look(page, "welcome-empty")
    for name, value in (("code", "AAAAA-AAAAA-AAAAA-AAAAA"), ("password", OWN_PASSWORD), ("again", OWN_PASSWORD)):
        page.fill(f"#id_{name}", value)
    press(page, "#welcome button[type=submit]")
    expect(page.locator("[role=alert]")).to_have_count(1)
    journey.look(page, "welcome-refused")
    for name, value in (("code", code.lower()), ("password", OWN_PASSWORD), ("again", OWN_PASSWORD)):
        page.fill(f"#id_{name}", value)
    press(page, "#welcome button[type=submit]")
    expect(page.locator(".account-said")).to_be_visible()
    journey.look(page, "password-set")


def _keys(journey: Journey, page: Page) -> None:
    press(page, "a[href='/account/keys']")
    journey.look(page, "keys-none")
    press(page, "#key button[type=submit]")
    expect(page.locator("#key [role=alert]")).to_have_count(1)
    page.fill("#id_label", "称重台程序")
    page.check("#id_scopes input >> nth=0")
    press(page, "#key button[type=submit]")
    expect(page.locator("#new-key code")).to_contain_text("mes_")
    journey.look(page, "keys-new")
    press(page, ".desk-table button[type=submit]")
    expect(page.locator(".account-said")).to_be_visible()
    expect(page.locator(".desk-table .desk-quiet")).to_have_count(1)
    journey.look(page, "keys-ended")


def _password_and_data(journey: Journey, page: Page) -> None:
    journey.open(page, "/account/password")
    page.fill("#id_current", "falsch")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_again", PASSWORD)
    press(page, "#password button[type=submit]")
    expect(page.locator("[role=alert]")).to_have_count(1)
    journey.look(page, "password-refused")
    journey.open(page, "/account/export")
    journey.look(page, "export")
    with page.expect_download() as download:
        page.click("#export button[type=submit]")
    assert download.value.suggested_filename == "A.zip"


def test_an_officer_sets_up_the_second_factor_and_signs_in_with_it(address: str) -> None:
    officer = make_officer("dispatcher", Role.DISPATCHER)

    def way(journey: Journey) -> None:
        with journey.person() as page:
            journey.open(page, "/admin/")
            sign_in(page, officer.username, PASSWORD)
            expect(page.locator("#set-up")).to_be_visible()
            journey.look(page, "second-factor-set-up")
            secret = pyotp.TOTP(page.locator("#secret").inner_text())
            recovery = _set_up(journey, page, secret)
            press(page, "main a.desk-link")
            expect(page.locator(".desk-cards")).to_be_visible()
            _own_factor(journey, page)
        with journey.person() as page:
            journey.open(page, "/admin/")
            sign_in(page, officer.username, PASSWORD)
            journey.look(page, "second-factor")
            page.fill("#id_code", "000000x")
            press(page, "#second-factor button[type=submit]")
            expect(page.locator("[role=alert]")).to_have_count(1)
            journey.look(page, "second-factor-refused")
            page.fill("#id_code", _code(page, secret, steps=1))
            press(page, "#second-factor button[type=submit]")
            expect(page.locator(".desk-cards")).to_be_visible()
        with journey.person() as page:
            journey.open(page, "/admin/")
            sign_in(page, officer.username, PASSWORD)
            page.fill("#id_code", recovery[0])
            press(page, "#second-factor button[type=submit]")
            expect(page.locator(".desk-cards")).to_be_visible()

    assert travel(address, KNOWN, way) == []


def _set_up(journey: Journey, page: Page, secret: pyotp.TOTP) -> list[str]:
    """The recovery codes."""
    page.fill("#id_code", "12345x")
    press(page, "#set-up button[type=submit]")
    expect(page.locator("[role=alert]")).to_have_count(1)
    page.fill("#id_code", _code(page, secret))
    press(page, "#set-up button[type=submit]")
    codes = page.locator("#recovery-codes code")
    expect(codes).to_have_count(10)
    journey.look(page, "second-factor-recovery")
    return codes.all_inner_texts()


def _code(page: Page, secret: pyotp.TOTP, *, steps: int = 0) -> str:
    """What the authenticator shows, or shows `steps` later: each code is taken once."""
    return secret.generate_otp(int(page.evaluate("Date.now()")) // 1000 // STEP_S + steps)


def _own_factor(journey: Journey, page: Page) -> None:
    page.click("#nav-sidebar-inner > div:last-child > div")
    press(page, "a[href='/account/second-factor/own']")
    expect(page.locator("#own-factor")).to_contain_text("10")
    journey.look(page, "second-factor-own")
    press(page, "main a.desk-link")
    expect(page.locator(".desk-cards")).to_be_visible()
