"""The page of a plan run in Chromium: it follows the run without being loaded again, and shows all when it is over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import LiteralString

import psycopg
import pytest
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright
from psycopg.types.json import Jsonb

from mes.firms.choices import Role
from production.plans.models import PlanRun
from tests.core.people import make_officer
from tests.database import TestDatabase
from tests.plans.live_plan import a_plan_run
from tests.web_server import serving

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE_MS = 30_000
TIERS = {"broken": 0, "tardiness": 90, "cost_index": 100, "changeover_min": 60, "moved": 0, "makespan_min": 1440}
FIGURES = {"lines": 200, "late": 1, "unplaced": 0, "runs": 900, "home_g": 9_000_000, "placed_g": 1_000_000} | {
    "violations": 0,
    "plan_ms": 1200,
}
ENTRY = {"rule": "due_date", "orders_placed": 150, "is_cut": False, "ms": 1200, "tiers": TIERS}


@dataclass(frozen=True)
class Served:
    address: str
    session: str
    run: PlanRun
    owner_url: str

    def change(self, query: LiteralString, *values: object) -> None:
        """As the database's owner, apart from Django: the browser's loop runs in this thread."""
        with psycopg.connect(self.owner_url, autocommit=True) as owner:
            owner.execute(query, values)


@pytest.fixture
def served(transactional_db: None, test_database: TestDatabase) -> Iterator[Served]:
    """A run that waits for a worker."""
    run = a_plan_run(state="queued")
    client = Client()
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    with serving(test_database, WEB_PROCESSES="1") as (_process, address):
        yield Served(address, client.cookies["sessionid"].value, run, test_database.url("DATABASE_OWNER_URL"))


def _followed(page: Page, served: Served) -> None:
    expect(page.locator("#plan-run")).to_contain_text("等待后台工作进程")
    page.evaluate("window.stillTheSamePage = true")
    served.change(
        "UPDATE plans_planrun SET state = 'running', orders_total = 200, orders_placed = 150, rule = 'due_date',"
        " rule_log = %s, tiers = %s",
        Jsonb([ENTRY]),
        Jsonb(TIERS),
    )
    expect(page.locator("#plan-run")).to_contain_text("已排 150 / 200 个订单行")
    expect(page.locator(".plan-run-best")).to_contain_text("due_date")
    assert page.evaluate("window.stillTheSamePage") is True
    served.change("UPDATE plans_planrun SET state = 'candidate', finished_at = now(), figures = %s", Jsonb(FIGURES))
    expect(page.locator(".desk-related").first).to_contain_text("延误订单及原因")
    assert page.evaluate("window.stillTheSamePage") is None
    expect(page.locator("a[href$='/act/publish/']").first).to_be_attached()


def test_the_page_follows_a_run_to_its_end(served: Served) -> None:
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        context.add_cookies([{"name": "sessionid", "value": served.session, "url": served.address}])
        expect.set_options(timeout=PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{served.address}/admin/plans/planrun/{served.run.pk}/change/")
        _followed(page, served)
        browser.close()
    assert faults == []
