"""The pictures of the READMEs: `make pictures` seeds the sample park, plans it and photographs what the desk shows.

Writes docs/pictures: the plan as a chart and the page of a candidate, in both languages, and the card of `make demo`.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING

import django
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from tests.database import CHECKOUT
from tests.web_server import serving

if TYPE_CHECKING:
    from mes.demo.play import FreshPark

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FOLDER = CHECKOUT / "docs" / "pictures"
MOST_BYTES = 300_000
CARD_WIDTH = 170
STYLE = (
    "body { margin: 0; width: max-content }"
    " pre { margin: 0; padding: 14px; color: #e8ebee; background: #22272c;"
    ' font: 14px/1.4 "DejaVu Sans Mono", "Liberation Mono", monospace, "Noto Sans Mono CJK SC" }'
)
STOPPED_FIRM = "F03"
CHART = "/admin/gantt/?firm=F03&days=7"
LANGUAGES = {"": "zh-hans", "-en": "en"}


class Played:
    """The database in which the demo was played; an address of it for each login."""

    def __init__(self, name: str) -> None:
        self.name = name

    def url(self, variable: str) -> str:
        from mes.demo.database import address

        return address(variable, self.name)


def _session() -> str:
    """A dispatcher, signed in."""
    from django.test import Client

    from mes.firms.models import User

    client = Client()
    client.force_login(User.objects.get(username="dispatcher"))
    return client.cookies["sessionid"].value


def _candidate(park: FreshPark) -> str:
    """The page of a candidate: a press of one member stands for a week from now on, and all is planned anew."""
    from mes.core.clock import business_now
    from mes.core.wall import actor_wall
    from mes.demo import acts
    from production.machines.models import Machine
    from production.machines.services.calendars import downtime_add

    actor, now = acts.planner_of(STOPPED_FIRM, park.index).actor(), business_now()
    with actor_wall(actor):
        press = Machine.objects.filter(machine_class__kind="press").order_by("code")[0]
        downtime_add(actor=actor, machine_id=press.pk, starts_at=now, ends_at=now + timedelta(days=7))
    return f"/admin/plans/planrun/{acts.plan_park(worker=park.worker, on_rule=lambda _entry: None)}/change/"


def _photograph(browser: Browser, address: str, session: str, candidate: str) -> None:
    pages = {"gantt": (CHART, "#gantt[data-drawn]", 860), "plan-run": (candidate, ".desk-related", 1380)}
    for ending, language in LANGUAGES.items():
        context = browser.new_context(locale=language, viewport={"width": 1360, "height": 860})
        cookies = {"sessionid": session, "django_language": language}
        context.add_cookies([{"name": key, "value": value, "url": address} for key, value in cookies.items()])
        page = context.new_page()
        for name, (path, key_element, height) in pages.items():
            page.set_viewport_size({"width": 1360, "height": height})
            page.goto(address + path)
            page.wait_for_selector(key_element)
            page.screenshot(path=FOLDER / f"{name}{ending}.png")
        context.close()


def _photograph_card(browser: Browser, html: str) -> None:
    page = browser.new_page(viewport={"width": 1600, "height": 800})
    page.set_content(f"<style>{STYLE}</style><pre>{html}</pre>")
    page.locator("pre").screenshot(path=FOLDER / "card.png")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    import mes.celery  # noqa: F401 - jobs are rung through this application
    from mes.demo import card, play
    from mes.demo.board import Board
    from mes.demo.sample.shapes import CaseOptions

    FOLDER.mkdir(parents=True, exist_ok=True)
    options, steps, board = CaseOptions(), Board(sys.stdout), Board(StringIO())
    board.console = Console(file=StringIO(), record=True, force_terminal=True, width=CARD_WIDTH, highlight=False)
    with play.fresh_park(board=steps, seed=1, options=options, keep=False) as park:
        plans = play._plan(steps, park)
        card.show(board, play._story(steps, park, plans, options), [])
        session, candidate = _session(), _candidate(park)
        with serving(Played(park.database), WEB_PROCESSES="1") as (_process, address), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            _photograph(browser, address, session, candidate)
            _photograph_card(browser, board.console.export_html(code_format="{code}", inline_styles=True))
            browser.close()
    heavy = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if heavy:
        raise SystemExit(f"larger than {MOST_BYTES} bytes: {', '.join(heavy)}")


if __name__ == "__main__":
    main()
