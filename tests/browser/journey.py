"""A person's way through several pages in Chinese, each looked at as on a desk and as on a telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.crawl import CHROMIUM, context_of, listeners_of, text_of
from tests.browser.words import english_left
from tests.database import CHECKOUT

PICTURES = CHECKOUT / "var" / "screenshots" / "journeys"
_WIDTHS = {"": (1440, 900), "-narrow": (390, 844)}

# A page that is wider than the window has to be pushed about on a telephone; a table scrolls in a box of its own.
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

_PATIENCE_MS = 30_000
_REFUSED = "console: Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"


@dataclass
class Journey:
    """`address`: of the server. `known`: words of rows that stand on the pages in Latin letters."""

    address: str
    known: set[str]
    browser: Browser
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def person(self, session: str | None = None) -> Iterator[Page]:
        """A browser of somebody's own; `session`: the cookie of who is signed in already."""
        context = context_of(self.browser, self.address, "zh-hans", session)
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        for event, listener in listeners_of(self.faults, urlsplit(self.address).netloc).items():
            page.on(event, listener)  # type: ignore[call-overload]
        yield page
        context.close()

    def open(self, page: Page, path: str) -> None:
        answer = page.goto(self.address + path, wait_until="load")
        assert answer is not None
        assert answer.ok, (path, answer.status)

    def look(self, page: Page, name: str, *, refused: bool = False) -> None:
        """Keeps pictures of the page in each width, notes what is wrong with it. `refused`: it answers a form with 422,
        of which the browser complains once.
        """
        if refused:
            self.faults.remove(_REFUSED)
        text, title = text_of(page), page.title()
        if not title.partition(" | ")[0].strip():
            self.faults.append(f"{name}: no title")
        self.faults += [f"{name}: {word}" for word in sorted(english_left(text, data=self.known))]
        for suffix, (width, height) in _WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=PICTURES / f"{name}{suffix}.png", type="png", full_page=True, animations="disabled")
            if page.evaluate(_TOO_WIDE) > 0:
                self.faults.append(f"{name}{suffix}: wider than {width} px")
        width, height = _WIDTHS[""]
        page.set_viewport_size({"width": width, "height": height})


def press(page: Page, selector: str) -> None:
    """Clicks what leads to another page, or to the same one with an answer, and waits for that."""
    with page.expect_navigation():
        page.click(selector)


def travel(address: str, known: set[str], way: Callable[[Journey], None]) -> list[str]:
    """What was wrong on the way. In a thread of its own: the browser's library runs an event loop, which Django refuses
    beside queries. A way that breaks off raises.
    """

    def run() -> list[str]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            journey = Journey(address, known, browser)
            way(journey)
            browser.close()
        return journey.faults

    expect.set_options(timeout=_PATIENCE_MS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()
