"""How fast the chart of the plan is drawn: 500 machines, 5,000 runs, in headless Chromium, served by gunicorn.

    python -m mes.embedded run --for test -- python -m tests.benchmarks.gantt > docs/benchmarks/gantt.json

Prints JSON: what ran, on what, with versions, and for the readable view and for the one with everything in sight the
milliseconds of each opening, from the navigation to the chart's event `finished`, with the parts of it.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import sys
import tempfile
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import django
from playwright.sync_api import Browser, Page, sync_playwright

from tests.database import TestDatabase
from tests.web_server import collect_files, serving

STARTS_AT = datetime(2026, 3, 1, 16, tzinfo=UTC)
OPENINGS = 5
PATIENCE_MS = 60_000
VIEWS = {"readable": "", "everything": "&view=all"}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MARKS = """() => {
  const at = (name) => performance.getEntriesByName(name)[0].startTime;
  const bars = Number(document.querySelector("#gantt").dataset.drawn);
  return { data: at("gantt-data"), drawn: at("gantt-drawn"), bars };
}"""


def _session(starts_at: datetime, size: Any) -> str:
    """Writes the plan and signs a dispatcher in; the session's key."""
    from django.db import connection
    from django.test import Client

    from mes.core.models import Installation
    from mes.firms.choices import Role
    from tests.benchmarks.big_plan import big_plan
    from tests.core.people import make_officer
    from tests.database import as_owner

    assert connection.vendor == "postgresql"
    with as_owner():
        Installation.objects.create(kind="test", business_at=starts_at + timedelta(days=1, hours=10))
    big_plan(size=size, starts_at=starts_at)
    client = Client()
    client.force_login(make_officer("dispatcher", Role.DISPATCHER))
    return client.cookies["sessionid"].value


def _opened(browser: Browser, address: str, session: str, more: str) -> dict[str, float]:
    """One opening in a browser that has kept nothing."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1600, "height": 1000})
    context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
    context.set_default_timeout(PATIENCE_MS)
    page: Page = context.new_page()
    page.goto(f"{address}/admin/gantt/?start=2026-03-02&days=14{more}")
    page.wait_for_selector("#gantt[data-drawn]")
    marks: dict[str, float] = page.evaluate(MARKS)
    context.close()
    return marks


def _view(browser: Browser, address: str, session: str, more: str) -> dict[str, Any]:
    opened = [_opened(browser, address, session, more) for _turn in range(OPENINGS)]
    from_navigation = [round(marks["drawn"]) for marks in opened]
    from_data = [round(marks["drawn"] - marks["data"]) for marks in opened]
    return {
        "bars_in_sight": opened[-1]["bars"],
        "ms_from_navigation_to_finished": from_navigation,
        "median_ms_from_navigation_to_finished": median(from_navigation),
        "ms_from_data_to_finished": from_data,
        "median_ms_from_data_to_finished": median(from_data),
    }


def _payload(address: str, session: str) -> dict[str, int]:
    url = f"{address}/admin/gantt/?as=data&start=2026-03-02&days=14"
    request = urllib.request.Request(url, headers={"Cookie": f"sessionid={session}", "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return {"data_bytes": len(gzip.decompress(body)), "data_bytes_on_the_wire": len(body)}


def _measured(database: TestDatabase) -> dict[str, Any]:
    from django.db import connection

    from tests.benchmarks.big_plan import Size
    from tests.database import close_connections

    size = Size()
    connection.settings_dict["NAME"] = database.name
    session = _session(STARTS_AT, size)
    close_connections()
    with tempfile.TemporaryDirectory() as folder:
        collect_files(Path(folder))
        with serving(database, STATIC_ROOT=folder) as (_process, address), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            _opened(browser, address, session, "")  # the web's processes warm up
            report = {
                "browser": f"Chromium {browser.version}, headless",
                "size": {"machines": size.machines, "runs": size.runs, "days": size.days},
                **_payload(address, session),
                "views": {name: _view(browser, address, session, more) for name, more in VIEWS.items()},
            }
            browser.close()
    return report


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    database = TestDatabase()
    database.create()
    try:
        measured = _measured(database)
    finally:
        database.drop()
    report = {
        "what": "the chart of the plan, opened and drawn",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "django": django.get_version(),
        **measured,
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
