"""Programs of three firms call the web: one orders and plans, the rivals find nothing of it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PRODUCT = "PAVE-40"
PLANNED_WITHIN_S = 120.0
LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Program:
    """Calls the API at `api` with a firm's key."""

    api: str
    key: str

    def call(self, address: str, body: Any = None, *, told: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """A GET, or a POST of `body`. Status and answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **(told or {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.api}/{address}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def must(self, address: str, body: Any = None, *, status: int = 200, told: Mapping[str, str] | None = None) -> Any:
        """The answer. Raises AssertionError for another status."""
        got, answer = self.call(address, body, told=told)
        assert got == status, f"{address}: {got} {answer}"
        return answer


def tell(api: str, keys: Mapping[str, str]) -> dict[str, int]:
    """The story. Returns its figures; raises AssertionError, naming the call, where it goes another way."""
    giver, doer, other = (Program(api, keys[name]) for name in ("GIVER_KEY", "DOER_KEY", "OTHER_KEY"))
    third = other.must("me")["firm"]["code"]
    proposals = giver.must("proposals?limit=200")["results"]
    proposal = next(row["id"] for row in proposals if row["other_firm"] != third)
    refusals = _not_found(other, f"proposals/{proposal}")
    order = _order(giver)
    refusals += _not_found(doer, f"sales-orders/{order}") + _not_found(other, f"sales-orders/{order}")
    giver.must(f"sales-orders/{order}/confirm", {})
    refusals += _not_found(other, f"sales-orders/{order}/confirm", {})
    run = giver.must("plan-runs", {"scope": "firm_alone"}, status=202)["id"]
    refusals += _not_found(other, f"plan-runs/{run}")
    alone_s = _seconds_until(
        "the firm has no plan of its own in time", lambda: giver.must(f"plan-runs/{run}")["state"] == "candidate"
    )
    park_s = _seconds_until(
        "the order is in no published plan in time", lambda: _line(giver, order)["plan_state"] != "unplanned"
    )
    rows = doer.must("plan-rows?limit=1")["results"]
    assert rows
    refusals += _not_found(other, f"plan-rows/{rows[0]['id']}")
    return {"plan_alone_s": round(alone_s), "plan_park_s": round(park_s), "not_found": refusals}


def _order(giver: Program) -> str:
    """Posted twice under one key: one order."""
    line = {"product_code": PRODUCT, "pieces": 24, "due_at": "2026-08-31T17:00:00+08:00", "consent": "allowed"}
    body = {"customer_name": "客户甲", "external_ref": "SMOKE-1", "lines": [line]}
    first, again = (
        giver.must("sales-orders", body, status=201, told={"Idempotency-Key": "smoke-1"}) for _time in range(2)
    )
    assert first == again
    return str(first["id"])


def _line(program: Program, order: str) -> Any:
    return program.must(f"sales-orders/{order}")["lines"][0]


def _not_found(program: Program, address: str, body: Any = None) -> int:
    status, answer = program.call(address, body)
    assert status == 404, f"{address}: {status} {answer}"
    return 1


def _seconds_until(what: str, condition: Callable[[], bool]) -> float:
    started_s = time.monotonic()
    while not condition():
        assert time.monotonic() - started_s < PLANNED_WITHIN_S, what
        time.sleep(LOOK_EVERY_S)
    return time.monotonic() - started_s
