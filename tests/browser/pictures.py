"""The pictures of the READMEs: `make pictures` seeds the sample park, plans it and photographs what the desk shows.

Writes docs/pictures: the plan as a chart, in both languages, and the card of `make demo`.
"""

from __future__ import annotations

import os
import sys
from io import StringIO

import django
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from tests.database import CHECKOUT
from tests.web_server import serving

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FOLDER = CHECKOUT / "docs" / "pictures"
MOST_BYTES = 300_000
CARD_WIDTH = 170
STYLE = (
    "body { margin: 0; width: max-content }"
    " pre { margin: 0; padding: 14px; color: #e8ebee; background: #22272c;"
    ' font: 14px/1.4 "DejaVu Sans Mono", "Liberation Mono", monospace, "Noto Sans Mono CJK SC" }'
)
CHART = "/admin/gantt/?firm=F03&days=7"
LANGUAGES = {"gantt.png": "zh-hans", "gantt-en.png": "en"}


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


def _photograph(browser: Browser, address: str, session: str) -> None:
    for name, language in LANGUAGES.items():
        context = browser.new_context(locale=language, viewport={"width": 1360, "height": 860})
        cookies = {"sessionid": session, "django_language": language}
        context.add_cookies([{"name": key, "value": value, "url": address} for key, value in cookies.items()])
        page = context.new_page()
        page.goto(address + CHART)
        page.wait_for_selector("#gantt[data-drawn]")
        page.screenshot(path=FOLDER / name)
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
        session = _session()
        with serving(Played(park.database), WEB_PROCESSES="1") as (_process, address), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            _photograph(browser, address, session)
            _photograph_card(browser, board.console.export_html(code_format="{code}", inline_styles=True))
            browser.close()
    heavy = [path.name for path in FOLDER.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if heavy:
        raise SystemExit(f"larger than {MOST_BYTES} bytes: {', '.join(heavy)}")


if __name__ == "__main__":
    main()
