"""What firms' programs call in the benchmark of the API: lists, details and writes over the rows of an order book.

Needs Django set up; the topology does that.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from mes.core.api.paging import cursor_after
from mes.core.clock import database_now
from mes.embedded.ports import LOOPBACK
from tests.benchmarks.open_loop import Call, arrivals
from tests.benchmarks.order_book import DAYS, Sql
from tests.factories import a_firm, a_product, an_api_key

LIST, DETAIL, CREATE, CHANGE = "list", "detail", "write create", "write change"
SHARES = {LIST: 70, DETAIL: 20, CREATE: 5, CHANGE: 5}
BASE = "/api/v1/"

# Some orders at random; the caller is their firm, so that large firms call more often than small ones.
_SOME = """
    SELECT firm_id::text, id, ordered_on, NULL::uuid FROM sales_salesorder ORDER BY random() LIMIT %s
"""
_SOME_OPEN = """
    SELECT o.firm_id::text, o.id, o.ordered_on, l.id FROM sales_salesorder AS o
      JOIN sales_salesorderline AS l ON l.order_id = o.id AND l.number = 1
     WHERE o.status IN ('draft', 'confirmed', 'planned') AND l.due_at > now() + interval '1 day'
     ORDER BY random() LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a firm (its id as text), and of some the first line."""

    firm_id: str
    order_id: UUID
    ordered_on: date
    line_id: UUID | None


@dataclass(frozen=True, slots=True)
class Programs:
    """A program of each firm. `keys`: the headers that name it, by the firm's id. `now`: about when they call."""

    keys: dict[str, dict[str, str]]
    product_code: str
    now: datetime

    @classmethod
    def of(cls, firms: int) -> Programs:
        """So many fresh firms."""
        product = a_product()
        made = [a_firm(f"F{number:02}") for number in range(1, firms + 1)]
        return cls({str(firm.pk): an_api_key(firm) for firm in made}, product.code, database_now())

    def calls(self, owner: Sql, port: int, *, rate: float, seconds: float, seed: int) -> list[tuple[float, str, str]]:
        """The calls of one run, as the open loop takes them. Reads what is to be changed, for its ETag."""
        chance = random.Random(seed)
        moments = arrivals(rate=rate, seconds=seconds, chance=chance)
        kinds = chance.choices(list(SHARES), weights=list(SHARES.values()), k=len(moments))
        owner.execute("SELECT setseed(%s)", [seed / 1000])
        orders = iter([Order(*row) for row in owner.execute(_SOME, [len(moments)]).fetchall()])
        changed = iter([Order(*row) for row in owner.execute(_SOME_OPEN, [kinds.count(CHANGE)]).fetchall()])
        found = []
        for at_s, kind in zip(moments, kinds, strict=True):
            order = next(changed if kind == CHANGE else orders)
            found.append(self._call(at_s, kind, order, port, chance))
        return [(call.at_s, call.kind, call.request) for call in found]

    def _call(self, at_s: float, kind: str, order: Order, port: int, chance: random.Random) -> Call:
        if kind == LIST:
            way, query = chance.choice(list(_queries(order, self.now, chance).items()))
            return Call(at_s, f"{LIST} {way}", self._request("GET", f"sales-orders?{urlencode(query)}", order))
        address = f"sales-orders/{order.order_id}"
        if kind == DETAIL:
            return Call(at_s, kind, self._request("GET", address, order))
        once = {"Idempotency-Key": str(uuid4())}
        if kind == CREATE:
            return Call(at_s, kind, self._request("POST", "sales-orders", order, self._new_order(chance), once))
        headers = once | {"If-Match": self._tag(port, address, order)}
        body = {"pieces": chance.randrange(500, 1000)}
        return Call(at_s, kind, self._request("PATCH", f"sales-order-lines/{order.line_id}", order, body, headers))

    def _new_order(self, chance: random.Random) -> dict[str, Any]:
        due_at = self.now.replace(microsecond=0) + timedelta(days=30)
        line = {"product_code": self.product_code, "due_at": due_at.isoformat(), "price_cny_per_t": "15800.00"}
        lines = [line | {"pieces": chance.randrange(5, 400)} for _number in range(chance.choice((1, 1, 2, 3)))]
        return {"customer_name": f"客户{chance.randrange(500)}", "external_ref": uuid4().hex, "lines": lines}

    def _tag(self, port: int, address: str, order: Order) -> str:
        connection = HTTPConnection(LOOPBACK, port, timeout=30)
        connection.request("GET", BASE + address, headers=self.keys[order.firm_id])
        answer = connection.getresponse()
        answer.read()
        tag = answer.headers["ETag"]
        connection.close()
        return str(tag)

    def _request(
        self, method: str, address: str, order: Order, body: Any = None, more: dict[str, str] | None = None
    ) -> str:
        content = "" if body is None else json.dumps(body)
        headers = {"Host": LOOPBACK, **self.keys[order.firm_id], **(more or {})}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(content.encode()))}
        lines = [f"{method} {BASE}{address} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines) + "\r\n\r\n" + content


def _queries(order: Order, now: datetime, chance: random.Random) -> dict[str, dict[str, str]]:
    """The ways in which lists are asked for, each as often as another; pages have the usual number of rows."""
    due_from = now + timedelta(days=chance.randrange(-DAYS, 40))
    since = now - timedelta(minutes=chance.randrange(5, 24 * 60))
    return {
        "first page": {},
        "later page": {"cursor": cursor_after(order.ordered_on, order.order_id)},
        "by status": {"status": chance.choice(("confirmed", "planned", "in_production"))},
        "by due date": {
            "due_from": due_from.isoformat(timespec="seconds"),
            "due_before": (due_from + timedelta(days=7)).isoformat(timespec="seconds"),
        },
        "what changed": {"updated_since": since.isoformat(timespec="seconds")},
    }
