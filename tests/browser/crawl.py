"""Opens pages in the system's Chromium and tells what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
_PATIENCE_MS = 8_000
_DRAWER_MS = 300
_ABORTED = "net::ERR_ABORTED"  # the page was left meanwhile, or became a download
_ICONS = ".material-symbols-outlined"

# All text that a person can bring to the screen: also of closed menus and drawers, and what hovers and prompts say.
_TEXT = """(icons) => {
  const parts = [document.title];
  const skipped = `script, style, noscript, code, ${icons}`;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(skipped)) parts.push(walk.currentNode.data);
  }
  for (const node of document.querySelectorAll("[placeholder], [title], [aria-label], [alt]")) {
    for (const name of ["placeholder", "title", "aria-label", "alt"]) parts.push(node.getAttribute(name) || "");
  }
  return parts.join(" ");
}"""


@dataclass(frozen=True)
class Visit:
    """A page: `name` of its picture, CSS selectors of what must stand on it and of what opens a drawer there."""

    name: str
    path: str
    key_element: str
    drawer: str = ""
    status: int = 200


@dataclass
class Seen:
    visit: Visit
    faults: list[str] = field(default_factory=list)
    text: str = ""


def crawl(
    address: str, visits: Sequence[Visit], *, language: str, session: str | None, pictures: Path | None
) -> list[Seen]:
    """Visits all pages one after the other. `session`: the cookie of who is signed in.

    `pictures`: where one of each page is kept, and one with its drawer open; without it no drawer is opened either.
    """
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = context_of(browser, address, language, session)
        page = context.new_page()
        seen = [_look(page, address, visit, pictures) for visit in visits]
        browser.close()
    return seen


def context_of(browser: Browser, address: str, language: str, session: str | None = None) -> BrowserContext:
    """A browser in the park's time zone, of one who speaks `language` and may be signed in."""
    context = browser.new_context(
        locale="zh-CN" if language == "zh-hans" else "en-US",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1440, "height": 900},
    )
    cookies = {"django_language": language} | ({"sessionid": session} if session else {})
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    context.set_default_timeout(_PATIENCE_MS)
    return context


def text_of(page: Page) -> str:
    """All that a person can bring to the screen of the page."""
    text: str = page.evaluate(_TEXT, _ICONS)
    return text


def _look(page: Page, address: str, visit: Visit, pictures: Path | None) -> Seen:
    seen = Seen(visit)
    listeners = listeners_of(seen.faults, urlsplit(address).netloc)
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        answer = page.goto(address + visit.path, wait_until="load")
        if answer is None or answer.status != visit.status:
            seen.faults.append(f"status: {answer and answer.status}")
        page.wait_for_selector(visit.key_element, state="visible")
        if pictures is not None:
            _pictures(page, visit, pictures)
    except Error as error:
        seen.faults.append(f"browser: {str(error).splitlines()[0]}")
    seen.text = text_of(page)
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return seen


def listeners_of(faults: list[str], host: str) -> dict[str, Any]:
    """What adds to `faults` errors of scripts, complaints of the console and requests to other machines, by event."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            faults.append(f"console: {message.text}")

    def on_failed(request: Request) -> None:
        if request.failure != _ABORTED:
            faults.append(f"request failed: {request.url}")

    def on_request(request: Request) -> None:
        if not request.url.startswith("data:") and urlsplit(request.url).netloc != host:
            faults.append(f"request elsewhere: {request.url}")

    return {
        "console": on_console,
        "pageerror": lambda error: faults.append(f"script: {error}"),
        "requestfailed": on_failed,
        "request": on_request,
    }


def _pictures(page: Page, visit: Visit, folder: Path) -> None:
    _picture(page, folder / f"{visit.name}.jpg", full=True)
    if visit.drawer:
        page.click(visit.drawer)
        page.wait_for_timeout(_DRAWER_MS)
        _picture(page, folder / f"{visit.name}-drawer.jpg", full=False)


def _picture(page: Page, path: Path, *, full: bool) -> None:
    page.screenshot(path=path, type="jpeg", quality=70, full_page=full, animations="disabled")
