"""How fast the API promises: the sample park with its first night's plan, served by gunicorn.

    python -m mes.embedded run -- python -m tests.benchmarks.promise_calls > docs/benchmarks/promise_calls.json

Prints JSON: what ran, on what, with versions, and the milliseconds of POST /promises from the first byte sent to the
last received, one call after the other, with the first call of each firm in a fresh process apart: it lays the firm's
plan out. Some processes are started one after the other for that.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import random
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import django

if TYPE_CHECKING:
    from mes.demo.sample.shapes import Sample, SampleOrder
    from mes.demo.seed import Index

SEED = 1
CALLS = {"in_house": 500, "with_offers": 300}
FRESH_PROCESSES = 3
TERMS: dict[str, dict[str, Any]] = {
    "in_house": {"consent": "never", "priority": 1},
    "with_offers": {"consent": "allowed", "priority": 1},
}
PIECES_PERCENT = (10, 40, 100, 100, 250)


class _Firm:
    """A firm's program; all share one connection, which the web closes when nobody speaks for some seconds."""

    def __init__(self, connection: http.client.HTTPConnection, key: str) -> None:
        self.connection = connection
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, body: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """Milliseconds and the answer."""
        text = json.dumps(body)
        started_s = perf_counter()
        self.connection.request("POST", "/api/v1/promises", text, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        took_ms = (perf_counter() - started_s) * 1000
        assert answer.status == http.client.CREATED, content
        promise: dict[str, Any] = json.loads(content)
        return took_ms, promise


def _questions(sample: Sample, way: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Firms and orders like those of the order book, in other sizes and for other dates."""
    from mes.demo.seed.index import zero_of

    chance = random.Random(SEED)
    zero_at = zero_of(sample)
    while True:
        order: SampleOrder = chance.choice(sample.orders)
        wanted_at = zero_at + timedelta(days=chance.randrange(2, 40))
        yield (
            order.firm_code,
            {
                "product_code": order.product_code,
                "pieces": max(1, order.pieces * chance.choice(PIECES_PERCENT) // 100),
                "wanted_at": wanted_at.isoformat(),
                **TERMS[way],
            },
        )


def _firms(address: str, keys: dict[str, str]) -> dict[str, _Firm]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    return {code: _Firm(connection, key) for code, key in keys.items()}


def _first_calls(firms: dict[str, _Firm], sample: Sample) -> Iterator[float]:
    """Milliseconds of one call in house of each firm that has orders."""
    left = {order.firm_code for order in sample.orders}
    for code, body in _questions(sample, "in_house"):
        if code in left:
            left.remove(code)
            yield firms[code].ask(body)[0]
        if not left:
            return


def _measured(firms: dict[str, _Firm], sample: Sample) -> dict[str, Any]:
    """Of each way, once every firm's plan is laid out."""
    from tests.benchmarks.promise import figures

    list(_first_calls(firms, sample))
    report: dict[str, Any] = {}
    for way, calls in CALLS.items():
        took: list[float] = []
        dates = 0
        for code, body in islice(_questions(sample, way), calls):
            took_ms, promise = firms[code].ask(body)
            took.append(took_ms)
            dates += promise["in_house"] is not None or promise["with_offers"] is not None
        report[way] = figures(took) | {"with_a_date": dates}
    return report


def _key(firm_code: str, index: Index) -> str:
    from mes.core.actors import DatabaseRole
    from mes.core.wall import wall
    from mes.demo.acts import Door
    from mes.demo.seed.directory import person
    from mes.firms.choices import Role
    from mes.firms.models import User
    from mes.firms.services import api_key_issue

    username, firm_id = person(firm_code, Role.OWNER), index.firms[firm_code]
    with wall(DatabaseRole.FIRM, firm_id):
        actor = Door(DatabaseRole.FIRM, username, firm_id).actor()
        return api_key_issue(actor=actor, user=User.objects.get(username=username), label="benchmark")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mes.settings")
    django.setup()
    from mes.celery import app
    from mes.demo import acts
    from mes.demo.board import Board
    from mes.demo.database import address
    from mes.demo.play import fresh_park
    from mes.demo.sample.shapes import CaseOptions
    from tests.benchmarks.promise import figures
    from tests.web_server import serving

    app.set_current()  # the demo's worker is rung through it
    load = os.getloadavg()
    with fresh_park(board=Board(sys.stderr), seed=SEED, options=CaseOptions(), keep=False) as park:
        acts.plan_night(worker=park.worker, on_rule=lambda _entry: None)
        keys = {firm.code: _key(firm.code, park.index) for firm in park.sample.park.firms}

        class _Park:
            def url(self, variable: str) -> str:
                return address(variable, park.database)

        park.worker.stop(patience_s=10)
        limits = {"PROMISES_PER_HOUR": "1000000", "WEB_PROCESSES": "1"}
        first: list[float] = []
        for _number in range(FRESH_PROCESSES):
            with serving(_Park(), **limits) as (_process, at):
                first += _first_calls(_firms(at, keys), park.sample)
        with serving(_Park(), **limits) as (_process, at):
            measured = _measured(_firms(at, keys), park.sample)
        measured["in_house"]["first_of_a_firm"] = figures(first)
    report = {
        "what": f"POST /promises on the sample park, seed {SEED}, one gunicorn process",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_average": [round(value, 1) for value in load],
        "python": platform.python_version(),
        "django": django.get_version(),
        "calls": measured,
    }
    json.dump(report, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
