"""Keeps a firm's own books (an SQLite file in place of an ERP) and the park in step. Standard library only.

    PARK_URL=http://127.0.0.1:8000 PARK_KEY=mes_… python3 erp_sync.py books.sqlite

The ERP writes `book_order` and `book_line` and sets `dirty`; this loop writes the other columns and `park_order`. It
may be stopped at any moment and started again: an order that was sent twice is the same order, and the cursor is stored
with what it stands for.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

PAUSE_S = 5.0
PATIENCE_S = 30
PAUSES_S = (1.0, 3.0, 10.0)

BOOKS = """
CREATE TABLE IF NOT EXISTS book_order (
    number TEXT PRIMARY KEY, customer TEXT NOT NULL, dirty INTEGER NOT NULL DEFAULT 1, park_id TEXT, refused TEXT
);
CREATE TABLE IF NOT EXISTS book_line (
    order_number TEXT NOT NULL REFERENCES book_order, number TEXT NOT NULL, item TEXT NOT NULL, pieces INTEGER NOT NULL,
    due_at TEXT NOT NULL, consent TEXT NOT NULL DEFAULT 'never', PRIMARY KEY (order_number, number)
);
CREATE TABLE IF NOT EXISTS park_order (park_id TEXT PRIMARY KEY, status TEXT NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Refused(Exception):
    """The park says no; `problem` is its application/problem+json."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem = status, problem
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")

    def in_words(self) -> str:
        """What a clerk can act on: each field with its rule."""
        errors = self.problem.get("errors") or [{"pointer": "", "detail": self.problem.get("detail", "")}]
        return "; ".join(f"{error['pointer']} {error['detail']}".strip() for error in errors)


class Park:
    """The API, called with patience: who is asked to wait waits. All calls here may be repeated without harm."""

    def __init__(self, address: str, key: str) -> None:
        parts = urlsplit(address)
        self._connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host = parts.netloc
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept-Language": "en"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's body. Raises Refused for what waiting does not mend, OSError when the park cannot be reached."""
        content = None if body is None else json.dumps(body).encode()
        for pause_s in (*PAUSES_S, None):
            connection = self._connect(self._host, timeout=PATIENCE_S)
            try:
                connection.request(method, path, content, self._headers)
                response = connection.getresponse()
                answer = json.loads(response.read() or b"null")
            finally:
                connection.close()
            if response.status < 400:
                return answer
            if response.status not in {429, 503} or pause_s is None:
                raise Refused(response.status, answer)
            said = response.headers.get("Retry-After", "")
            time.sleep(min(int(said), PATIENCE_S) if said.isdigit() else pause_s)
        raise AssertionError("the last try returns or raises")


def send(park: Park, books: sqlite3.Connection) -> int:
    """Takes each changed order to the park under its own number; what is refused is written beside it."""
    changed = books.execute("SELECT number, customer FROM book_order WHERE dirty ORDER BY number").fetchall()
    for number, customer in changed:
        lines = books.execute(
            "SELECT order_number || '/' || number, item, pieces, due_at, consent"
            " FROM book_line WHERE order_number = ? ORDER BY number",
            [number],
        )
        names = ("external_ref", "item_number", "pieces", "due_at", "consent")
        body = {"customer_name": customer, "lines": [dict(zip(names, line, strict=True)) for line in lines]}
        try:
            order = park.call("PUT", f"/api/v1/sales-orders/by-ref/{quote(number, safe='')}", body)
            outcome = (order["id"], None)
        except Refused as refused:
            outcome = (None, refused.in_words())
        books.execute(
            "UPDATE book_order SET dirty = 0, park_id = coalesce(?, park_id), refused = ? WHERE number = ?",
            [*outcome, number],
        )
        books.commit()
    return len(changed)


def receive(park: Park, books: sqlite3.Connection) -> int:
    """Brings home which orders became otherwise; the cursor is stored in the transaction of what it stands for."""
    received = 0
    while True:
        row = books.execute("SELECT value FROM memory WHERE name = 'cursor'").fetchone()
        query = {"kinds": "sales_order", "limit": "200", **({"since": row[0]} if row else {"start": "beginning"})}
        try:
            page = park.call("GET", f"/api/v1/changes?{urlencode(query)}")
        except Refused as refused:
            if refused.problem.get("code") != "cursor_expired":
                raise
            books.execute("DELETE FROM memory WHERE name = 'cursor'")
            continue
        for change in page["results"]:
            _take(park, books, change)
        books.execute("INSERT OR REPLACE INTO memory VALUES ('cursor', ?)", [page["next_cursor"]])
        books.commit()
        received += len(page["results"])
        if not page["results"]:
            return received


def _take(park: Park, books: sqlite3.Connection, change: dict[str, Any]) -> None:
    """The order as it is now; one that is gone by now is deleted here too."""
    order = None
    if not change["deleted"]:
        try:
            order = park.call("GET", change["address"])
        except Refused as refused:
            if refused.status != 404:
                raise
    if order is None:
        books.execute("DELETE FROM park_order WHERE park_id = ?", [change["id"]])
    else:
        row = [order["id"], order["status"], json.dumps(order, ensure_ascii=False)]
        books.execute("INSERT OR REPLACE INTO park_order VALUES (?, ?, ?)", row)


def main() -> None:
    """Both ways, every few seconds; `--once` for a single round."""
    park = Park(os.environ["PARK_URL"], os.environ["PARK_KEY"])
    books = sqlite3.connect(sys.argv[1])
    books.executescript(BOOKS)
    while True:
        try:
            print(f"sent {send(park, books)}, received {receive(park, books)}", flush=True)
        except (OSError, HTTPException, Refused) as error:
            books.rollback()
            print(f"later: {error}", flush=True)
        if "--once" in sys.argv:
            return
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
