"""The plan's chart in Chromium: as many bars as the data has, alike in any time zone, a click that leads to the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, sync_playwright

from mes.core.actors import DatabaseRole
from mes.core.wall import wall
from mes.firms.choices import Role
from mes.firms.models import Firm
from orders.sales.models import SalesOrderLine
from production.plans.models import MachineRun
from tests.core.people import make_officer
from tests.database import TestDatabase
from tests.factories import a_calendar, a_firm, a_line, a_machine, an_order, at, planner_of
from tests.plans.live_plan import a_run
from tests.web_server import serving

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE_MS = 30_000
REPAINT_MS = 500
RUNS = 12


@dataclass(frozen=True)
class Served:
    address: str
    session: str
    run: MachineRun


def line_of(firm: Firm) -> SalesOrderLine:
    order = an_order(planner_of(firm), a_line())
    with wall(DatabaseRole.STAFF):
        return order.lines.get()


@pytest.fixture
def served(transactional_db: None, test_database: TestDatabase) -> Iterator[Served]:
    """One run fills the window of a machine of the first firm; the others stand on a machine of the second."""
    first, second = a_firm("F01"), a_firm("F02")
    for firm in (first, second):
        a_calendar(firm)
    run = a_run(a_machine(first), line_of(first), starts_at=at(), hours=72)
    other, line = a_machine(second), line_of(second)
    for turn in range(RUNS - 1):
        a_run(other, line, starts_at=at(hours=6 * turn))
    client = Client()
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    with serving(test_database, WEB_PROCESSES="1") as (_process, address):
        yield Served(address, client.cookies["sessionid"].value, run)


def looked_at(served: Served, zone: str) -> tuple[str, str, str, list[str]]:
    """Bars in the data and drawn, the address after a click on the first machine, the browser's errors."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN", timezone_id=zone, viewport={"width": 1400, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": served.session, "url": served.address}])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{served.address}/admin/gantt/?start=2026-03-02&days=3&view=all")
        page.wait_for_selector("#gantt[data-drawn]")
        bars, drawn = (page.get_attribute("#gantt", name) or "" for name in ("data-runs", "data-drawn"))
        zoomed, repainted = zoomed_and_repainted(page)
        assert (repainted, zoomed < int(drawn)) == (zoomed, True)
        address = clicked(page)
        browser.close()
    return bars, drawn, address, faults


def zoomed_and_repainted(page: Page) -> tuple[int, int]:
    """Bars drawn when one has turned the wheel, and still when the page has changed its colours; then all again."""

    def drawn() -> int:
        page.wait_for_timeout(REPAINT_MS)
        return int(page.get_attribute("#gantt", "data-drawn") or 0)

    page.hover("#gantt")
    page.keyboard.down("Control")
    for _turn in range(5):
        page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    zoomed = drawn()
    page.evaluate("document.documentElement.classList.toggle('dark')")
    repainted = drawn()
    page.click("#gantt-all")
    assert drawn() == RUNS
    return zoomed, repainted


def clicked(page: Page) -> str:
    """Clicks the middle of the second line: the first firm's heading is above it, the second's two lines below."""
    box = page.locator("#gantt").bounding_box()
    assert box is not None
    top, bottom, lines = 30, 64, 4
    height = (box["height"] - top - bottom) / lines
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + top + 1.5 * height)
    page.wait_for_url("**/change/")
    return page.url


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_every_run_is_drawn_and_a_click_opens_it(served: Served, zone: str) -> None:
    with ThreadPoolExecutor(1) as pool:  # the browser's library runs an event loop, which Django refuses beside queries
        bars, drawn, address, faults = pool.submit(looked_at, served, zone).result()
    assert faults == []
    assert (bars, drawn) == (str(RUNS), str(RUNS))
    assert address == served.address + reverse("admin:plans_machinerun_change", args=[served.run.pk])
